"""Short ways to write a source's delivery: SkoleGrunddata import XML, piece by piece, with invented people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from idp.usecases.institutions import approve_source, register_institution
from policies.identifiers import synthetic_cpr
from policies.rules import SyncLimitRule
from policies.vocabulary import Gender
from sync.pipeline import import_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from idp.usecases.system import System
    from sync.report import ImportReport

SOURCE = "Eksempel Elevadministration"
NUMBER = "X00A01"
NAMESPACE = "urn:skolepas:skolegrunddata:import:1"


def cpr(n: int) -> str:
    """Return the ``n``-th test number."""
    return synthetic_cpr(date(2016, 3, 1 + n // 50), n % 50, Gender.FEMALE)


def a_person_element(number: str | None, *, first: str = "Asta", family: str = "Prøvesen", protected: str = "false",
                     alias: tuple[str, str] | None = None, extra: str = "") -> str:  # fmt: skip
    """Return a Person element."""
    parts = [f"<FirstName>{escape(first)}</FirstName>" if first else "", f"<FamilyName>{escape(family)}</FamilyName>"]
    parts += [f"<CivilRegistrationNumber>{number}</CivilRegistrationNumber>"] if number is not None else []
    parts += [extra]
    parts += (
        [f"<AliasFirstName>{alias[0]}</AliasFirstName><AliasFamilyName>{alias[1]}</AliasFamilyName>"] if alias else []
    )
    attribute = f' protected="{protected}"' if protected else ""
    return f"<Person{attribute}>{''.join(parts)}</Person>"


def a_contact_element(number: str | None, *, relation: str = "Mor", custody: str = "true", first: str = "Karen",
                      protected: str = "false", alias: tuple[str, str] | None = None) -> str:  # fmt: skip
    """Return a ContactPerson element."""
    person = a_person_element(number, first=first, protected=protected, alias=alias)
    return f'<ContactPerson relation="{relation}" childCustody="{custody}">{person}</ContactPerson>'


def a_pupil_element(local_id: str, number: str | None, *, level: str = "1", main: str = "1a", role: str = "Elev",
                    groups: Iterable[str] = (), contacts: Iterable[str] = (), **person: object) -> str:  # fmt: skip
    """Return an InstitutionPerson element of a pupil."""
    return (
        f"<InstitutionPerson><LocalPersonId>{local_id}</LocalPersonId>{a_person_element(number, **person)}"  # type: ignore[arg-type]
        f"<Student><Role>{role}</Role><Level>{level}</Level><MainGroupId>{main}</MainGroupId>"
        f"{_group_ids(groups)}{''.join(contacts)}</Student></InstitutionPerson>"
    )


def a_teacher_element(local_id: str, number: str | None, *, roles: Iterable[str] = ("Lærer",),
                      groups: Iterable[str] = (), **person: object) -> str:  # fmt: skip
    """Return an InstitutionPerson element of an employee."""
    said = "".join(f"<Role>{role}</Role>" for role in roles)
    return (
        f"<InstitutionPerson><LocalPersonId>{local_id}</LocalPersonId>{a_person_element(number, **person)}"  # type: ignore[arg-type]
        f"<Employee>{said}{_group_ids(groups)}</Employee></InstitutionPerson>"
    )


def a_group_element(code: str, kind: str = "Hovedgruppe", level: str | None = "1", *, name: str | None = None) -> str:
    """Return a Group element."""
    parts = [f"<GroupId>{code}</GroupId>", f"<GroupName>{name}</GroupName>" if name else ""]
    parts += [f"<GroupType>{kind}</GroupType>", f"<GroupLevel>{level}</GroupLevel>" if level else ""]
    return f"<Group>{''.join(parts)}</Group>"


def a_delivery(*elements: str, at: str = "2026-08-10T06:15:00", number: str = NUMBER, source: str = SOURCE,
               year: str = "2026-2027", namespace: str = NAMESPACE) -> str:  # fmt: skip
    """Return a whole document."""
    declared = f' xmlns="{namespace}"' if namespace else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<UNILoginImport{declared} sourceDateTime="{at}" source="{source}"'
        f' schoolYear="{year}"><Institution><InstitutionNumber>{number}</InstitutionNumber>'
        f"<InstitutionName>Nordlysskolen</InstitutionName>{''.join(elements)}</Institution></UNILoginImport>"
    )


def an_importing_school(system: System, number: str = NUMBER, *sources: str) -> int:
    """Register a school whose source may deliver, and return its id."""
    with system.database.writing() as db:
        school = register_institution(db, system, number, f"Skolen {number}", "grundskole")
        for source in sources or (SOURCE,):
            approve_source(db, system, number, source)
    return school.id


def delivered(system: System, folder: Path, document: str | bytes, *, dry_run: bool = False) -> ImportReport:
    """Import a document as a file."""
    file = folder / "delivery.xml"
    file.write_bytes(document.encode() if isinstance(document, str) else document)
    return import_file(system, file, dry_run=dry_run)


def without_brake(system: System) -> System:
    """Return the system with a brake that holds nothing."""
    limits = SyncLimitRule(ends_share=1.0, ends_free=1_000_000, hold_new_school_year=False)
    return replace(system, rules=replace(system.rules, sync_limits=limits))


def _group_ids(codes: Iterable[str]) -> str:
    return "".join(f"<GroupId>{code}</GroupId>" for code in codes)
