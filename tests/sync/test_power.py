"""An import cannot capture an account (decision 2): two schools name the same CPR number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from idp.store.affiliations import Affiliation
from idp.store.credentials import Code
from idp.store.groups import Membership
from idp.store.institutions import Institution
from idp.store.people import Person, SchoolRecord, Username
from idp.usecases.attachments import attachments_of as listed
from idp.usecases.attachments import confirm
from idp.usecases.people import account_of
from policies.administration import Attachment, Opener, Subject, may_open_window
from policies.decision import Allow, Deny
from policies.vocabulary import ActorGroup, CodeKind, Reason, Role, Stage
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

    from sqlalchemy.orm import Session

    from idp.usecases.system import System

HOME, OTHER = "X00A01", "X00A02"
CLASS = a_group_element("1a")
PUPIL = a_pupil_element("el-1", cpr(1))
RIGHTS = {"an administrator": True, "the pupil's teacher": False}


def attachments_of(db: Session, local_id: str, number: str) -> tuple[str, tuple[Attachment, ...]]:
    """Return the person behind a record, and all current attachments as policies see them."""
    person = db.execute(
        select(SchoolRecord.person_id)
        .join(Institution, Institution.id == SchoolRecord.institution_id)
        .where(SchoolRecord.local_id == local_id, Institution.number == number)
        .distinct()
    ).scalar_one()
    rows = db.execute(
        select(Affiliation, Institution.number)
        .join(Institution, Institution.id == Affiliation.institution_id)
        .where(Affiliation.person_id == person, Affiliation.valid_to.is_(None))
    ).all()
    return str(person), tuple(
        Attachment(
            institution=where,
            actor_group=ActorGroup(row.actor_group),
            confirmed=row.confirmed_at is not None,
            groups=frozenset(
                str(group)
                for group in db.execute(
                    select(Membership.group_id).where(
                        Membership.affiliation_id == row.id, Membership.valid_to.is_(None)
                    )
                ).scalars()
            ),
            roles=frozenset(Role(role) for role in row.roles),
        )
        for row, where in rows
    )


def answer_to(system: System, number: str, *, administrator: bool, pupil: str = "el-1") -> Allow | Deny:
    """Ask whether somebody of the school may open a window for the pupil."""
    with system.database.reading() as db:
        subject = Subject(*attachments_of(db, pupil, number))
        teacher, own = attachments_of(db, "an-1", number)
    administers = frozenset({number}) if administrator else frozenset[str]()
    return may_open_window(Opener(teacher, own, administers), subject)


@pytest.fixture
def two_schools(system: System, tmp_path: Path) -> System:
    """Two schools with a class, a teacher of it, and the same pupil in it; the first one named the pupil first."""
    for number, teacher in ((HOME, 100), (OTHER, 101)):
        an_importing_school(system, number)
        staff = a_teacher_element("an-1", cpr(teacher), groups=["1a"])
        delivered(system, tmp_path, a_delivery(CLASS, PUPIL, staff, number=number))
    return system


def test_a_pupil_at_two_schools_is_one_person_with_one_account(two_schools: System) -> None:
    with two_schools.database.reading() as db:
        person, attachments = attachments_of(db, "el-1", HOME)
        assert attachments_of(db, "el-1", OTHER)[0] == person
        assert {one.institution for one in attachments} == {HOME, OTHER}
        assert db.execute(select(func.count()).where(Username.person_id == int(person))).scalar_one() == 1
        home = db.execute(select(Institution.id).where(Institution.number == HOME)).scalar_one()
        assert db.execute(select(Person.primary_institution_id).where(Person.id == int(person))).scalar_one() == home


@pytest.mark.parametrize("who", RIGHTS)
def test_the_school_that_named_the_pupil_first_has_power_over_the_code(two_schools: System, who: str) -> None:
    assert answer_to(two_schools, HOME, administrator=RIGHTS[who]) == Allow()


@pytest.mark.parametrize("who", RIGHTS)
def test_a_school_that_names_a_known_pupil_gains_no_power_over_the_code(two_schools: System, who: str) -> None:
    refused = Deny(Reason.ATTACHMENT_NOT_CONFIRMED)
    assert answer_to(two_schools, OTHER, administrator=RIGHTS[who]) == refused


def test_sending_the_pupil_again_or_ending_and_naming_anew_gains_nothing(two_schools: System, tmp_path: Path) -> None:
    staff = a_teacher_element("an-1", cpr(101), groups=["1a"])
    for day, people in enumerate([(PUPIL, staff), (staff,), (PUPIL, staff)], 1):
        delivered(two_schools, tmp_path, a_delivery(CLASS, *people, number=OTHER, at=f"2026-09-0{day}T06:00:00"))
    assert isinstance(answer_to(two_schools, OTHER, administrator=True), Deny)


def test_the_other_school_gains_nothing_when_the_first_lets_the_pupil_go(two_schools: System, tmp_path: Path) -> None:
    staff = a_teacher_element("an-1", cpr(100), groups=["1a"])
    delivered(two_schools, tmp_path, a_delivery(CLASS, staff, number=HOME, at="2026-09-01T06:00:00"))
    assert isinstance(answer_to(two_schools, OTHER, administrator=True), Deny)


def test_naming_a_teacher_of_another_school_as_pupil_gives_no_power_over_the_teacher(
    two_schools: System, tmp_path: Path
) -> None:
    staff = a_teacher_element("an-1", cpr(101), groups=["1a"])
    captured = a_pupil_element("el-66", cpr(100))
    delivered(two_schools, tmp_path, a_delivery(CLASS, PUPIL, captured, staff, number=OTHER, at="2026-09-01T06:00:00"))
    refused = Deny(Reason.STAFF_NOT_THROUGH_PUPIL)
    assert answer_to(two_schools, OTHER, administrator=True, pupil="el-66") == refused


def test_naming_somebody_as_contact_confirms_nothing_at_another_school(two_schools: System, tmp_path: Path) -> None:
    child = a_pupil_element("el-2", cpr(2), contacts=[a_contact_element(cpr(100))])
    staff = a_teacher_element("an-1", cpr(101), groups=["1a"])
    delivered(two_schools, tmp_path, a_delivery(CLASS, PUPIL, child, staff, number=OTHER, at="2026-09-01T06:00:00"))
    with two_schools.database.reading() as db:
        _, attachments = attachments_of(db, "an-1", HOME)
    assert {one.institution: one.confirmed for one in attachments} == {HOME: True, OTHER: False}


def test_an_import_touches_no_code_and_no_username(two_schools: System, tmp_path: Path) -> None:
    with two_schools.database.writing() as db:
        person = int(attachments_of(db, "el-1", HOME)[0])
        before = db.execute(select(Username.name).where(Username.person_id == person)).scalar_one()
    renamed = a_pupil_element("el-1", cpr(1), first="Xenia", protected="true", alias=("Kim", "Ny"))
    delivered(two_schools, tmp_path, a_delivery(CLASS, renamed, number=OTHER, at="2026-09-01T06:00:00"))
    with two_schools.database.reading() as db:
        assert db.execute(select(Username.name).where(Username.person_id == person)).scalar_one() == before
        assert db.execute(select(func.count()).select_from(Code)).scalar_one() == 0
        said = select(Institution.number, SchoolRecord.first_name, SchoolRecord.protected).join(
            Institution, Institution.id == SchoolRecord.institution_id
        )
        rows = db.execute(said.where(SchoolRecord.person_id == person)).all()
    assert sorted(tuple(row) for row in rows) == [(HOME, "Asta", False), (OTHER, "Xenia", True)]


def confirmed_at_the_other_school(system: System) -> int:
    with system.database.writing() as db:
        person = int(attachments_of(db, "el-1", OTHER)[0])
        other = db.execute(select(Institution.id).where(Institution.number == OTHER)).scalar_one()
        return confirm(db, system, person_id=person, institution_id=other)


def test_a_confirmed_school_gains_power_and_the_first_one_keeps_its_own(two_schools: System) -> None:
    assert confirmed_at_the_other_school(two_schools) == 1
    assert answer_to(two_schools, OTHER, administrator=True) == Allow()
    assert answer_to(two_schools, HOME, administrator=True) == Allow()
    assert confirmed_at_the_other_school(two_schools) == 0


def test_the_school_that_took_a_pupil_over_becomes_primary_when_it_is_confirmed(
    two_schools: System, tmp_path: Path
) -> None:
    staff = a_teacher_element("an-1", cpr(100), groups=["1a"])
    delivered(two_schools, tmp_path, a_delivery(CLASS, staff, number=HOME, at="2026-09-01T06:00:00"))
    confirmed_at_the_other_school(two_schools)
    with two_schools.database.reading() as db:
        person = int(attachments_of(db, "el-1", OTHER)[0])
        assert [(one.institution, one.primary) for one in listed(db, person)] == [(OTHER, True)]


def test_a_school_that_is_not_confirmed_does_not_decide_which_code_fits(two_schools: System, tmp_path: Path) -> None:
    older = a_pupil_element("el-1", cpr(1), level="9")
    delivered(two_schools, tmp_path, a_delivery(CLASS, older, number=OTHER, at="2026-09-01T06:00:00"))
    with two_schools.database.reading() as db:
        person = int(attachments_of(db, "el-1", HOME)[0])
        assert account_of(db, two_schools, person, CodeKind.TEXT).stage is Stage.INDSKOLING
