"""Making a demo: a municipality as source files, imported through the real pipeline, two services, and some codes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from flask import Flask
from flask_babel import Babel, force_locale

from admin_ui.demo.chance import Chance
from admin_ui.demo.folder import DemoLogin, DemoState, write_private
from admin_ui.demo.laeringsportalen.looks import LOOKS
from admin_ui.demo.municipality import plan_municipality
from admin_ui.demo.schools import plan_schools
from admin_ui.demo.source_xml import write_files
from idp.bootstrap import wire
from idp.errors import SkolepasError
from idp.keyring import NamedKeys, make_keyring, write_keyring
from idp.outside.sealing import keyed_digest
from idp.settings import load_settings
from idp.store.installation import mark_as_demo
from idp.store.schema import upgrade
from idp.store.school_lookup import username_of_contact, username_of_local
from idp.usecases.codes import issue_code
from idp.usecases.institutions import approve_source, register_institution
from idp.usecases.services import register_oidc
from idp.web.picture_words import word
from sync.pipeline import import_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from admin_ui.demo.folder import DemoFolder
    from admin_ui.demo.municipality import DemoMunicipality, DemoPersona
    from idp.usecases.system import System

SCHOOL_YEAR_BEGINS: Final = 8
"""August."""


class DemoFault(SkolepasError):
    """The demo could not be made as it should be: a fault of ours."""


class Progress(Protocol):
    """Somebody who wants to know how far it is."""

    def __call__(self, stage: str, done: int, of: int) -> None:
        """Hear of ``done`` of ``of`` in ``stage``: ``draw``, ``write`` or ``import``."""
        ...


@dataclass(frozen=True)
class BuiltDemo:
    """What was made."""

    people: int
    institutions: int


def build(folder: DemoFolder, *, people: int, seed: int, port: int, progress: Progress) -> BuiltDemo:
    """Make a whole demo in an empty folder. Raises :class:`DemoFault` when the import does not take everybody."""
    folder.write_settings(port)
    # Usernames and codes repeat with the seed too: they are printed anyway, and nobody but this machine can come. The
    # import takes contacts in the order of their CPR numbers' index, so the key of that repeats as well.
    index_key = keyed_digest(b"skolepas demo", str(seed))
    write_keyring(replace(make_keyring(), cpr_index=NamedKeys({"1": index_key})), folder.secrets)
    system = replace(wire(load_settings(folder.settings)), draw=Chance(seed).below)
    try:
        upgrade(system.database)
        mark_as_demo(system.database)
        progress("draw", 0, 1)
        municipality = plan_municipality(people=people, seed=seed, school_year=_school_year(system))
        progress("draw", 1, 1)
        files = write_files(
            municipality,
            folder.sources,
            source_datetime=system.now(),
            progress=lambda done, of: progress("write", done, of),
        )
        _register_institutions(system, municipality, people)
        _import(system, files, progress)
        _register_services(system, folder)
        drawing_codes = replace(system, draw=Chance(seed).below)
        folder.write(DemoState(people=people, seed=seed, port=port), _issue_codes(drawing_codes, municipality))
    finally:
        system.database.close()
    return BuiltDemo(municipality.people, len(municipality.institutions))


def _school_year(system: System) -> str:
    today = system.now()
    begins = today.year if today.month >= SCHOOL_YEAR_BEGINS else today.year - 1
    return f"{begins}-{begins + 1}"


def _register_institutions(system: System, municipality: DemoMunicipality, people: int) -> None:
    sources = {plan.institution.number: plan.source for plan in plan_schools(people)}
    with system.database.writing() as db:
        for one in municipality.institutions:
            register_institution(db, system, one.number, one.name, one.kind, municipality=municipality.name)
            approve_source(db, system, one.number, sources[one.number])


def _import(system: System, files: Sequence[Path], progress: Progress) -> None:
    for number, file in enumerate(files, start=1):
        report = import_file(system, file)
        if not report.is_well or report.rejections:
            raise DemoFault(f"{file.name} was not imported as a whole: {report.outcome.value}, {report.fault}")
        progress("import", number, len(files))


def _register_services(system: System, folder: DemoFolder) -> None:
    known = {}
    with system.database.writing() as db:
        for look in LOOKS:
            made = register_oidc(
                db, system, look.metadata(system.settings.site.issuer), package=look.package, client_id=look.key
            )
            known[look.key] = {"client_id": made.client_id, "client_secret": made.client_secret}
    write_private(folder.services, json.dumps(known, indent=1))


def _issue_codes(system: System, municipality: DemoMunicipality) -> tuple[DemoLogin, ...]:
    names = {one.number: one.name for one in municipality.institutions}
    with system.database.writing() as db, _danish():
        return tuple(_login(db, system, persona, names) for persona in municipality.personas)


def _login(db: Session, system: System, persona: DemoPersona, names: dict[str, str]) -> DemoLogin:
    username = _username(db, persona)
    if username is None:
        raise DemoFault(f"{persona.key} was not found after the import")
    issued = issue_code(db, system, username)
    code = " · ".join(word(name) for name in issued.pictures) or issued.text
    return DemoLogin(
        key=persona.key,
        who=f"{persona.told_en}, {names[persona.institution_number]}",
        username=username,
        code=code,
        pictures=issued.pictures,
    )


def _username(db: Session, persona: DemoPersona) -> str | None:
    number = persona.institution_number
    if persona.local_person_id is not None:
        return username_of_local(db, number, persona.local_person_id)
    if persona.contact_of is None or persona.relation is None:
        return None
    return username_of_contact(db, number, persona.contact_of, persona.relation)


class _danish:  # noqa: N801 (reads as a context)
    """The words of the pictures in Danish, as the pages say them."""

    def __init__(self) -> None:
        app = Flask("idp")
        Babel(app)
        self._contexts = (app.app_context(), force_locale("da"))

    def __enter__(self) -> None:
        for context in self._contexts:
            context.__enter__()

    def __exit__(self, *raised: object) -> None:
        for context in reversed(self._contexts):
            context.__exit__(*raised)
