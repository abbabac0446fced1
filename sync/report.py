"""What came of a delivery, as data and as text. Faults are worded in Danish and English, without names or numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Final

from policies.vocabulary import ActorGroup, Reason
from sync.records import About, Fault, Rejection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from idp.usecases.roster_plan import Body, Key, Part, RosterPlan


@unique
class Outcome(StrEnum):
    """How a delivery ended. The values of ``sync_run.status``, and ``planned`` for a dry run."""

    APPLIED = "applied"
    APPROVED = "approved"
    UNCHANGED = "unchanged"
    PLANNED = "planned"
    HELD = "held"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """One file's report. ``people`` counts InstitutionPersons and their contacts, each time they are named."""

    file_name: str
    outcome: Outcome
    institution: str = ""
    source: str = ""
    run_id: int | None = None
    plan: RosterPlan | None = None
    rejections: tuple[Rejection, ...] = ()
    fault: Fault | None = None
    fault_detail: str = ""
    held_for: Reason | None = None
    people: int = 0
    accounts_made: int = 0
    accounts_attached: int = 0

    @property
    def is_well(self) -> bool:
        """Whether nobody needs to do anything about the file as a whole."""
        return self.outcome not in {Outcome.HELD, Outcome.REJECTED}


SENTENCES: Final[Mapping[Fault, tuple[str, str]]] = {
    Fault.FILE_UNREADABLE: ("Filen kan ikke læses.", "The file cannot be read."),
    Fault.NOT_XML: ("Filen er ikke gyldig XML, eller den er afbrudt.", "The file is not XML, or it is cut off."),
    Fault.ENCODING: ("Filens tegnsæt kan ikke bruges; brug UTF-8.", "The file's encoding cannot be used; use UTF-8."),
    Fault.DOCTYPE: ("Filen har en DOCTYPE, og det er ikke tilladt.", "The file has a DOCTYPE, which is not allowed."),
    Fault.WRONG_ROOT: ("Filen er ikke et UNILoginImport.", "The file is no UNILoginImport."),
    Fault.ELEMENT_NOT_ALLOWED: (
        "Filen har et element, hvor der ikke må være noget.",
        "The file has an element where none is allowed.",
    ),
    Fault.RECORD_TOO_LARGE: ("En enkelt post i filen er for stor.", "A single record of the file is too large."),
    Fault.ATTRIBUTE_MISSING: ("En oplysning om filen mangler.", "Something about the file is missing."),
    Fault.SOURCE_DATETIME_FORM: ("sourceDateTime er ikke et tidspunkt.", "sourceDateTime is not a time."),
    Fault.SOURCE_DATETIME_AHEAD: (
        "Filens sourceDateTime ligger mere end et år ude i fremtiden.",
        "The file's sourceDateTime lies more than a year ahead.",
    ),
    Fault.SOURCE_DATETIME_NOT_NEWER: (
        "Filens sourceDateTime er ikke nyere end den sidst indlæste fils.",
        "The file's sourceDateTime is not newer than that of the last file loaded.",
    ),
    Fault.SCHOOL_YEAR_FORM: ("schoolYear er ikke et skoleår.", "schoolYear is not a school year."),
    Fault.NO_INSTITUTION: ("Filen nævner ingen institution.", "The file names no institution."),
    Fault.TWO_INSTITUTIONS: ("Filen rummer flere institutioner.", "The file holds more than one institution."),
    Fault.UNKNOWN_INSTITUTION: (
        "Institutionen er ikke oprettet (skolepas institutions add).",
        "The institution is not registered (skolepas institutions add).",
    ),
    Fault.UNKNOWN_SOURCE: (
        "Kilden er ikke godkendt til institutionen (skolepas institutions approve-source).",
        "The source is not approved for the institution (skolepas institutions approve-source).",
    ),
    Fault.CHANGED_MEANWHILE: (
        "En anden fil blev indlæst imens; send filen igen.",
        "Another file was loaded meanwhile; send the file again.",
    ),
    Fault.VALUE_MISSING: ("En oplysning mangler.", "A value is missing."),
    Fault.VALUE_TOO_LONG: ("En oplysning er for lang.", "A value is too long."),
    Fault.VALUE_NOT_KNOWN: ("En oplysning har en ukendt værdi.", "A value is not one of those known."),
    Fault.VALUE_UNPRINTABLE: (
        "En oplysning har tegn, som styrer skærmen og ikke kan ses.",
        "A value has characters that steer the screen and cannot be seen.",
    ),
    Fault.VALUE_REPEATED: ("En oplysning er givet flere gange.", "A value is given more than once."),
    Fault.CPR_MISSING: ("CPR-nummeret mangler.", "The CPR number is missing."),
    Fault.CPR_WRONG: ("CPR-nummeret er forkert.", "The CPR number is wrong."),
    Fault.CPR_UNEXPECTED: (
        "Ikke forventet CPR til localPersonID.",
        "The LocalPersonId was delivered with another CPR number before.",
    ),
    Fault.LOCAL_ID_IS_CPR: ("LocalPersonId er personens CPR-nummer.", "The LocalPersonId is the person's CPR number."),
    Fault.LOCAL_ID_TWICE: ("LocalPersonId findes flere gange i filen.", "The LocalPersonId is in the file twice."),
    Fault.ALIAS_MISSING: (
        "Personen har navne- og adressebeskyttelse, men intet alias.",
        "The person's name and address are protected, and there is no alias.",
    ),
    Fault.NO_ROLE_KIND: (
        "Personen skal være netop én af elev, medarbejder og ekstern.",
        "The person must be exactly one of pupil, employee and external.",
    ),
    Fault.MAIN_GROUP_NOT_CLASS: ("MainGroupId er ikke en Hovedgruppe.", "MainGroupId does not name a Hovedgruppe."),
    Fault.CONTACT_IS_PUPIL: ("Kontaktpersonen er eleven selv.", "The contact is the pupil."),
    Fault.CONTACT_TWICE: ("Kontaktpersonen er nævnt to gange.", "The contact is named twice."),
    Fault.GROUP_TWICE: ("Gruppen findes flere gange i filen.", "The group is in the file twice."),
    Fault.GROUP_LEVEL_MISSING: ("En Hovedgruppe skal have GroupLevel.", "A Hovedgruppe must have a GroupLevel."),
    Fault.GROUP_LEVEL_FORBIDDEN: (
        "Kun en Hovedgruppe må have GroupLevel.",
        "Only a Hovedgruppe may have a GroupLevel.",
    ),
}
"""Danish and English for every fault."""

HELD: Final[Mapping[Reason, tuple[str, str]]] = {
    Reason.SYNC_ENDS_TOO_MANY: (
        "Filen ville afslutte usædvanligt mange tilknytninger.",
        "The file would end unusually many attachments.",
    ),
    Reason.SYNC_NEW_SCHOOL_YEAR: ("Filen begynder et nyt skoleår.", "The file begins a new school year."),
}
_WHAT: Final = {About.PERSON: "person", About.CONTACT: "contact of", About.GROUP: "group"}


def report_lines(report: ImportReport, *, details: bool = False) -> Iterator[str]:
    """Yield the report as plain text; with ``details`` a line for everything that the plan does."""
    head = f"{report.file_name}: {report.outcome.value}"
    if report.institution:
        head += f" ({report.institution}, {report.source})"
    yield head if report.run_id is None else f"{head}, run {report.run_id}"
    if report.fault is not None:
        yield f"  {_sentence(SENTENCES[report.fault], report.fault_detail)}"
    if report.held_for is not None:
        yield f"  {_sentence(HELD[report.held_for])}"
    if report.held_for is not None and report.run_id is not None:
        yield f"  skolepas import --approve {report.run_id} --by USERNAME"
    for rejection in report.rejections:
        yield f"  left out: {rejection_line(rejection)}"
    if report.plan is not None:
        yield from (f"  {line}" for line in plan_lines(report.plan, details=details))


def rejection_line(rejection: Rejection) -> str:
    """Return one line about a record that was left out."""
    who = rejection.local_id or f"no. {rejection.position}"
    return f"{_WHAT[rejection.about]} {who}: {_sentence(SENTENCES[rejection.fault], rejection.field)}"


def plan_lines(plan: RosterPlan, *, details: bool) -> Iterator[str]:
    """Yield a plan as plain text: how many of each kind, then everything by LocalPersonId. No names, no numbers."""
    yield from _count_lines(plan)
    if details:
        yield from _part_lines(plan.groups, _group_name)
        yield from _part_lines(plan.records, _record_name)
        yield from _part_lines(plan.memberships, lambda key: f"{_record_name(key[:2])} in {key[2]}")
        yield from _part_lines(plan.ties, lambda key: f"{_contact_name(key[1])} of {key[0]}")


def _count_lines(plan: RosterPlan) -> Iterator[str]:
    if plan.is_empty:
        yield "no changes"
        return
    yield _counts("groups", len(plan.groups.added), len(plan.groups.changed), len(plan.groups.ended))
    kinds = [Counter(row.key[0] for row in rows) for rows in (plan.records.added, plan.records.changed)]
    ended = Counter(row.key[0] for row in plan.records.ended)
    for kind in ActorGroup:
        yield _counts(kind.value, kinds[0][kind.value], kinds[1][kind.value], ended[kind.value])
    for name, part in (("memberships", plan.memberships), ("contact ties", plan.ties)):
        yield _counts(name, len(part.added), len(part.changed), len(part.ended))


def _counts(name: str, added: int, changed: int, ended: int) -> str:
    return f"{name:<14}{added:>7} new {changed:>7} changed {ended:>7} ended"


def _part_lines(part: Part, name: Callable[[Key], str]) -> Iterator[str]:
    yield from (f"+ {name(row.key)}" for row in part.added)
    yield from (f"~ {name(row.key)}: {', '.join(_differing(row.before, row.body))}" for row in part.changed)
    yield from (f"- {name(row.key)}" for row in part.ended)


def _differing(before: Body, after: Body) -> list[str]:
    return sorted(field for field in before.keys() | after.keys() if before.get(field) != after.get(field))


def _group_name(key: Key) -> str:
    return f"group {key[0]}"


def _record_name(key: Key) -> str:
    return _contact_name(key[1]) if key[0] == ActorGroup.CONTACT else f"{key[0]} {key[1]}"


def _contact_name(local_id: str) -> str:
    return f"{ActorGroup.CONTACT.value} {local_id[:8]}"


def _sentence(both: tuple[str, str], detail: str = "") -> str:
    named = f" ({detail})" if detail else ""
    return f"{both[0]} / {both[1]}{named}"
