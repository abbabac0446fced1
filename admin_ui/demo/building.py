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
from admin_ui.parts.card_sheet import card_words, print_sheets
from idp.bootstrap import wire
from idp.errors import SkolepasError
from idp.keyring import NamedKeys, make_keyring, write_keyring
from idp.outside.sealing import keyed_digest
from idp.settings import load_settings
from idp.store.installation import mark_as_demo
from idp.store.institutions import find_institution
from idp.store.schema import upgrade
from idp.store.school_lookup import username_of_contact, username_of_local
from idp.usecases.cards import give_card, set_card_rule
from idp.usecases.codes import issue_code
from idp.usecases.institutions import approve_source, register_institution
from idp.usecases.people import find_by_username
from idp.usecases.services import register_oidc
from idp.web.picture_words import word
from policies.cards import card_rule
from sync.pipeline import import_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from admin_ui.demo.folder import DemoFolder
    from admin_ui.demo.municipality import DemoMunicipality, DemoPersona
    from idp.usecases.system import System

_CARRIES_A_CARD: Final = "first-grader"
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
        logins = _issue_codes(drawing_codes, municipality)
        _give_a_card(replace(system, draw=Chance(seed).below), folder, municipality, logins)
        folder.write(DemoState(people=people, seed=seed, port=port), logins)
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


def _give_a_card(
    system: System, folder: DemoFolder, municipality: DemoMunicipality, logins: Sequence[DemoLogin]
) -> None:
    """Let every institution's cards work on this machine at any hour, and print one for the first-grader."""
    anywhere_here = card_rule(
        enabled=True,
        days=range(1, 8),
        opens="00:00",
        closes="23:59",
        networks=["127.0.0.0/8", "::1/128"],
    )
    first_grader = next(login for login in logins if login.key == _CARRIES_A_CARD)
    with system.database.writing() as db:
        for one in municipality.institutions:
            known = find_institution(db, one.number)
            if known is not None:
                set_card_rule(db, system, institution_id=known.id, rule=anywhere_here, set_by=None)
        pupil = find_by_username(db, first_grader.username)
        if pupil is None:
            raise DemoFault(f"{first_grader.username} is gone")
        card = give_card(db, system, person_id=pupil.person_id, given_by=None)
        with _danish("admin_ui"):
            folder.card.touch(mode=0o600)
            folder.card.write_bytes(print_sheets([card], card_words(system.settings.site.name)))


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
    """The words of the pictures in Danish, as the pages say them; or those of the administration's catalogue."""

    def __init__(self, catalogue: str = "idp") -> None:
        app = Flask(catalogue)
        Babel(app)
        self._contexts = (app.app_context(), force_locale("da"))

    def __enter__(self) -> None:
        for context in self._contexts:
            context.__enter__()

    def __exit__(self, *raised: object) -> None:
        for context in reversed(self._contexts):
            context.__exit__(*raised)
