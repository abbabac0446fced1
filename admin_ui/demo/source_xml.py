"""SkoleGrunddata import XML as a school's own system would send it: one file per institution, written as a stream.

Element order follows STIL's field definitions ("Unilogin SkoleGrunddata, feltdefinitioner"). STIL's namespace for the
import document is not public, so ours is used.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final

from lxml import etree

from admin_ui.demo.municipality import MUNICIPALITY, draw_rolls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

    from admin_ui.demo.families import Contact
    from admin_ui.demo.municipality import DemoMunicipality
    from admin_ui.demo.people import DemoPerson, Home
    from admin_ui.demo.roll import Group, Outsider, Pupil, Roll, Worker

NAMESPACE: Final = "urn:skolepas:skolegrunddata:import:1"
SOURCE_VERSION: Final = "1.0"
_MUNICIPALITY_CODE: Final = "999"


def write_files(
    municipality: DemoMunicipality,
    folder: Path,
    *,
    source_datetime: datetime,
    seed: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> tuple[Path, ...]:
    """Write ``<institution number>.xml`` for each institution into ``folder``, which is made if missing.

    Args:
        municipality: from :func:`admin_ui.demo.municipality.plan_municipality`.
        folder: files of the same names are replaced.
        source_datetime: aware; when the source systems made the files.
        seed: the one the municipality was planned with, for those who want to say it twice.
        progress: called with the number of institutions written and of all.

    Returns:
        The files, in the order of ``municipality.institutions``.

    Raises:
        ValueError: a ``source_datetime`` without time zone, or another seed than the plan's.
        OSError: a file cannot be written.
    """
    if source_datetime.tzinfo is None:
        message = "source_datetime needs a time zone"
        raise ValueError(message)
    if seed not in (None, municipality.seed):
        message = "the municipality was planned with another seed: its personas would be other people"
        raise ValueError(message)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for roll in draw_rolls(municipality):
        path = folder / f"{roll.plan.institution.number}.xml"
        with path.open("wb") as stream:
            write_roll(stream, roll, source_datetime=source_datetime, school_year=municipality.school_year)
        paths.append(path)
        if progress is not None:
            progress(len(paths), len(municipality.institutions))
    return tuple(paths)


def write_roll(stream: IO[bytes], roll: Roll, *, source_datetime: datetime, school_year: str) -> None:
    """One institution's document, UTF-8, one line for each group and person."""
    attributes = {
        "sourceDateTime": source_datetime.isoformat(timespec="seconds"),
        "source": roll.plan.source,
        "schoolYear": school_year,
        "sourceVersion": SOURCE_VERSION,
    }
    with etree.xmlfile(stream, encoding="UTF-8") as xml:
        xml.write_declaration()
        document = _Document(xml)
        root = xml.element(_tag("UNILoginImport"), attributes, nsmap={None: NAMESPACE})
        with root, xml.element(_tag("Institution")):
            document.institution(roll)


class _Document:
    def __init__(self, xml: Any) -> None:  # noqa: ANN401 (lxml names no type for its incremental writer)
        self._xml = xml
        self._tags: dict[str, str] = {}

    def institution(self, roll: Roll) -> None:
        self._line()
        self._leaf("InstitutionNumber", roll.plan.institution.number)
        self._leaf("InstitutionName", roll.plan.institution.name)
        self._line()
        for group in roll.groups:
            self._group(group)
        for pupil in roll.pupils:
            self._pupil(pupil)
        for worker in roll.workers:
            self._worker(worker)
        for outsider in roll.outsiders:
            self._outsider(outsider)

    def _line(self) -> None:
        self._xml.write("\n")

    def _leaf(self, name: str, text: str | None) -> None:
        """An element with text; none where there is no text."""
        if text:
            with self._element(name):
                self._xml.write(text)

    def _group(self, group: Group) -> None:
        with self._element("Group"):
            self._leaf("GroupId", group.group_id)
            self._leaf("GroupName", group.name)
            self._leaf("GroupType", group.group_type)
            self._leaf("GroupLevel", group.level)
            self._leaf("Line", group.line)
            self._leaf("FromDate", group.start.isoformat() if group.start else None)
            self._leaf("ToDate", group.end.isoformat() if group.end else None)
        self._line()

    def _pupil(self, pupil: Pupil) -> None:
        with self._element("InstitutionPerson"):
            self._leaf("LocalPersonId", pupil.local_id)
            self._person(pupil.person)
            with self._element("Student"):
                self._leaf("Role", pupil.role)
                self._leaf("StudentNumber", pupil.local_id.removeprefix("el-"))
                self._leaf("Level", pupil.level)
                self._leaf("MainGroupId", pupil.main_group)
                self._groups(pupil.groups)
                for contact in pupil.contacts:
                    self._contact(contact)
        self._line()

    def _worker(self, worker: Worker) -> None:
        with self._element("InstitutionPerson"):
            self._leaf("LocalPersonId", worker.local_id)
            self._person(worker.person)
            with self._element("Employee"):
                for role in worker.roles:
                    self._leaf("Role", role)
                self._leaf("ShortName", worker.short_name)
                self._leaf("Occupation", worker.occupation)
                self._groups(worker.groups)
        self._line()

    def _outsider(self, outsider: Outsider) -> None:
        with self._element("InstitutionPerson"):
            self._leaf("LocalPersonId", outsider.local_id)
            self._person(outsider.person)
            with self._element("Extern"):
                self._leaf("Role", outsider.role)
                self._groups(outsider.groups)
        self._line()

    def _contact(self, contact: Contact) -> None:
        attributes = {"relation": str(contact.relation), "childCustody": _boolean(value=contact.custody)}
        with self._element("ContactPerson", attributes):
            self._person(contact.person)

    def _person(self, person: DemoPerson) -> None:
        with self._element("Person", {"protected": _boolean(value=person.protected)}):
            self._leaf("FirstName", person.given)
            self._leaf("FamilyName", person.family)
            self._leaf("CivilRegistrationNumber", person.cpr)
            self._leaf("EmailAddress", person.email)
            self._leaf("BirthDate", person.born.isoformat())
            self._leaf("Gender", person.gender)
            self._address(person.home)
            self._telephone("HomePhoneNumber", person.phone, person)
            self._telephone("MobilePhoneNumber", person.mobile, person)
            self._leaf("AliasFirstName", person.alias_given)
            self._leaf("AliasFamilyName", person.alias_family)

    def _address(self, home: Home | None) -> None:
        if home is None:
            return
        with self._element("Address"):
            self._leaf("StreetAddress", home.street)
            self._leaf("PostalCode", home.postal_code)
            self._leaf("PostalDistrict", home.town)
            self._leaf("CountryCode", "DK")
            self._leaf("MunicipalityCode", _MUNICIPALITY_CODE)
            self._leaf("MunicipalityName", MUNICIPALITY)

    def _telephone(self, name: str, number: str | None, person: DemoPerson) -> None:
        if number:
            with self._element(name, {"protected": _boolean(value=person.protected)}):
                self._xml.write(number)

    def _groups(self, groups: Iterable[str]) -> None:
        for group in groups:
            self._leaf("GroupId", group)

    def _element(self, name: str, attributes: dict[str, str] | None = None) -> Any:  # noqa: ANN401 (as above)
        tag = self._tags.get(name) or self._tags.setdefault(name, _tag(name))
        return self._xml.element(tag, attributes)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _boolean(*, value: bool) -> str:
    return "true" if value else "false"
