"""A colleague stands in for a class: for some days, passed on to nobody, ending by itself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from idp.store.affiliations import Affiliation
from idp.store.people import Person
from idp.usecases.facts import school_day
from policies.decision import Allow, Deny
from policies.substitutes import SubstituteFacts, may_stand_in
from policies.vocabulary import Factor, Reason, Role
from tests import recipes
from tests.admin_ui.classroom import Classroom, a_classroom
from tests.admin_ui.office import told

if TYPE_CHECKING:
    from tests.admin_ui.conftest import Whole
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page

DAY = date(2026, 8, 10)
FIT = SubstituteFacts(stands_in_self=False, oneself=False, works_there=True, two_factors=True)


@pytest.fixture
def room(whole: Whole) -> Classroom:
    return a_classroom(whole)


def a_colleague(room: Classroom, *, two_factors: bool = True) -> recipes.Someone:
    system = room.whole.system
    with system.database.writing() as db:
        someone = recipes.a_teacher(db, system, room.whole.school, code="hest-banan")
        if two_factors:
            recipes.a_factor(db, system, someone.id, Factor.TOTP)
        db.execute(
            update(Affiliation).where(Affiliation.id == someone.affiliation_id).values(roles=[Role.TECHNICAL.value])
        )
    return someone


def give(
    room: Classroom, someone: recipes.Someone, *, days: int = 1, browser: Browser | None = None, last: str | None = None
) -> Page:
    last = last if last is not None else (school_day(room.whole.system) + timedelta(days=days - 1)).isoformat()
    return room.send("substitutes/give", ("person", str(someone.id)), ("last_day", last), browser=browser)


def is_refused(page: Page) -> bool:
    """Say whether the page says so, and stays where the form is."""
    assert page.path.endswith("/substitutes")
    return page.soup.select_one(".alert-error") is not None


def test_who_stands_in_has_the_class_until_the_last_day_is_over(room: Classroom, clock: StandingClock) -> None:
    colleague = a_colleague(room)
    browser = room.logged_in(colleague)
    assert browser.open(room.address).status == 403
    page = give(room, colleague, days=2)
    assert "Viggo Lærersen" in told(page)
    assert browser.open(room.address).status == 200
    request = room.waits(room.whole.asta)
    room.send("step-up", ("yes", str(request)), browser=browser)
    assert room.answer_of(request) == "approved"
    clock.advance(days=2)
    assert room.logged_in(colleague).open(room.address).status == 403


def test_a_substitute_passes_the_class_on_to_nobody(room: Classroom) -> None:
    colleague, other = a_colleague(room), a_colleague(room)
    give(room, colleague)
    browser = room.logged_in(colleague)
    page = browser.open(f"{room.address}substitutes")
    assert page.soup.select_one("#person") is None
    assert give(room, other, browser=browser).status == 403
    assert room.logged_in(other).open(room.address).status == 403


def test_it_is_taken_back_at_once(room: Classroom) -> None:
    colleague = a_colleague(room)
    page = give(room, colleague)
    right = page.soup.select_one("button[name=right]")
    assert right is not None
    room.send("substitutes/end", ("right", str(right["value"])))
    assert room.logged_in(colleague).open(room.address).status == 403
    assert "allerede" in told(room.send("substitutes/end", ("right", str(right["value"]))))


def test_it_ends_with_the_work_at_the_school(room: Classroom) -> None:
    colleague = a_colleague(room)
    give(room, colleague)
    system = room.whole.system
    with system.database.writing() as db:
        other = recipes.a_school(db, system)
        db.execute(
            update(Affiliation).where(Affiliation.id == colleague.affiliation_id).values(institution_id=other.id)
        )
    assert room.logged_in(colleague).open(room.address).status == 403


@pytest.mark.parametrize("last", ["", "x", "2020-01-01", "6", "9" * 40, "\0"])
def test_a_day_that_is_none_or_too_far_is_refused(room: Classroom, last: str) -> None:
    colleague = a_colleague(room)
    assert is_refused(give(room, colleague, last=last))
    assert is_refused(give(room, colleague, days=6))
    assert not is_refused(give(room, colleague, days=5))


def test_five_days_are_not_five_days_again_and_again(room: Classroom, clock: StandingClock) -> None:
    colleague = a_colleague(room)
    assert not is_refused(give(room, colleague, days=5))
    clock.advance(days=6)
    room.browser = room.logged_in(room.whole.viggo)
    assert is_refused(give(room, colleague))
    clock.advance(days=14)
    room.browser = room.logged_in(room.whole.viggo)
    assert not is_refused(give(room, colleague))


def test_only_staff_with_a_second_factor_stand_in(room: Classroom) -> None:
    with room.whole.system.database.writing() as db:
        stranger = recipes.a_teacher(db, room.whole.system, room.elsewhere)
        recipes.a_factor(db, room.whole.system, stranger.id, Factor.TOTP)
    blocked = a_colleague(room)
    with room.whole.system.database.writing() as db:
        db.execute(update(Person).where(Person.id == blocked.id).values(blocked_at=room.whole.system.now()))
    for someone in (a_colleague(room, two_factors=False), blocked, stranger, room.whole.asta, room.whole.viggo):
        assert is_refused(give(room, someone))


@pytest.mark.parametrize(
    ("facts", "last_day", "expected"),
    [
        (FIT, DAY, Allow()),
        (FIT, DAY + timedelta(days=4), Allow()),
        (FIT, DAY + timedelta(days=5), Deny(Reason.SUBSTITUTE_DAYS_WRONG)),
        (FIT, DAY - timedelta(days=1), Deny(Reason.SUBSTITUTE_DAYS_WRONG)),
        (FIT, None, Deny(Reason.SUBSTITUTE_DAYS_WRONG)),
        (SubstituteFacts(False, False, True, True, 3), DAY + timedelta(days=1), Allow()),
        (SubstituteFacts(False, False, True, True, 3), DAY + timedelta(days=2), Deny(Reason.SUBSTITUTE_DAYS_WRONG)),
        (SubstituteFacts(True, False, True, True), DAY, Deny(Reason.SUBSTITUTE_PASSES_NOT_ON)),
        (SubstituteFacts(False, True, True, True), DAY, Deny(Reason.NOT_FOR_YOURSELF)),
        (SubstituteFacts(False, False, False, True), DAY, Deny(Reason.SUBSTITUTE_NOT_STAFF)),
        (SubstituteFacts(False, False, True, False), DAY, Deny(Reason.SUBSTITUTE_NOT_STAFF)),
    ],
)
def test_who_may_stand_in(facts: SubstituteFacts, last_day: date | None, expected: Allow | Deny) -> None:
    assert may_stand_in(facts, today=DAY, last_day=last_day, most_days=5) == expected
