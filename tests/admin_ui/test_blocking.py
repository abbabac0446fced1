"""Blocking an account: who may, what happens at once, and what stands on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from admin_ui.cli.people import people
from idp.audit import AuditEvent
from idp.errors import Refused
from idp.store import audit
from idp.store.affiliations import Affiliation
from idp.store.people import Person
from idp.usecases import blocking
from idp.usecases.people import find_by_username
from policies.vocabulary import Reason
from tests import recipes
from tests.opponents.command_line import run

if TYPE_CHECKING:
    from admin_ui.cli import Operator
    from idp.usecases.system import System
    from tests.admin_ui.conftest import Whole


def administrator(whole: Whole, school: recipes.School | None = None) -> recipes.Someone:
    with whole.system.database.writing() as db:
        return recipes.an_administrator(db, whole.system, school or whole.school)


def block(system: System, person_id: int, by: int | None, reason: str = "Stjålet tablet") -> bool:
    with system.database.writing() as db:
        return blocking.block(db, system, person_id=person_id, by=by, reason=reason)


def test_a_block_ends_what_is_open_and_lets_nobody_in_until_it_is_lifted(whole: Whole) -> None:
    who = administrator(whole)
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    assert block(whole.system, whole.asta.id, who.id)
    assert browser.open("/mit/").heading != "Asta Prøvesen"
    assert "spærret" in whole.mit(whole.browser(), whole.asta).heading
    with whole.system.database.writing() as db:
        assert blocking.unblock(db, whole.system, person_id=whole.asta.id, by=who.id, reason="Fundet igen")
    assert whole.mit(whole.browser(), whole.asta).heading == "Asta Prøvesen"


def test_a_block_stands_on_record_once_with_its_reason_apart(whole: Whole) -> None:
    who = administrator(whole)
    assert block(whole.system, whole.asta.id, who.id)
    assert not block(whole.system, whole.asta.id, who.id)
    with whole.system.database.reading() as db:
        row = db.execute(
            select(audit.AuditEvent).where(audit.AuditEvent.event == AuditEvent.PERSON_BLOCKED)
        ).scalar_one()
        text = db.execute(select(audit.AuditText.text).where(audit.AuditText.event_id == row.id)).scalar_one()
        assert (row.actor_id, row.subject_id, text) == (who.id, whole.asta.id, "Stjålet tablet")
        assert "Stjålet" not in str(row.facts)


def test_only_an_administrator_of_a_confirmed_pupils_own_school_blocks(whole: Whole) -> None:
    with whole.system.database.writing() as db:
        elsewhere = recipes.a_school(db, whole.system)
        newcomer = recipes.a_pupil(db, whole.system, whole.school)
        db.execute(update(Affiliation).where(Affiliation.person_id == newcomer.id).values(confirmed_at=None))
    own, other = administrator(whole), administrator(whole, elsewhere)
    for person, by, reason in (
        (whole.asta.id, other.id, Reason.OUTSIDE_YOUR_INSTITUTIONS),
        (whole.asta.id, whole.viggo.id, Reason.RIGHT_MISSING),
        (whole.viggo.id, own.id, Reason.STAFF_NOT_THROUGH_PUPIL),
        (own.id, own.id, Reason.NOT_FOR_YOURSELF),
        (newcomer.id, own.id, Reason.ATTACHMENT_NOT_CONFIRMED),
        (10**9, own.id, Reason.OUTSIDE_YOUR_INSTITUTIONS),
    ):
        with pytest.raises(Refused) as refused:
            block(whole.system, person, by)
        assert refused.value.reason is reason
    with whole.system.database.reading() as db:
        assert db.execute(select(Person.id).where(Person.blocked_at.is_not(None))).all() == []


def test_sessions_are_ended_without_a_block(whole: Whole) -> None:
    who = administrator(whole)
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    with whole.system.database.writing() as db:
        assert blocking.end_sessions_of(db, whole.system, person_id=whole.asta.id, by=who.id) == 1
        assert blocking.end_sessions_of(db, whole.system, person_id=whole.asta.id, by=who.id) == 0
    assert browser.open("/mit/").heading != "Asta Prøvesen"
    assert whole.mit(whole.browser(), whole.asta).heading == "Asta Prøvesen"


def test_the_operator_blocks_and_opens_from_the_command_line(whole: Whole, operator: Operator) -> None:
    name = whole.viggo.username
    assert run(operator, people, "block", name, "--reason", "").exit_code == 1
    assert run(operator, people, "block", name, "--reason", "Stoppet").output == f"{name} is blocked.\n"
    with whole.system.database.reading() as db:
        found = find_by_username(db, name)
    assert found is not None
    assert found.blocked
    assert "already" in run(operator, people, "block", name, "--reason", "Stoppet").output
    assert "open again" in run(operator, people, "unblock", name, "--reason", "Tilbage").output
    assert run(operator, people, "end-sessions", name).output == "0 sessions ended.\n"
    assert run(operator, people, "block", "nobody", "--reason", "x").exit_code == 1
