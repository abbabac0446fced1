"""The people in the files: nobody who can exist, everybody who was promised."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from policies.identifiers import cpr_birth_date, is_test_number
from policies.vocabulary import Level, Relation, Role
from tests.demo.written import text

if TYPE_CHECKING:
    from lxml import etree

    from tests.demo.written import Written

SCHOOL, FRISKOLE, DAYCARE, GYMNASIUM = "X00A01", "X00A02", "X00A03", "X00A04"
START = 2026


def cpr(element: etree._Element) -> str:
    found = text(element, "Person/CivilRegistrationNumber")
    assert found
    return found


def born(element: etree._Element) -> date:
    return date.fromisoformat(text(element, "Person/BirthDate") or "")


def pupils(written: Written, number: str, condition: str = "true()") -> list[etree._Element]:
    return written.all_in(number, f"//s:InstitutionPerson[s:Student][{condition}]")


def persona(written: Written, kind: str) -> etree._Element:
    (one,) = (one for one in written.municipality.personas if one.kind == kind)
    return written.person(one.institution_number, one.local_person_id or one.contact_of or "")


def test_every_cpr_number_is_one_that_no_person_can_have(written: Written) -> None:
    numbers = [str(one.text) for one in written.every("CivilRegistrationNumber")]
    assert numbers
    assert all(is_test_number(number) for number in numbers)


def test_the_number_agrees_with_birth_date_and_gender(written: Written) -> None:
    for person in written.every("Person"):
        number = text(person, "CivilRegistrationNumber") or ""
        assert cpr_birth_date(number) == date.fromisoformat(text(person, "BirthDate") or "")
        assert (int(number[-1]) % 2 == 1) == (text(person, "Gender") == "M")


def test_the_plan_counts_the_distinct_people_of_the_files(written: Written) -> None:
    numbers = {one.text for one in written.every("CivilRegistrationNumber")}
    assert len(numbers) == written.municipality.people
    assert 1400 <= len(numbers) <= 1600


def test_one_number_is_one_person(written: Written) -> None:
    names = defaultdict(set)
    for person in written.every("Person"):
        number = text(person, "CivilRegistrationNumber")
        names[number].add((text(person, "FirstName"), text(person, "FamilyName"), text(person, "BirthDate")))
    assert all(len(found) == 1 for found in names.values())


@pytest.mark.parametrize("number", [SCHOOL, FRISKOLE, DAYCARE, GYMNASIUM])
def test_ages_fit_levels(written: Written, number: str) -> None:
    youth = {Level.U1: 16, Level.U2: 17, Level.U3: 18}
    for pupil in pupils(written, number):
        level = Level(text(pupil, "Student/Level") or "")
        turns = START - born(pupil).year
        if level is Level.DT:
            assert 1 <= turns <= 5
        else:
            usual = youth[level] if level in youth else int(level) + 6
            assert usual <= turns <= usual + 1


def test_contacts_are_old_enough_and_siblings_are_apart(written: Written) -> None:
    children = defaultdict(set)
    for number in written.documents:
        for pupil in pupils(written, number):
            for contact in pupil.iterfind(".//{*}ContactPerson"):
                assert born(pupil).year - born(contact).year >= 20
                if contact.get("relation") in {Relation.MOTHER, Relation.FATHER}:
                    children[cpr(contact)].add(born(pupil))
    assert any(len(found) > 1 for found in children.values())
    for found in children.values():
        days = sorted(found)
        assert all((later - earlier).days > 280 for earlier, later in pairwise(days))


def test_grown_up_students_have_no_contacts_and_younger_ones_have(written: Written) -> None:
    with_contacts = pupils(written, GYMNASIUM, "s:Student/s:ContactPerson")
    assert with_contacts
    assert all(born(one) > date(START - 18, 8, 1) for one in with_contacts)
    assert any(born(one) <= date(START - 18, 8, 1) for one in pupils(written, GYMNASIUM))


def test_the_protected_and_only_they_have_an_alias(written: Written) -> None:
    for person in written.every("Person"):
        protected = person.get("protected") == "true"
        assert (text(person, "AliasFirstName") is not None) == protected
        assert (text(person, "AliasFamilyName") is not None) == protected


def test_a_protected_name_shows_in_no_mail_address_and_numbers_are_marked(written: Written) -> None:
    protected = [person for person in written.every("Person") if person.get("protected") == "true"]
    for person in protected:
        mail = (text(person, "EmailAddress") or "").casefold()
        assert (text(person, "FamilyName") or "").casefold() not in mail
        assert all(one.get("protected") == "true" for one in person.iterfind("{*}MobilePhoneNumber"))
    kinds = {person.getparent().tag.rpartition("}")[2] for person in protected}
    assert kinds == {"InstitutionPerson", "ContactPerson"}


def test_nordlysskolen_has_every_grade_in_parallel_classes(written: Written) -> None:
    levels = Counter(text(one, "GroupLevel") for one in written.all_in(SCHOOL, "//s:Group[s:GroupLevel]"))
    assert {str(grade) for grade in range(11)} < set(levels)
    assert all(levels[str(grade)] == 2 for grade in range(10))


def test_the_special_class_mixes_grades(written: Written) -> None:
    special = pupils(written, SCHOOL, "s:Student/s:MainGroupId='Regnbuen'")
    assert len({text(one, "Student/Level") for one in special}) >= 4


def test_day_care_has_children_and_the_gymnasium_students(written: Written) -> None:
    def found(number: str) -> set[tuple[str | None, str | None]]:
        return {(text(one, "Student/Role"), text(one, "Student/Level")) for one in pupils(written, number)}

    assert found(DAYCARE) == {(Role.CHILD, Level.DT)}
    assert found(GYMNASIUM) == {(Role.STUDENT, Level.U1), (Role.STUDENT, Level.U2), (Role.STUDENT, Level.U3)}


def test_every_class_of_the_schools_has_a_teacher(written: Written) -> None:
    for number in (SCHOOL, FRISKOLE, GYMNASIUM):
        taught = {one.text for one in written.all_in(number, "//s:Employee[s:Role='Lærer']/s:GroupId")}
        classes = {one.text for one in written.all_in(number, "//s:Group[s:GroupType='Hovedgruppe']/s:GroupId")}
        assert classes <= taught


def test_somebody_both_leads_and_teaches(written: Written) -> None:
    assert written.all_in(FRISKOLE, "//s:Employee[s:Role='Leder' and s:Role='Lærer']")


def test_parents_are_there_with_and_without_custody(written: Written) -> None:
    parents = [one for one in written.every("ContactPerson") if one.get("relation") in {"Mor", "Far"}]
    assert {one.get("childCustody") for one in parents} == {"true", "false"}


def test_some_pupil_under_age_has_no_contacts(written: Written) -> None:
    assert pupils(written, SCHOOL, "not(s:Student/s:ContactPerson)")


def test_some_group_is_named_by_pupils_only(written: Written) -> None:
    groups = {one.text for one in written.all_in(SCHOOL, "//s:Group/s:GroupId")}
    assert {one.text for one in written.all_in(SCHOOL, "//s:Student/s:GroupId")} - groups == {"Kor"}


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("first-grader", "Student/Level", "1"),
        ("fifth-grader", "Student/Level", "5"),
        ("eighth-grader", "Student/Level", "8"),
        ("special-class-pupil", "Student/MainGroupId", "Regnbuen"),
        ("daycare-child", "Student/Role", "Barn"),
        ("gymnasium-student", "Student/Role", "Studerende"),
        ("teacher", "Employee/Role", "Lærer"),
        ("teacher-parent", "Employee/Role", "Lærer"),
        ("leader", "Employee/Role", "Leder"),
    ],
)
def test_a_persona_is_who_it_says(written: Written, kind: str, path: str, expected: str) -> None:
    assert text(persona(written, kind), path) == expected


def test_the_protected_pupil_is_protected(written: Written) -> None:
    (person,) = persona(written, "protected-pupil").iterfind("{*}Person")
    assert person.get("protected") == "true"


def test_the_teacher_teaches_the_first_grader(written: Written) -> None:
    first_grade = text(persona(written, "first-grader"), "Student/MainGroupId")
    groups = {one.text for one in persona(written, "teacher").iterfind(".//{*}GroupId")}
    assert first_grade in groups


def test_the_pupil_at_two_schools_is_in_two_files(written: Written) -> None:
    number = cpr(persona(written, "pupil-at-two-schools"))
    (elsewhere,) = (one for one in pupils(written, FRISKOLE) if cpr(one) == number)
    assert text(elsewhere, "Student/Level") == text(persona(written, "pupil-at-two-schools"), "Student/Level")


def test_the_teacher_who_is_a_parent_is_a_contact_at_the_school(written: Written) -> None:
    number = cpr(persona(written, "teacher-parent"))
    contacts = {cpr(one) for one in written.all_in(SCHOOL, "//s:ContactPerson")}
    assert number in contacts
    assert cpr(persona(written, "teacher")) not in contacts


def test_the_parent_has_custody_of_children_at_two_institutions(written: Written) -> None:
    (one,) = (one for one in written.municipality.personas if one.kind == "parent")
    (contact,) = persona(written, "parent").iterfind(f".//{{*}}ContactPerson[@relation='{one.relation}']")
    assert contact.get("childCustody") == "true"
    institutions = [
        number
        for number in written.documents
        if any(cpr(other) == cpr(contact) for other in written.all_in(number, "//s:ContactPerson"))
    ]
    assert len(institutions) > 1
