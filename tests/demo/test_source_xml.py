"""The files: repeatable, in STIL's order, true to the format."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from admin_ui.demo.municipality import plan_municipality
from admin_ui.demo.source_xml import write_files
from policies.identifiers import institution_number_ok
from policies.vocabulary import GroupType, Level, Relation, Role
from tests.demo.written import SCHOOL_STARTS, names_in, text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.demo.written import Written

# SkoleGrunddata, feltdefinitioner: the order of the elements.
GROUP = ["GroupId", "GroupName", "GroupType", "GroupLevel", "Line", "FromDate", "ToDate"]
PERSON = [
    "FirstName", "FamilyName", "CivilRegistrationNumber", "EmailAddress", "BirthDate", "Gender", "PhotoId", "Address",
    "HomePhoneNumber", "WorkPhoneNumber", "MobilePhoneNumber", "AliasFirstName", "AliasFamilyName",
]  # fmt: skip
ADDRESS = [
    "StreetAddress", "PostalCode", "PostalDistrict", "CountryCode", "Country", "MunicipalityCode", "MunicipalityName",
]  # fmt: skip
STUDENT = ["Role", "StudentNumber", "Level", "Location", "MainGroupId", "GroupId", "ContactPerson"]
EMPLOYEE = ["Role", "ShortName", "Occupation", "Location", "GroupId"]
EXTERN = ["Role", "GroupId"]


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    written = [
        write_files(plan_municipality(people=2600, seed=5), tmp_path / folder, source_datetime=SCHOOL_STARTS, seed=5)
        for folder in ("first", "second")
    ]
    first, second = ([(path.name, path.read_bytes()) for path in paths] for paths in written)
    assert first == second


def test_another_seed_than_the_plans_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="another seed"):
        write_files(plan_municipality(people=400, seed=1), tmp_path, source_datetime=SCHOOL_STARTS, seed=2)


def test_a_time_without_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        write_files(plan_municipality(people=400), tmp_path, source_datetime=datetime(2026, 8, 10))  # noqa: DTZ001


def test_progress_is_told_after_each_institution(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_files(
        plan_municipality(people=400),
        tmp_path,
        source_datetime=SCHOOL_STARTS,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_one_file_for_each_institution_says_where_it_comes_from(written: Written) -> None:
    assert list(written.documents) == [one.number for one in written.municipality.institutions]
    for number, root in written.documents.items():
        assert institution_number_ok(number)
        assert text(root, "Institution/InstitutionNumber") == number
        assert root.get("schoolYear") == "2026-2027"
        assert root.get("sourceDateTime") == "2026-08-10T06:15:00+00:00"
        assert root.get("source")


@pytest.mark.parametrize(
    ("tag", "order"),
    [
        ("UNILoginImport", ["Institution"]),
        ("Institution", ["InstitutionNumber", "InstitutionName", "Group", "InstitutionPerson"]),
        ("Group", GROUP),
        ("InstitutionPerson", ["LocalPersonId", "Person", "Student", "Employee", "Extern"]),
        ("Person", PERSON),
        ("Address", ADDRESS),
        ("Student", STUDENT),
        ("Employee", EMPLOYEE),
        ("Extern", EXTERN),
        ("ContactPerson", ["Person"]),
    ],
)
def test_elements_stand_in_the_order_of_the_format(written: Written, tag: str, order: list[str]) -> None:
    found = 0
    for element in written.every(tag):
        places = [order.index(name) for name in names_in(element)]
        assert places == sorted(places)
        found += 1
    assert found


def test_everybody_has_an_id_of_the_institutions_own_and_one_role_kind(written: Written) -> None:
    for number in written.documents:
        people = written.all_in(number, "//s:InstitutionPerson")
        ids = [text(person, "LocalPersonId") for person in people]
        assert all(ids)
        assert len(ids) == len(set(ids))
        assert all(len({"Student", "Employee", "Extern"} & set(names_in(person))) == 1 for person in people)


def test_the_class_of_every_pupil_is_a_hovedgruppe_of_the_institution(written: Written) -> None:
    for number in written.documents:
        groups = written.all_in(number, "//s:Group")
        classes = {text(one, "GroupId") for one in groups if text(one, "GroupType") == GroupType.CLASS}
        pupils = written.all_in(number, "//s:Student")
        assert pupils
        assert {text(pupil, "MainGroupId") for pupil in pupils} == classes


def test_a_hovedgruppe_and_nothing_else_has_a_level(written: Written) -> None:
    for group in written.every("Group"):
        assert (text(group, "GroupLevel") is not None) == (text(group, "GroupType") == GroupType.CLASS)


def test_words_are_those_of_the_format(written: Written) -> None:
    assert {one.text for one in written.every("Role")} == set(Role)
    assert {one.text for one in written.every("GroupType")} == set(GroupType)
    assert {one.get("relation") for one in written.every("ContactPerson")} == set(Relation)
    assert {one.text for one in written.every("Level")} <= set(Level)
    assert {one.text for one in written.every("Gender")} == {"M", "K"}
    assert {one.get("protected") for one in written.every("Person")} == {"true", "false"}


def test_staff_name_only_groups_that_are_there(written: Written) -> None:
    for number in written.documents:
        groups = {text(one, "GroupId") for one in written.all_in(number, "//s:Group")}
        named = {one.text for one in written.all_in(number, "//s:Employee/s:GroupId | //s:Extern/s:GroupId")}
        assert named <= groups


def test_mail_goes_to_names_that_nobody_can_register(written: Written) -> None:
    mails = [str(one.text) for one in written.every("EmailAddress")]
    assert mails
    assert all(mail.isascii() and mail.endswith(".example") and mail.count("@") == 1 for mail in mails)  # RFC 2606


def test_no_empty_elements_are_written(written: Written) -> None:
    assert not [
        one.tag for tag in (*PERSON, *ADDRESS, *GROUP) for one in written.every(tag) if not len(one) and not one.text
    ]
