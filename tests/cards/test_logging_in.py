"""A school card takes the place of typing the username; the pictures follow, and nobody gets in without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from idp.store.login_requests import LoginAttempt
from idp.store.login_sessions import SessionFactor
from idp.usecases.cards import take_card_back
from idp.usecases.grants import _methods
from policies.vocabulary import Assurance, Factor
from tests.cards.at_school import ELSEWHERE, HERE, a_card, use_cards
from tests.opponents.databases import sqlite_is_long
from tests.opponents.school_day import OTHERS, PICTURES, SchoolDay, arrived

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page

DOES_NOT_WORK = "Kortet virker ikke her lige nu. Skriv dit brugernavn i stedet, eller spørg din lærer."


@pytest.fixture
def token(day: SchoolDay) -> str:
    use_cards(day.system, day.school)
    return a_card(day.system, day.asta)


def scan(browser: Browser, token: str, ask: str = "/ask?state=one") -> Page:
    """Come from the service, choose the card, and let a keyboard scanner type it."""
    page = browser.open(ask)
    if page.step != "username":
        page = browser.open(page.address.replace(page.step, "username"))
    return browser.submit(browser.open(page.link("Jeg har et elevkort")), ("card", token))


def wrong_tries(browser: Browser, page: Page, tries: int) -> Page:
    for _ in range(tries):
        page = browser.tap(page, OTHERS)
    return page


def test_a_pupil_shows_the_card_and_taps_the_pictures(day: SchoolDay, token: str) -> None:
    browser = day.browser()
    page = scan(browser, token)
    assert page.step == "pictures"
    assert arrived(browser.tap(page, PICTURES))["who"] == day.asta.uniid
    with day.system.database.reading() as db:
        factors = db.execute(select(SessionFactor.factor)).scalars().all()
    assert set(factors) == {Factor.CARD, Factor.PICTURES}


@pytest.mark.parametrize("typed", [str.lower, str.upper, str.swapcase, lambda token: f" {token} "])
def test_a_scanner_may_type_into_the_username_too_with_caps_lock_on_or_off(
    day: SchoolDay, token: str, typed: type[str]
) -> None:
    browser = day.browser()
    assert browser.type_username(browser.open("/ask?state=one"), typed(token)).step == "pictures"
    with day.system.database.reading() as db:
        assert db.execute(select(LoginAttempt.username)).scalars().all() == [day.asta.username]


def test_a_card_alone_opens_nothing(day: SchoolDay, token: str) -> None:
    browser = day.browser()
    page = scan(browser, token)
    for name in ("done", "who", "new-code", "confirm", "choose-code", ""):
        assert browser.open(page.address.replace("pictures", name).rstrip("/")).step == "pictures"
    assert browser.cookie("skolepas") is None


def test_a_card_with_pictures_is_no_second_factor(day: SchoolDay, token: str) -> None:
    browser = day.browser()
    page = browser.tap(scan(browser, token, "/ask?level=ToFaktor"), PICTURES)
    assert arrived(page)["error"] == "sign-in:assurance-not-available"


def test_a_card_with_pictures_does_not_stand_in_for_an_adult(day: SchoolDay, token: str) -> None:
    browser = day.browser()
    assert browser.tap(scan(browser, token, "/ask?level=VoksenVerificeret"), PICTURES).step == "step-up"


def test_a_service_reads_both_methods(day: SchoolDay) -> None:
    assert _methods([Factor.PICTURES, Factor.CARD], Assurance.EN_FAKTOR) == ["card", "pwd"]


def test_wrong_pictures_after_a_card_keep_the_card(day: SchoolDay, token: str) -> None:
    browser = day.browser()
    page = browser.tap(scan(browser, token), OTHERS)
    assert page.error == "Brugernavnet eller koden passede ikke. Prøv igen."
    assert arrived(browser.tap(page, PICTURES))["who"] == day.asta.uniid


def test_half_a_scan_is_never_kept_as_a_name(day: SchoolDay, token: str) -> None:
    browser = day.browser()
    page = browser.type_username(browser.open("/ask?state=one"), token[:20])
    assert (page.step, page.error) == ("card", "Kortet blev ikke læst. Prøv igen, eller skriv dit brugernavn.")
    with day.system.database.reading() as db:
        kept = db.execute(select(LoginAttempt.username, LoginAttempt.state)).one()
    assert kept.username is None
    assert token[:20].lower() not in str(kept.state).lower()


def test_the_page_says_the_same_whatever_the_reason(day: SchoolDay, token: str, clock: StandingClock) -> None:
    unknown = token[:-3] + ("0" if token[-3] != "0" else "1")
    replaced, token = token, a_card(day.system, day.asta)
    said = {scan(day.browser(address=address), card).error for address, card in ((HERE, replaced), (ELSEWHERE, token))}
    clock.advance(hours=12)
    said.add(scan(day.browser(), token).error)
    use_cards(day.system, day.school, enabled=False)
    said.add(scan(day.browser(), token).error)
    assert said == {DOES_NOT_WORK}
    assert scan(day.browser(), unknown).error  # not even its check letters are right
    page = scan(day.browser(), token)
    assert page.step == "card"
    assert arrived_by_name(day, page)


def arrived_by_name(day: SchoolDay, page: Page) -> bool:
    """Say whether the pupil whose card does not work gets in by typing, in a browser of its own."""
    browser = day.browser()
    return arrived(day.log_in(browser))["who"] == day.asta.uniid and page.link("Jeg har intet kort") != ""


def test_a_classmate_who_spends_the_strangers_budget_does_not_keep_the_card_out(
    day: SchoolDay, token: str, clock: StandingClock
) -> None:
    classmate = day.browser()
    for number in range(43):
        page = day.code_page(classmate, day.asta.username, f"/ask?state={number}")
        classmate.tap(page, OTHERS)
        clock.advance(minutes=5)
    assert "Spørg din lærer" in day.code_page(day.browser(), day.asta.username).error
    browser = day.browser()
    page = scan(browser, token)
    assert page.error == ""
    assert arrived(browser.tap(page, PICTURES))["who"] == day.asta.uniid


def test_a_found_card_has_a_budget_of_its_own_that_its_owner_does_not_refill(
    day: SchoolDay, token: str, clock: StandingClock
) -> None:
    finder = day.browser()
    use_cards(day.system, day.school, days=[1, 2, 3, 4, 5, 6, 7], opens="00:00", closes="23:59")
    for number in range(19):
        finder.tap(scan(finder, token, f"/ask?state={number}"), OTHERS)
        clock.advance(hours=1)
    owner = day.browser()
    assert arrived(owner.tap(scan(owner, token), PICTURES))["who"] == day.asta.uniid
    finder.tap(scan(finder, token, "/ask?state=last"), OTHERS)
    clock.advance(hours=1)
    assert "Spørg din lærer" in scan(finder, token, "/ask?state=spent").error
    assert day.code_page(day.browser(), day.asta.username).error == ""  # strangers' tries are untouched


def test_a_known_device_that_must_wait_does_not_keep_the_card_waiting(
    day: SchoolDay, token: str, clock: StandingClock
) -> None:
    tablet = day.browser()
    day.log_in(tablet)
    clock.advance(seconds=1)
    page = wrong_tries(tablet, day.code_page(tablet, day.asta.username, "/ask?state=two&again=1"), 5)
    assert "Vent" in page.error
    page = scan(tablet, token, "/ask?state=three&again=1")
    assert page.error == ""
    assert arrived(tablet.tap(page, PICTURES))["who"] == day.asta.uniid


def test_a_card_that_is_revoked_on_the_way_gives_no_tries_of_its_own(day: SchoolDay, token: str) -> None:
    finder = day.browser()
    page = wrong_tries(finder, scan(finder, token), 5)
    assert "Vent" in page.error
    with day.system.database.writing() as db:
        take_card_back(db, day.system, person_id=day.asta.id, taken_by=None, lost=True)
    assert finder.open(page.address).error == "Brugernavnet eller koden passede ikke. Prøv igen."
    wrong_tries(finder, page, 5)
    assert "Vent" in day.code_page(day.browser(), day.asta.username).error  # counted among strangers


def test_very_many_cards_that_do_not_work_make_the_network_wait_and_nobody_else(day: SchoolDay, token: str) -> None:
    revoked, token = token, a_card(day.system, day.asta)
    rule = day.system.rules.lockout.network
    browser = day.browser()
    page = scan(browser, revoked)
    for _ in range(rule.free_failures):
        browser.submit(page, ("card", revoked), follow=False)
    assert "Vent" in browser.open(page.address).error
    assert "Vent" in scan(day.browser(), token).error
    assert day.code_page(day.browser(), day.asta.username).error == ""
    use_cards(day.system, day.school, networks=["0.0.0.0/0"])
    assert scan(day.browser(address=ELSEWHERE), token).step == "pictures"


def test_another_name_forgets_the_card(day: SchoolDay, token: str) -> None:
    browser = day.browser()
    page = scan(browser, token)
    page = browser.type_username(browser.open(page.address.replace("pictures", "username")), day.bo.username)
    assert page.step == "password"
    with day.system.database.reading() as db:
        state = db.execute(select(LoginAttempt.state)).scalar_one()
    assert not state["factors"]
    assert "card" not in state


def test_a_browser_secret_that_was_copied_is_not_worth_the_card(day: SchoolDay, token: str) -> None:
    browser, thief = day.browser(), day.browser()
    page = scan(browser, token)
    thief.set_cookie("skolepas-browser", str(browser.cookie("skolepas-browser")))
    wrong_tries(thief, thief.open(page.address), 5)
    assert "Vent" in day.code_page(day.browser(), day.asta.username).error  # counted among strangers


def test_where_nobody_has_a_card_no_page_speaks_of_one(day: SchoolDay) -> None:
    page = day.browser().open("/ask?state=one")
    assert "elevkort" not in page.body


def test_only_the_cards_page_may_ask_for_the_camera(day: SchoolDay, token: str) -> None:
    browser = day.browser()
    page = browser.open("/ask?state=one")
    assert "camera=()" in page.headers["Permissions-Policy"]
    card = browser.open(page.link("Jeg har et elevkort"))
    assert card.headers["Permissions-Policy"] == "camera=(self), geolocation=(), microphone=()"
    assert "script-src 'self';" in card.headers["Content-Security-Policy"]
    field = card.form.find("input", id="card")
    assert field is not None
    assert (field["autocomplete"], field.get("value")) == ("off", None)


@sqlite_is_long
@pytest.mark.parametrize("junk", ["", "\0", "😀" * 50, "skp\u202e", "x" * 100_000, "SKP" + "B" * 30])
def test_junk_from_a_scanner_gets_clear_words(day: SchoolDay, token: str, junk: str) -> None:
    page = scan(day.browser(), junk)
    assert (page.status, page.step) == (200, "card")
    assert page.error


def test_the_browser_offers_the_way_that_was_used_there_last_first(day: SchoolDay, token: str) -> None:
    def order(page: Page) -> list[str]:
        """The field and the link to the card's page, as they come."""
        return [str(tag.name) for tag in page.soup.select("main #username, main a[href$='/card']")]

    browser = day.browser()
    page = browser.open("/ask?state=one")
    assert order(page) == ["input", "a"]
    arrived(browser.tap(scan(browser, token), PICTURES))
    browser.submit(browser.open("/logout"))
    assert browser.cookie("skolepas-way") == "card"
    assert order(browser.open("/ask?state=two")) == ["a", "input"]
    day.log_in(browser, "/ask?state=three")
    browser.submit(browser.open("/logout"))
    assert browser.cookie("skolepas-way") is None
    assert order(browser.open("/ask?state=four")) == ["input", "a"]
