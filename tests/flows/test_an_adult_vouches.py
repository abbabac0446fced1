"""VoksenVerificeret: a pupil waits with a match sign, an adult answers, and the login goes on (decisions 9 and 10)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from idp.store.login_sessions import LoginSession
from idp.store.services import Service
from idp.store.step_up import StepUpRequest
from idp.usecases import step_up
from idp.web.session_cookie import SESSION
from policies.step_up import AnsweredAs, Unusual
from policies.vocabulary import ActorGroup, Level, Role
from tests import recipes
from tests.opponents.school_day import PICTURES, WORDS, SchoolDay, arrived

if TYPE_CHECKING:
    from idp.usecases.step_up import Answered, Waiting
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page

HERE = "192.0.2.7"
ASK = "/ask?level=VoksenVerificeret&state=one"


class Adults:
    """The adults at the school, who see everybody who waits there."""

    def __init__(self, day: SchoolDay) -> None:
        self.day, self.system = day, day.system
        self.pupils = [day.asta.id, day.bo.id, day.carl.id, day.dina.id]
        with self.system.database.writing() as db:
            self.teacher = recipes.a_teacher(db, self.system, day.school).id

    def by(self, address: str = HERE) -> step_up.Adult:
        return step_up.Adult(person_id=self.teacher, answered_as=AnsweredAs.TEACHER, address=address)

    def see(self, address: str = HERE) -> tuple[Waiting, ...]:
        with self.system.database.reading() as db:
            return step_up.waiting_among(db, self.system, self.pupils, address=address)

    def approve(
        self, *ids: int, each_by_itself: bool = True, address: str = HERE, among: list[int] | None = None
    ) -> Answered:
        with self.system.database.writing() as db:
            return step_up.approve(
                db, self.system, ids or [one.id for one in self.see(address)], among=among or self.pupils,
                by=self.by(address), each_by_itself=each_by_itself,
            )  # fmt: skip

    def refuse(self, *ids: int) -> Answered:
        with self.system.database.writing() as db:
            return step_up.refuse(db, self.system, ids, among=self.pupils, by=self.by())


@pytest.fixture
def adults(day: SchoolDay) -> Adults:
    return Adults(day)


def asta_waits(day: SchoolDay, browser: Browser, ask: str = ASK) -> Page:
    page = browser.tap(day.code_page(browser, day.asta.username, ask), PICTURES)
    assert page.step == "step-up", page.heading
    return page


def bo_waits(day: SchoolDay, browser: Browser, ask: str = ASK) -> Page:
    page = browser.type_code(day.code_page(browser, day.bo.username, ask), WORDS)
    assert page.step == "step-up", page.heading
    return page


def sign_on(page: Page) -> tuple[str, ...]:
    sources = [str(image["src"]) for image in page.soup.select(".match-sign img")]
    return tuple(source.rpartition("/")[2].partition(".")[0] for source in sources)


def test_the_page_goes_on_when_an_adult_has_said_yes(day: SchoolDay, adults: Adults) -> None:
    browser = day.browser()
    page = asta_waits(day, browser)
    (waiting,) = adults.see()
    assert (waiting.person_id, waiting.pictures) == (day.asta.id, sign_on(page))
    assert len(waiting.pictures) == 2
    assert browser.open(page.address).step == "step-up"
    assert adults.approve(waiting.id).done == (day.asta.id,)
    assert arrived(browser.open(page.address))["level"] == "VoksenVerificeret"


def test_the_state_tells_in_a_word_and_costs_nothing_while_nothing_changes(day: SchoolDay, adults: Adults) -> None:
    browser = day.browser()
    page = asta_waits(day, browser)
    line = page.soup.select_one("[data-state-url]")
    assert line is not None
    known = {"If-None-Match": f'"{line["data-state"]}"'}
    assert browser.open(str(line["data-state-url"]), headers=known).status == 304
    adults.approve()
    answer = browser.open(str(line["data-state-url"]), headers=known)
    assert (answer.status, answer.body.strip().endswith("approved")) == (200, True)


def test_nobody_else_learns_how_a_login_stands(day: SchoolDay, adults: Adults) -> None:
    page = asta_waits(day, day.browser())
    adults.approve()
    thief = day.browser()
    thief.open("/ask?state=two")
    line = page.soup.select_one("[data-state-url]")
    assert line is not None
    assert thief.open(str(line["data-state-url"])).status == 404
    assert thief.open("/login/nobody-has-this/step-up/state").status == 404
    assert thief.open(page.address).status == 403


def test_the_level_holds_two_hours_in_the_session_and_is_gone_then(
    day: SchoolDay, adults: Adults, clock: StandingClock
) -> None:
    browser = day.browser()
    page = asta_waits(day, browser)
    adults.approve()
    arrived(browser.open(page.address))
    for minutes in (50, 50):
        clock.advance(minutes=minutes)
        again = arrived(browser.open(f"/ask?level=VoksenVerificeret&state=after-{minutes}"))
        assert again["level"] == "VoksenVerificeret"
    clock.advance(minutes=20)
    assert arrived(browser.open("/ask?level=EnFaktor&state=one-factor"))["level"] == "EnFaktor"
    page = browser.open("/ask?level=VoksenVerificeret&state=late")
    assert page.step == "step-up"


def test_whoever_is_logged_in_already_waits_without_the_code_and_keeps_the_session(
    day: SchoolDay, adults: Adults
) -> None:
    browser = day.browser()
    first = arrived(day.log_in(browser))
    page = browser.open("/ask?level=VoksenVerificeret&state=two")
    assert page.step == "step-up"
    adults.approve()
    assert arrived(browser.open(page.address))["sid"] == first["sid"]


def test_an_approval_is_used_once_and_by_the_login_that_asked(day: SchoolDay, adults: Adults) -> None:
    browser, other = day.browser(), day.browser()
    page = asta_waits(day, browser)
    adults.approve()
    assert asta_waits(day, other).step == "step-up"  # another browser with the same code waits for itself
    arrived(browser.open(page.address))
    twin = browser.twin()
    twin.forget(SESSION)
    assert twin.open("/ask?level=VoksenVerificeret&state=two").step == "username"


def test_somebody_else_in_the_same_login_does_not_inherit_the_approval(day: SchoolDay, adults: Adults) -> None:
    browser = day.browser()
    page = asta_waits(day, browser)
    page = browser.type_username(browser.open(page.address.replace("step-up", "username")), day.bo.username)
    adults.approve()
    assert browser.type_code(page, WORDS).step == "step-up"


def test_a_code_that_is_given_again_takes_a_new_approval(day: SchoolDay, adults: Adults, clock: StandingClock) -> None:
    browser = day.browser()
    page = asta_waits(day, browser)
    page = browser.type_username(browser.open(page.address.replace("step-up", "username")), day.asta.username)
    clock.advance(seconds=1)
    adults.approve()
    assert browser.tap(page, PICTURES).step == "step-up"


def test_a_refusal_is_said_and_one_may_ask_again(day: SchoolDay, adults: Adults) -> None:
    browser = day.browser()
    page = asta_waits(day, browser)
    adults.refuse(adults.see()[0].id)
    page = browser.open(page.address)
    assert (page.step, page.heading) == ("step-up", "Din lærer sagde nej")
    page = browser.submit(page, ("answer", "again"))
    assert len(adults.see()) == 1
    adults.approve()
    assert arrived(browser.open(page.address))["level"] == "VoksenVerificeret"


def test_whoever_waits_no_longer_goes_back_without_the_level(day: SchoolDay, adults: Adults) -> None:
    browser = day.browser()
    page = browser.submit(asta_waits(day, browser), ("answer", "leave"))
    assert arrived(page)["error"] == "sign-in:assurance-not-available"
    assert not adults.see()


def test_a_request_lapses_after_ten_minutes(day: SchoolDay, adults: Adults, clock: StandingClock) -> None:
    browser = day.browser()
    page = asta_waits(day, browser)
    (waiting,) = adults.see()
    clock.advance(minutes=10)
    assert adults.approve(waiting.id).gone == 1
    assert not adults.see()
    assert browser.open(page.address).heading == "Ingen har svaret"


def test_an_approval_that_is_replayed_does_nothing(day: SchoolDay, adults: Adults) -> None:
    browser = day.browser()
    page = asta_waits(day, browser)
    (waiting,) = adults.see()
    adults.approve(waiting.id)
    arrived(browser.open(page.address))
    assert adults.approve(waiting.id).gone == 1
    assert adults.refuse(waiting.id).gone == 1


def test_only_those_who_wait_among_ones_own_are_approved(day: SchoolDay, adults: Adults) -> None:
    asta_waits(day, day.browser())
    (waiting,) = adults.see()
    assert adults.approve(waiting.id, among=[day.bo.id]).gone == 1
    assert [one.id for one in adults.see()] == [waiting.id]


def test_asking_again_and_again_is_stopped(day: SchoolDay, adults: Adults, clock: StandingClock) -> None:
    browser = day.browser()
    page = asta_waits(day, browser)
    for _ in range(5):
        adults.refuse(*(one.id for one in adults.see()))
        page = browser.submit(browser.open(page.address), ("answer", "again"))
        assert len(adults.see()) == 1
    adults.refuse(adults.see()[0].id)
    page = browser.submit(browser.open(page.address), ("answer", "again"))
    assert (bool(page.error), adults.see()) == (True, ())
    other = day.browser()
    assert asta_waits(day, other).error
    clock.advance(hours=1, seconds=1)
    page = browser.tap(day.code_page(browser, day.asta.username, "/ask?level=VoksenVerificeret&state=new"), PICTURES)
    assert (page.step, len(adults.see())) == ("step-up", 1)


def test_a_second_request_in_the_same_browser_takes_the_place_of_the_first(day: SchoolDay, adults: Adults) -> None:
    browser = day.browser()
    asta_waits(day, browser)
    page = browser.tap(day.code_page(browser, day.asta.username, "/ask?level=VoksenVerificeret&state=two"), PICTURES)
    assert (page.step, len(adults.see())) == ("step-up", 1)


def test_one_press_for_many_leaves_out_what_is_unusual(day: SchoolDay, adults: Adults, clock: StandingClock) -> None:
    known, new = day.browser(), day.browser()
    arrived(known.type_code(day.code_page(known, day.bo.username), WORDS))
    known.forget(SESSION)
    clock.advance(hours=12)
    bo_waits(day, known)
    page = asta_waits(day, new)
    assert {one.person_id: one.unusual for one in adults.see()} == {
        day.bo.id: frozenset(),
        day.asta.id: {Unusual.NEW_DEVICE},
    }
    came = adults.approve(each_by_itself=False)
    assert (came.done, came.skipped) == ((day.bo.id,), (day.asta.id,))
    assert new.open(page.address).step == "step-up"


def test_a_login_just_before_makes_a_browser_no_less_new(day: SchoolDay, adults: Adults, clock: StandingClock) -> None:
    """Whoever has a classmate's code could else make the own tablet known with it, a minute before."""
    browser = day.browser()
    arrived(day.log_in(browser))
    browser.forget(SESSION)
    clock.advance(hours=11, minutes=59)
    asta_waits(day, browser)
    assert [one.unusual for one in adults.see()] == [{Unusual.NEW_DEVICE}]


def test_another_network_and_a_second_browser_are_unusual(day: SchoolDay, adults: Adults, clock: StandingClock) -> None:
    first, second = day.browser(), day.browser()
    for browser in (first, second):
        arrived(browser.tap(day.code_page(browser, day.asta.username), PICTURES))
        browser.forget(SESSION)
    clock.advance(hours=12)
    asta_waits(day, first)
    assert [one.unusual for one in adults.see()] == [frozenset()]
    assert [one.unusual for one in adults.see("198.51.100.7")] == [{Unusual.OTHER_NETWORK}]
    asta_waits(day, second)
    assert [one.unusual for one in adults.see()] == [{Unusual.SECOND_REQUEST}] * 2
    assert adults.approve(each_by_itself=False).skipped == (day.asta.id, day.asta.id)


def test_signs_are_unique_among_those_who_wait(day: SchoolDay, adults: Adults) -> None:
    """A draw that always gives the first sign would give everybody the same."""
    system = day.system
    object.__setattr__(system, "draw", lambda _: 0)
    asta, bo = asta_waits(day, day.browser()), bo_waits(day, day.browser())
    assert sign_on(asta) != sign_on(bo)


def test_a_sign_that_somebody_else_has_anyway_counts_for_nobody(day: SchoolDay, adults: Adults) -> None:
    """Two schools of one pupil may give the same sign; then it does not tell who is who."""
    asta_waits(day, day.browser())
    bo_waits(day, day.browser())
    with day.system.database.writing() as db:
        other = recipes.a_school(db, day.system)
        sign = db.execute(select(StepUpRequest.sign).where(StepUpRequest.person_id == day.asta.id)).scalar_one()
        db.execute(
            update(StepUpRequest).where(StepUpRequest.person_id == day.bo.id).values(sign=sign, institution_id=other.id)
        )
    assert all(Unusual.SAME_SIGN in one.unusual for one in adults.see())
    assert len(adults.approve(each_by_itself=False).skipped) == 2


def test_a_service_that_takes_an_adult_for_two_factors_gets_one(day: SchoolDay, adults: Adults) -> None:
    with day.system.database.writing() as db:
        db.execute(update(Service).where(Service.id == day.service_id).values(accepts_adult_as_two=True))
    browser = day.browser()
    page = asta_waits(day, browser, "/ask?level=ToFaktor&state=one")
    adults.approve()
    assert arrived(browser.open(page.address))["level"] == "VoksenVerificeret"


def test_a_service_that_does_not_is_told_no(day: SchoolDay) -> None:
    browser = day.browser()
    page = browser.tap(day.code_page(browser, day.asta.username, "/ask?level=ToFaktor&state=one"), PICTURES)
    assert arrived(page)["error"] == "sign-in:assurance-not-available"


def test_no_page_means_no_waiting(day: SchoolDay, adults: Adults) -> None:
    browser = day.browser()
    arrived(day.log_in(browser))
    said = arrived(browser.open("/ask?level=VoksenVerificeret&silent=1&state=two"))
    assert (said["error"], adults.see()) == ("sign-in:page-needed", ())


def test_whoever_works_at_a_school_or_is_no_confirmed_pupil_waits_for_nobody(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        teacher = recipes.a_teacher(db, day.system, day.school, code=WORDS)
        contact = recipes.a_contact(db, day.system, day.school, of=day.asta, code=WORDS)
        both = recipes.a_pupil(db, day.system, day.school, level=Level.G9, code=WORDS)
        other = recipes.a_school(db, day.system)
        recipes.also_attached(db, day.system, both, other, ActorGroup.STAFF, roles=(Role.SUBSTITUTE,))
    for someone in (teacher, contact, both):
        browser = day.browser()
        page = browser.type_code(day.code_page(browser, someone.username, ASK), WORDS)
        assert arrived(page)["error"] == "sign-in:assurance-not-available"


def test_waiting_survives_a_lost_script_and_two_tabs(day: SchoolDay, adults: Adults) -> None:
    browser = day.browser()
    page = asta_waits(day, browser)
    assert page.soup.select_one("noscript meta[http-equiv=refresh]") is not None
    adults.approve()
    first = browser.open(page.address)
    arrived(first)
    again = browser.open(page.address)  # the other tab: the same press once more, or a page with a way on
    assert again.status in {200, 303, 410}
    assert timedelta(seconds=day.system.rules.elevadgang.step_up.level_seconds) == timedelta(hours=2)


def test_of_two_adults_who_press_at_once_one_counts(day: SchoolDay, adults: Adults) -> None:
    asta_waits(day, day.browser())
    (waiting,) = adults.see()
    with ThreadPoolExecutor(8) as pressing:
        presses = [pressing.submit(adults.refuse if n % 2 else adults.approve, waiting.id) for n in range(8)]
    assert sum(len(press.result().done) for press in presses) == 1


def test_of_two_tabs_that_go_on_at_once_one_session_comes(day: SchoolDay, adults: Adults) -> None:
    browser = day.browser()
    page = asta_waits(day, browser)
    adults.approve()
    twins = [browser.twin() for _ in range(4)]
    with ThreadPoolExecutor(4) as going:
        pages = [press.result() for press in [going.submit(one.open, page.address, follow=False) for one in twins]]
    assert all(one.status in {200, 303, 410} for one in pages)
    with day.system.database.reading() as db:
        used = db.execute(select(StepUpRequest.used_at, StepUpRequest.session_id)).all()
        sessions = db.execute(select(LoginSession.id).where(LoginSession.ended_at.is_(None))).scalars().all()
    assert [row.session_id for row in used] == list(sessions)
