"""A plan that would end more than a set share is held, with its plan, until a named and entitled person approves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, insert, select

from idp.audit import AuditEvent as Event
from idp.store.affiliations import Affiliation
from idp.store.audit import AuditEvent
from idp.store.institutions import ImportSource
from idp.store.people import SchoolRecord, Username
from idp.store.rights import GrantedRight
from idp.store.sync_runs import SyncRun
from policies.vocabulary import Reason, Right
from sync.pipeline import approve_held
from sync.records import Fault
from sync.report import Outcome, report_lines
from tests.recipes.deliveries import (
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

CLASS = a_group_element("1a")
LEADER = a_teacher_element("an-1", cpr(100), first="Viggo", roles=["Leder"])
PUPILS = [a_pupil_element(f"el-{n}", cpr(n)) for n in range(20)]
NEW = a_pupil_element("el-77", cpr(77), first="Ny")
LATER, LATEST = "2026-09-01T06:00:00", "2026-10-01T06:00:00"


@pytest.fixture
def school(system: System, tmp_path: Path) -> int:
    number = an_importing_school(system)
    delivered(system, tmp_path, a_delivery(CLASS, LEADER, *PUPILS))
    return number


def pupils_now(system: System) -> int:
    query = select(func.count()).where(Affiliation.valid_to.is_(None), Affiliation.actor_group == "Elev")
    with system.database.reading() as db:
        return db.execute(query).scalar_one()


def leader_with(system: System, right: Right | None, institution_id: int | None) -> str:
    with system.database.writing() as db:
        person = db.execute(select(SchoolRecord.person_id).where(SchoolRecord.local_id == "an-1")).scalar_one()
        if right is not None:
            db.execute(
                insert(GrantedRight).values(
                    person_id=person, institution_id=institution_id, right=right, valid_from=system.now()
                )
            )
        return db.execute(select(Username.name).where(Username.person_id == person)).scalar_one()


def held(system: System, folder: Path, at: str = LATER) -> int:
    report = delivered(system, folder, a_delivery(CLASS, LEADER, NEW, *PUPILS[:14], at=at))
    assert report.run_id is not None
    return report.run_id


def test_a_few_may_leave_without_anybody_looking(system: System, school: int, tmp_path: Path) -> None:
    report = delivered(system, tmp_path, a_delivery(CLASS, LEADER, *PUPILS[:15], at=LATER))
    assert report.outcome is Outcome.APPLIED
    assert pupils_now(system) == 15


def test_a_file_that_ends_too_many_is_held_and_changes_nothing(system: System, school: int, tmp_path: Path) -> None:
    report = delivered(system, tmp_path, a_delivery(CLASS, LEADER, NEW, *PUPILS[:14], at=LATER))
    assert (report.outcome, report.held_for) == (Outcome.HELD, Reason.SYNC_ENDS_TOO_MANY)
    assert "Filen ville afslutte usædvanligt mange tilknytninger." in "\n".join(report_lines(report))
    assert pupils_now(system) == 20
    with system.database.reading() as db:
        kept = db.execute(select(SyncRun.plan).where(SyncRun.status == "held")).scalar_one()
        events = set(db.execute(select(AuditEvent.event)).scalars())
    assert [row["key"] for row in kept["records"]["ended"]] == [["Elev", f"el-{n}"] for n in range(14, 20)]
    assert cpr(77) not in str(kept)
    assert Event.IMPORT_HELD in events


def test_an_empty_file_is_held(system: System, school: int, tmp_path: Path) -> None:
    assert delivered(system, tmp_path, a_delivery(at=LATER)).outcome is Outcome.HELD


def test_a_dry_run_says_that_the_plan_would_be_held(system: System, school: int, tmp_path: Path) -> None:
    report = delivered(system, tmp_path, a_delivery(at=LATER), dry_run=True)
    assert (report.outcome, report.held_for) == (Outcome.PLANNED, Reason.SYNC_ENDS_TOO_MANY)


@pytest.mark.parametrize("right", [Right.USER_ADMINISTRATOR, Right.SCHOOL_MANAGEMENT])
def test_an_entitled_person_of_the_school_approves(system: System, school: int, tmp_path: Path, right: Right) -> None:
    run = held(system, tmp_path)
    name = leader_with(system, right, school)
    report = approve_held(system, run, name)
    assert report is not None
    assert (report.outcome, report.accounts_made) == (Outcome.APPROVED, 1)
    assert pupils_now(system) == 15
    with system.database.reading() as db:
        approver = db.execute(select(Username.person_id).where(Username.name == name)).scalar_one()
        stored = db.execute(select(SyncRun.status, SyncRun.approved_by).where(SyncRun.id == run)).one()
        event = db.execute(select(AuditEvent.actor_id, AuditEvent.facts).order_by(AuditEvent.id.desc())).first()
        newest = db.execute(select(ImportSource.last_source_datetime)).scalar_one()
    assert tuple(stored) == ("approved", approver)
    assert event is not None
    assert (event.actor_id, event.facts["run"]) == (approver, run)
    assert newest.isoformat() == "2026-09-01T04:00:00+00:00"
    assert approve_held(system, run, name) is None  # once


def test_an_operator_approves_at_every_school(system: System, school: int, tmp_path: Path) -> None:
    run = held(system, tmp_path)
    assert approve_held(system, run, leader_with(system, Right.OPERATOR, None)) is not None


def test_nobody_else_approves(system: System, school: int, tmp_path: Path) -> None:
    run = held(system, tmp_path)
    elsewhere = an_importing_school(system, "X00A02")
    assert approve_held(system, run, leader_with(system, None, None)) is None
    assert approve_held(system, run, leader_with(system, Right.USER_ADMINISTRATOR, elsewhere)) is None
    assert approve_held(system, run, leader_with(system, Right.AGREEMENTS, school)) is None
    assert approve_held(system, run, "nobody") is None
    assert approve_held(system, run + 1, leader_with(system, Right.OPERATOR, None)) is None
    assert pupils_now(system) == 20


def test_a_held_plan_is_refused_when_another_file_was_loaded_since(system: System, school: int, tmp_path: Path) -> None:
    run = held(system, tmp_path)
    name = leader_with(system, Right.OPERATOR, None)
    delivered(system, tmp_path, a_delivery(CLASS, LEADER, *PUPILS, at=LATEST))
    report = approve_held(system, run, name)
    assert report is not None
    assert (report.outcome, report.fault) == (Outcome.REJECTED, Fault.CHANGED_MEANWHILE)
    assert pupils_now(system) == 20
    with system.database.reading() as db:
        assert db.execute(select(SyncRun.status).where(SyncRun.id == run)).scalar_one() == "held"
