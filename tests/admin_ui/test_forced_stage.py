"""Another stage's rules for one pupil: from when to when they hold, who may, and what they do to the code."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from admin_ui.cli.codes import codes
from admin_ui.cli.people import people
from idp.audit import AuditEvent
from idp.errors import Refused
from idp.store import audit
from idp.usecases import forced_stage
from idp.usecases.people import account_of
from policies.vocabulary import CodeKind, Level, Reason, Stage
from tests import recipes
from tests.opponents.command_line import run

if TYPE_CHECKING:
    from admin_ui.cli import Operator
    from idp.usecases.people import Account
    from idp.usecases.system import System
    from tests.admin_ui.conftest import Whole
    from tests.conftest import StandingClock

SUMMER = date(2027, 6, 25)


def force(
    system: System, person: recipes.Someone, by: recipes.Someone | None, stage: Stage, last_day: date = SUMMER
) -> None:
    with system.database.writing() as db:
        forced_stage.force(
            db, system, person_id=person.id, stage=stage, last_day=last_day, reason="Aftalt", by=by.id if by else None
        )


def account(system: System, person: recipes.Someone) -> Account:
    with system.database.reading() as db:
        return account_of(db, system, person.id, CodeKind.TEXT)


@pytest.fixture
def sonja(whole: Whole) -> recipes.Someone:
    with whole.system.database.writing() as db:
        return recipes.an_administrator(db, whole.system, whole.school)


@pytest.fixture
def ninth(whole: Whole) -> recipes.Someone:
    with whole.system.database.writing() as db:
        return recipes.a_pupil(db, whole.system, whole.school, level=Level.G9, code="Hest-Banan47")


def test_the_forced_stage_holds_to_the_end_of_its_last_day_where_the_school_is(
    whole: Whole, sonja: recipes.Someone, ninth: recipes.Someone, clock: StandingClock
) -> None:
    assert account(whole.system, ninth).stage is Stage.UDSKOLING
    force(whole.system, ninth, sonja, Stage.INDSKOLING, date(2026, 11, 24))
    assert account(whole.system, ninth).stage is Stage.INDSKOLING
    clock.advance(days=1, hours=14, minutes=59)  # 23:59 on the last day in Copenhagen
    assert account(whole.system, ninth).stage is Stage.INDSKOLING
    with whole.system.database.reading() as db:
        found = forced_stage.in_force(db, whole.system, ninth.id)
    assert found is not None
    assert (found.last_day, found.decided_by) == (date(2026, 11, 24), sonja.id)
    clock.advance(minutes=1)
    assert account(whole.system, ninth).stage is Stage.UDSKOLING
    with whole.system.database.reading() as db:
        assert forced_stage.in_force(db, whole.system, ninth.id) is None


def test_the_old_code_is_good_for_the_days_of_grace_and_fits_again_when_it_is_taken_back(
    whole: Whole, sonja: recipes.Someone
) -> None:
    assert account(whole.system, whole.asta).code_ends is None
    force(whole.system, whole.asta, sonja, Stage.MELLEMTRIN)
    assert account(whole.system, whole.asta).code_ends == whole.system.now() + timedelta(days=30)
    with whole.system.database.writing() as db:
        assert forced_stage.release(db, whole.system, person_id=whole.asta.id, by=sonja.id)
        assert not forced_stage.release(db, whole.system, person_id=whole.asta.id, by=sonja.id)
    assert account(whole.system, whole.asta).code_ends is None
    assert account(whole.system, whole.asta).stage is Stage.INDSKOLING


def test_a_new_decision_takes_the_place_of_the_one_before(whole: Whole, sonja: recipes.Someone) -> None:
    force(whole.system, whole.asta, sonja, Stage.MELLEMTRIN)
    force(whole.system, whole.asta, sonja, Stage.UDSKOLING, date(2026, 12, 1))
    assert account(whole.system, whole.asta).stage is Stage.UDSKOLING
    with whole.system.database.reading() as db:
        rows = db.execute(
            select(audit.AuditEvent.facts)
            .where(audit.AuditEvent.event == AuditEvent.STAGE_FORCED)
            .order_by(audit.AuditEvent.id)
        ).scalars()
        assert [(facts["stage"], facts["replaced"]) for facts in rows] == [("mellemtrin", False), ("udskoling", True)]


def test_it_is_refused_to_whoever_has_no_power_over_the_pupil(whole: Whole, sonja: recipes.Someone) -> None:
    with whole.system.database.writing() as db:
        elsewhere = recipes.a_school(db, whole.system)
        other = recipes.an_administrator(db, whole.system, elsewhere)
        mother = recipes.a_contact(db, whole.system, whole.school, of=whole.asta)
    for person, by, reason in (
        (whole.asta, other, Reason.OUTSIDE_YOUR_INSTITUTIONS),
        (whole.asta, whole.viggo, Reason.RIGHT_MISSING),
        (whole.viggo, sonja, Reason.STAFF_NOT_THROUGH_PUPIL),
        (whole.viggo, None, Reason.STAFF_NOT_THROUGH_PUPIL),
        (mother, sonja, Reason.NOT_A_PUPIL),
        (sonja, sonja, Reason.NOT_FOR_YOURSELF),
    ):
        with pytest.raises(Refused) as refused:
            force(whole.system, person, by, Stage.INDSKOLING)
        assert refused.value.reason is reason
    with pytest.raises(Refused) as refused:
        force(whole.system, whole.asta, sonja, Stage.STAFF)
    assert refused.value.reason is Reason.STAGE_NOT_FOR_PUPILS


def test_the_operator_does_the_same_from_the_command_line(whole: Whole, operator: Operator) -> None:
    name, why = whole.asta.username, ("--reason", "Aftalt med hjemmet")
    today = run(operator, codes, "force-stage", name, "mellemtrin", *why, "--until", "2126-01-01")
    assert (today.exit_code, "too far ahead" in today.output) == (2, True)
    assert run(operator, codes, "force-stage", name, "personale", *why, "--until", "2027-01-01").exit_code == 2
    assert run(operator, codes, "force-stage", "nobody", "mellemtrin", *why, "--until", "2027-01-01").exit_code == 2
    assert run(operator, codes, "end-forced-stage", name).output == f"Nothing was forced on {name}.\n"
    soon = f"{whole.system.now():%Y}-12-24" if whole.system.now().year > 2026 else "2027-01-01"
    assert "mellemtrin" in run(operator, codes, "force-stage", name, "mellemtrin", *why, "--until", soon).output
    shown = json.loads(run(operator, people, "show", name).output)
    assert (shown["stage"], shown["forced_until"]) == ("mellemtrin", soon)
    assert "phc" not in shown
    assert "decides again" in run(operator, codes, "end-forced-stage", name).output


def test_the_operator_reads_the_rules_and_their_strength(operator: Operator) -> None:
    rules = {rule["stage"]: rule for rule in json.loads(run(operator, codes, "policy").output)}
    assert {stage: rule["bits"] for stage, rule in rules.items() if rule["bits"] < 20} == {
        "dagtilbud": 15.4, "indskoling": 15.4,
    }  # fmt: skip
    assert rules["udskoling"]["validity_days"] == 365
