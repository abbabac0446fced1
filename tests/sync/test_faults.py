"""What is wrong with one person leaves that person out, with a reason in two languages, and the rest goes on."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from idp.store.affiliations import Affiliation
from idp.store.people import Person, SchoolRecord
from idp.store.sync_runs import SyncRun
from sync.pipeline import import_file
from sync.read.skolegrunddata_xml import read
from sync.records import About, Fault, Member, RawGroup, RawPerson, Rejection
from sync.report import SENTENCES, Outcome, rejection_line, report_lines
from sync.validate import Expected, check_group, check_person
from tests.recipes.deliveries import (
    a_contact_element,
    a_delivery,
    a_group_element,
    a_pupil_element,
    a_teacher_element,
    an_importing_school,
    cpr,
    delivered,
)

if TYPE_CHECKING:
    from pathlib import Path

    from idp.usecases.system import System

NUMBER = cpr(7)
LONG = "ø" * 128  # 256 bytes of UTF-8
AT_TWO, AT_THREE = "2026-09-01T06:00:00", "2026-10-01T06:00:00"

UNFIT: dict[str, tuple[str, Fault]] = {
    "no CPR number": (a_pupil_element("el-7", None), Fault.CPR_MISSING),
    "an empty CPR number": (a_pupil_element("el-7", ""), Fault.CPR_MISSING),
    "too few digits": (a_pupil_element("el-7", "010203123"), Fault.CPR_WRONG),
    "a hyphen": (a_pupil_element("el-7", f"{NUMBER[:6]}-{NUMBER[6:]}"), Fault.CPR_WRONG),
    "no day": (a_pupil_element("el-7", "3113001234"), Fault.CPR_WRONG),
    "a day that is not in that year": (a_pupil_element("el-7", "2902151234"), Fault.CPR_WRONG),
    "a CPR number as local id": (a_pupil_element(NUMBER, NUMBER), Fault.LOCAL_ID_IS_CPR),
    "no local id": (a_pupil_element("", NUMBER), Fault.VALUE_MISSING),
    "a local id of somebody before": (a_pupil_element("el-1", NUMBER), Fault.LOCAL_ID_TWICE),
    "protection without alias": (a_pupil_element("el-7", NUMBER, protected="true"), Fault.ALIAS_MISSING),
    "protection with half an alias": (
        a_pupil_element("el-7", NUMBER, protected="true", alias=("Kim", "")), Fault.ALIAS_MISSING
    ),
    "nothing about protection": (a_pupil_element("el-7", NUMBER, protected=""), Fault.VALUE_MISSING),
    "protection that is neither": (a_pupil_element("el-7", NUMBER, protected="ja"), Fault.VALUE_NOT_KNOWN),
    "no first name": (a_pupil_element("el-7", NUMBER, first=""), Fault.VALUE_MISSING),
    "blanks for a family name": (a_pupil_element("el-7", NUMBER, family="  "), Fault.VALUE_MISSING),
    "a very long name": (a_pupil_element("el-7", NUMBER, first=LONG), Fault.VALUE_TOO_LONG),
    "a name that turns the line around": (
        a_pupil_element("el-7", NUMBER, first="A\u202etsa"), Fault.VALUE_UNPRINTABLE
    ),
    "a name that isolates": (a_pupil_element("el-7", NUMBER, family="B\u2066o"), Fault.VALUE_UNPRINTABLE),
    "a name with a control": (a_pupil_element("el-7", NUMBER, first="A\x9b31mta"), Fault.VALUE_UNPRINTABLE),
    "a local id with a control": (a_pupil_element("el\x9b7", NUMBER), Fault.VALUE_UNPRINTABLE),
    "two first names": (
        a_pupil_element("el-7", NUMBER, extra="<FirstName>Bo</FirstName>"), Fault.VALUE_REPEATED
    ),
    "a third gender": (a_pupil_element("el-7", NUMBER, extra="<Gender>X</Gender>"), Fault.VALUE_NOT_KNOWN),
    "a birthday that is none": (
        a_pupil_element("el-7", NUMBER, extra="<BirthDate>2016-02-30</BirthDate>"), Fault.VALUE_NOT_KNOWN
    ),
    "an unknown level": (a_pupil_element("el-7", NUMBER, level="11"), Fault.VALUE_NOT_KNOWN),
    "no level": (a_pupil_element("el-7", NUMBER, level=""), Fault.VALUE_MISSING),
    "an unknown role": (a_pupil_element("el-7", NUMBER, role="Prinsesse"), Fault.VALUE_NOT_KNOWN),
    "a role of staff for a pupil": (a_pupil_element("el-7", NUMBER, role="Lærer"), Fault.VALUE_NOT_KNOWN),
    "a role of pupils for staff": (a_teacher_element("an-7", NUMBER, roles=["Elev"]), Fault.VALUE_NOT_KNOWN),
    "no role": (a_teacher_element("an-7", NUMBER, roles=[]), Fault.VALUE_MISSING),
    "no class": (a_pupil_element("el-7", NUMBER, main=""), Fault.VALUE_MISSING),
    "a team for a class": (a_pupil_element("el-7", NUMBER, main="Kor"), Fault.MAIN_GROUP_NOT_CLASS),
    "pupil and employee at once": (
        a_pupil_element("el-7", NUMBER).replace("</Student>", "</Student><Employee><Role>TAP</Role></Employee>"),
        Fault.NO_ROLE_KIND,
    ),
    "neither pupil nor employee": (
        a_teacher_element("el-7", NUMBER).replace("Employee>", "Assistant>"),
        Fault.NO_ROLE_KIND,
    ),
    "nobody": ("<InstitutionPerson><LocalPersonId>el-7</LocalPersonId></InstitutionPerson>", Fault.VALUE_MISSING),
}  # fmt: skip

UNFIT_CONTACTS: dict[str, tuple[str, Fault]] = {
    "no CPR number": (a_contact_element(None), Fault.CPR_MISSING),
    "a wrong CPR number": (a_contact_element("0000000000"), Fault.CPR_WRONG),
    "an unknown relation": (a_contact_element(cpr(50), relation="Nabo"), Fault.VALUE_NOT_KNOWN),
    "nothing about custody": (a_contact_element(cpr(50), custody=""), Fault.VALUE_MISSING),
    "protection without alias": (a_contact_element(cpr(50), protected="true"), Fault.ALIAS_MISSING),
    "the pupil": (a_contact_element(NUMBER), Fault.CONTACT_IS_PUPIL),
    "somebody named before": (a_contact_element(cpr(60), relation="Far"), Fault.CONTACT_TWICE),
}

UNFIT_GROUPS: dict[str, tuple[str, Fault]] = {
    "a class without level": (a_group_element("9x", level=None), Fault.GROUP_LEVEL_MISSING),
    "a team with a level": (a_group_element("9x", "Team", "9"), Fault.GROUP_LEVEL_FORBIDDEN),
    "an unknown type": (a_group_element("9x", "Flok", None), Fault.VALUE_NOT_KNOWN),
    "an unknown level": (a_group_element("9x", level="11"), Fault.VALUE_NOT_KNOWN),
    "a group named before": (a_group_element("1a", level="2"), Fault.GROUP_TWICE),
    "a very long code": (a_group_element("9" * 101), Fault.VALUE_TOO_LONG),
    "no code": (a_group_element(""), Fault.VALUE_MISSING),
}

GROUPS = a_group_element("1a") + a_group_element("Kor", "Hold", None)
FIRST, LAST = a_pupil_element("el-1", cpr(1)), a_pupil_element("el-9", cpr(9))


def checked(element: str) -> tuple[Member | Rejection, list[Rejection]]:
    """Read and check one person of a file, with the class 1a and the group Kor, and el-1 before."""
    raw = list(read(io.BytesIO(a_delivery(GROUPS, FIRST, element).encode())))[-1]
    assert isinstance(raw, RawPerson)
    types = {"1a": "Hovedgruppe", "Kor": "Hold"}
    return check_person(raw, Expected({}, types, lambda number: number.encode()), {"el-1"})


@pytest.mark.parametrize("name", UNFIT)
def test_a_person_with_a_fault_is_left_out_with_its_reason(name: str) -> None:
    element, fault = UNFIT[name]
    rejected, _ = checked(element)
    assert isinstance(rejected, Rejection)
    assert (rejected.about, rejected.position, rejected.fault) == (About.PERSON, 2, fault)
    assert all(sentence in rejection_line(rejected) for sentence in SENTENCES[fault])
    assert NUMBER not in rejection_line(rejected) + str(rejected.as_json())


@pytest.mark.parametrize("name", UNFIT_CONTACTS)
def test_a_contact_with_a_fault_is_left_out_alone(name: str) -> None:
    element, fault = UNFIT_CONTACTS[name]
    member, left_out = checked(a_pupil_element("el-7", NUMBER, contacts=[a_contact_element(cpr(60)), element]))
    assert isinstance(member, Member)
    assert [(one.about, one.local_id, one.fault) for one in left_out] == [(About.CONTACT, "el-7", fault)]
    assert len(member.contacts) == 1


@pytest.mark.parametrize("name", UNFIT_GROUPS)
def test_a_group_with_a_fault_is_left_out_with_its_reason(name: str) -> None:
    element, fault = UNFIT_GROUPS[name]
    raw = list(read(io.BytesIO(a_delivery(element).encode())))[-1]
    assert isinstance(raw, RawGroup)
    rejected = check_group(raw, {"1a": "Hovedgruppe"})
    assert isinstance(rejected, Rejection)
    assert (rejected.about, rejected.fault) == (About.GROUP, fault)


def test_a_fault_leaves_one_out_and_the_rest_goes_on(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    unfit = [element for element, _ in UNFIT.values()]
    contact, _ = UNFIT_CONTACTS["no CPR number"]
    group, _ = UNFIT_GROUPS["an unknown type"]
    fine = a_pupil_element("el-8", cpr(8), contacts=[contact])
    report = delivered(system, tmp_path, a_delivery(GROUPS, group, FIRST, *unfit, fine, LAST))
    faults = [fault for _, fault in UNFIT.values()]
    expected = [Fault.VALUE_NOT_KNOWN, *faults, Fault.CPR_MISSING]
    assert report.outcome is Outcome.APPLIED
    assert [one.fault for one in report.rejections] == expected
    with system.database.reading() as db:
        assert set(db.execute(select(SchoolRecord.local_id)).scalars()) == {"el-1", "el-8", "el-9"}
        stored = db.execute(select(SyncRun.rejections)).scalar_one()
    assert [one["fault"] for one in stored] == [fault.value for fault in expected]
    assert NUMBER not in "\n".join(report_lines(report)) + str(stored)


def test_a_local_id_with_another_cpr_number_is_left_out_and_stays_who_it_was(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    contact = a_contact_element(cpr(60))
    delivered(system, tmp_path, a_delivery(GROUPS, a_pupil_element("el-1", cpr(1), contacts=[contact])))
    report = delivered(system, tmp_path, a_delivery(GROUPS, a_pupil_element("el-1", cpr(2)), at=AT_TWO))
    assert "Ikke forventet CPR til localPersonID." in "\n".join(report_lines(report))
    assert report.outcome is Outcome.UNCHANGED
    with system.database.reading() as db:
        assert db.execute(select(func.count()).select_from(Person)).scalar_one() == 2


@pytest.mark.parametrize("faulty", [a_pupil_element("el-1", None), a_pupil_element("el-1", cpr(1), level="11")])
def test_whoever_is_left_out_stays_as_we_knew_them(system: System, tmp_path: Path, faulty: str) -> None:
    an_importing_school(system)
    known = a_pupil_element("el-1", cpr(1), groups=["Kor", "Skak"], contacts=[a_contact_element(cpr(60))])
    delivered(system, tmp_path, a_delivery(GROUPS, known))
    report = delivered(system, tmp_path, a_delivery(faulty, at=AT_TWO))
    assert report.outcome is Outcome.UNCHANGED
    assert len(report.rejections) == 1


def test_a_contact_that_is_left_out_ends_no_contact_we_knew(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    mother, father = a_contact_element(cpr(60)), a_contact_element(cpr(61), relation="Far")
    delivered(system, tmp_path, a_delivery(GROUPS, a_pupil_element("el-1", cpr(1), contacts=[mother, father])))
    broken = a_contact_element("61", relation="Far")
    again = a_delivery(GROUPS, a_pupil_element("el-1", cpr(1), contacts=[mother, broken]), at=AT_TWO)
    assert delivered(system, tmp_path, again).outcome is Outcome.UNCHANGED
    gone = a_delivery(GROUPS, a_pupil_element("el-1", cpr(1), contacts=[mother]), at=AT_THREE)
    report = delivered(system, tmp_path, gone)
    assert report.plan is not None
    assert len(report.plan.ties.ended) == len(report.plan.records.ended) == 1


FILES: dict[str, tuple[str, Fault]] = {
    "an older time": (a_delivery(GROUPS, FIRST, LAST, at="2026-08-10T06:14:59"), Fault.SOURCE_DATETIME_NOT_NEWER),
    "the same time": (a_delivery(GROUPS, FIRST, LAST, at="2026-08-10T06:15:00"), Fault.SOURCE_DATETIME_NOT_NEWER),
    "the same time in another zone": (
        a_delivery(GROUPS, FIRST, LAST, at="2026-08-10T04:15:00Z"), Fault.SOURCE_DATETIME_NOT_NEWER
    ),
    "no time": (a_delivery(GROUPS, at="i dag"), Fault.SOURCE_DATETIME_FORM),
    "a day only": (a_delivery(GROUPS, at="2026-09-10"), Fault.SOURCE_DATETIME_FORM),
    "a time far ahead": (a_delivery(GROUPS, FIRST, LAST, at="2027-11-24T09:00:01"), Fault.SOURCE_DATETIME_AHEAD),
    "a time beyond all time": (a_delivery(GROUPS, at="9999-12-31T23:59:59-12:00"), Fault.SOURCE_DATETIME_FORM),
    "no school year": (a_delivery(GROUPS, at=AT_TWO, year="2026"), Fault.SCHOOL_YEAR_FORM),
    "a school year of two years": (a_delivery(GROUPS, at=AT_TWO, year="2026-2028"), Fault.SCHOOL_YEAR_FORM),
    "an unknown institution": (a_delivery(GROUPS, at=AT_TWO, number="X00A99"), Fault.UNKNOWN_INSTITUTION),
    "no institution number": (a_delivery(GROUPS, at=AT_TWO, number="skolen"), Fault.UNKNOWN_INSTITUTION),
    "an unknown source": (a_delivery(GROUPS, at=AT_TWO, source="En anden"), Fault.UNKNOWN_SOURCE),
    "a torn file": (a_delivery(GROUPS, FIRST, at=AT_TWO)[:-60], Fault.NOT_XML),
}  # fmt: skip


def test_a_file_with_a_fault_changes_nothing_and_is_on_record(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    delivered(system, tmp_path, a_delivery(GROUPS, FIRST, LAST))
    reports = {name: delivered(system, tmp_path, document) for name, (document, _) in FILES.items()}
    assert {name: report.fault for name, report in reports.items()} == {
        name: fault for name, (_, fault) in FILES.items()
    }
    assert {report.outcome for report in reports.values()} == {Outcome.REJECTED}
    with system.database.reading() as db:
        assert db.execute(select(func.count()).where(Affiliation.valid_to.is_(None))).scalar_one() == 2
        runs = db.execute(select(SyncRun.status, SyncRun.fault).order_by(SyncRun.id)).all()
    rejected = [("rejected", fault.value) for _, fault in FILES.values()]
    assert [tuple(run) for run in runs] == [("applied", None), *rejected]


def test_a_file_that_is_not_there_is_rejected(system: System, tmp_path: Path) -> None:
    assert import_file(system, tmp_path / "gone.xml").fault is Fault.FILE_UNREADABLE


def test_every_fault_is_worded_in_two_languages() -> None:
    assert set(SENTENCES) == set(Fault)
    assert all(danish != english for danish, english in SENTENCES.values())
