"""How long a session lives by who it is, and that nobody's session is what somebody else planted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from idp.store.login_sessions import LoginSession
from tests import recipes
from tests.opponents.school_day import PICTURES, WORDS, SchoolDay, arrived

if TYPE_CHECKING:
    from tests.conftest import StandingClock


@pytest.mark.parametrize(("who", "idle_minutes"), [("pupil", 60), ("teacher", 30), ("parent", 30)])
def test_a_session_lives_a_working_day_and_unused_as_long_as_the_rules_say(
    day: SchoolDay, clock: StandingClock, who: str, idle_minutes: int
) -> None:
    with day.system.database.writing() as db:
        person = {
            "pupil": lambda: recipes.a_pupil(db, day.system, day.school, code=PICTURES),
            "teacher": lambda: recipes.a_teacher(db, day.system, day.school, code=WORDS),
            "parent": lambda: recipes.a_contact(db, day.system, day.school, of=day.asta, code=WORDS),
        }[who]()
    browser = day.browser()
    page = day.code_page(browser, person.username)
    arrived(browser.tap(page, PICTURES) if page.step == "pictures" else browser.type_code(page, WORDS))
    with day.system.database.reading() as db:
        kept = db.execute(select(LoginSession)).scalar_one()
        assert (kept.expires_at - kept.created_at).total_seconds() == 8 * 3600
    clock.advance(minutes=idle_minutes - 1)
    assert "who=" in browser.open("/ask?state=two&silent=1").address
    clock.advance(minutes=idle_minutes)
    assert "who=" not in browser.open("/ask?state=three&silent=1").address


def test_a_session_that_somebody_planted_is_neither_kept_nor_shared(day: SchoolDay) -> None:
    """Fixation: the one who planted it must not come to act as the victim, nor the victim as the one who planted it."""
    attacker, victim = day.browser(), day.browser()
    arrived(attacker.type_code(day.code_page(attacker, day.bo.username), WORDS))
    planted = str(attacker.cookie("skolepas"))
    victim.set_cookie("skolepas", planted)
    victim.submit(victim.open("/logout"))
    victim.set_cookie("skolepas", planted)  # once more; it is over
    day.log_in(victim, "/ask?state=three")
    assert victim.cookie("skolepas") != planted
    assert "who=" not in attacker.open("/ask?state=four&silent=1").address


def test_logging_in_ends_the_session_that_the_browser_had(day: SchoolDay, clock: StandingClock) -> None:
    browser = day.browser()
    day.log_in(browser)
    before = str(browser.cookie("skolepas"))
    clock.advance(minutes=1)
    page = day.code_page(browser, day.bo.username, "/ask?state=two&again=1")
    assert arrived(browser.type_code(page, WORDS))["who"] == day.bo.uniid
    thief = day.browser()
    thief.set_cookie("skolepas", before)
    assert "who=" not in thief.open("/ask?state=three&silent=1").address
