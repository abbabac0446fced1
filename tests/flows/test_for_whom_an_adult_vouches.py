"""An adult vouches for a pupil, and for nobody whom the pupil is besides."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from idp.store.affiliations import Affiliation
from idp.store.login_sessions import LoginSession
from idp.store.step_up import StepUpRequest
from idp.usecases import step_up
from policies.vocabulary import ActorGroup, Level
from tests import recipes
from tests.flows.test_an_adult_vouches import ASK, Adults, asta_waits
from tests.opponents.school_day import WORDS, SchoolDay, arrived

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page


@pytest.fixture
def adults(day: SchoolDay) -> Adults:
    return Adults(day)


@dataclass
class Grown:
    """A pupil of the tenth grade who has a child at the school."""

    day: SchoolDay
    adults: Adults
    person: recipes.Someone
    as_parent: int

    def asks(self, browser: Browser, ask: str = ASK) -> Page:
        """Come with the code; that it ends some day is read, and put off."""
        page = browser.type_code(self.day.code_page(browser, self.person.username, ask), WORDS)
        return browser.post(page.address, [("choice", "later")]) if page.step == "code-ends" else page


@pytest.fixture
def grown(day: SchoolDay, adults: Adults) -> Grown:
    with day.system.database.writing() as db:
        person = recipes.a_pupil(db, day.system, day.school, level=Level.G10, code=WORDS)
        as_parent = recipes.also_attached(db, day.system, person, day.school, ActorGroup.CONTACT)
    adults.pupils.append(person.id)
    return Grown(day, adults, person, as_parent)


def test_who_is_a_parent_too_goes_on_as_the_pupil(grown: Grown) -> None:
    browser = grown.day.browser()
    page = grown.asks(browser)
    assert page.step == "step-up"
    grown.adults.approve()
    assert arrived(browser.open(page.address))["level"] == "VoksenVerificeret"
    with grown.day.system.database.reading() as db:
        assert db.execute(select(LoginSession.actor_group)).scalar_one() == ActorGroup.PUPIL


def test_who_has_logged_in_as_a_parent_waits_for_nobody(grown: Grown) -> None:
    browser = grown.day.browser()
    page = grown.asks(browser, "/ask?state=zero")
    assert page.step == "who"
    arrived(browser.post(page.address, [("as", str(grown.as_parent))]))
    assert arrived(browser.open(ASK))["error"] == "sign-in:assurance-not-available"
    assert grown.adults.see() == ()


def test_an_approval_is_gone_with_the_attachment_as_pupil(grown: Grown) -> None:
    browser = grown.day.browser()
    page = grown.asks(browser)
    grown.adults.approve()
    with grown.day.system.database.writing() as db:
        ended = update(Affiliation).where(Affiliation.id == grown.person.affiliation_id)
        db.execute(ended.values(valid_to=grown.day.system.now()))
    assert arrived(browser.open(page.address))["error"] == "sign-in:assurance-not-available"


def test_a_press_sent_many_times_at_once_asks_once(day: SchoolDay, adults: Adults, clock: StandingClock) -> None:
    browser = day.browser()
    page = asta_waits(day, browser)
    clock.advance(minutes=10)
    twins = [browser.twin() for _ in range(6)]
    with ThreadPoolExecutor(6) as pressing:
        presses = [pressing.submit(one.post, page.address, [("answer", "again")], follow=False) for one in twins]
    assert {press.result().status for press in presses} <= {303, 503}
    with day.system.database.reading() as db:
        assert db.execute(select(func.count(StepUpRequest.id))).scalar_one() == 2
    assert len(adults.see()) == 1


def test_six_an_hour_are_the_most_from_however_many_logins_at_once(day: SchoolDay, adults: Adults) -> None:
    """ASVS 6.6.3: whoever has the code could else fill the teacher's page."""
    system = day.system

    def ask(_: int) -> bool:
        with system.database.writing() as db:
            attempt = recipes.an_attempt(db, system, service_id=day.service_id, person_id=day.asta.id)
            refused = step_up.ask(
                db, system, attempt_id=attempt, person_id=day.asta.id, service_id=day.service_id,
                institution_id=day.school.id, browser_digest=str(attempt).encode().rjust(32, b"1"), devices=(),
                address="192.0.2.7",
            )  # fmt: skip
        return refused is None

    with ThreadPoolExecutor(8) as asking:
        assert sum(asking.map(ask, range(12))) == 6
    assert len(adults.see()) == 6
