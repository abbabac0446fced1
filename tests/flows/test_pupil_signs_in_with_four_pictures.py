from __future__ import annotations

from typing import TYPE_CHECKING

from tests.opponents.school_day import OTHERS, PICTURES, WORDS, SchoolDay, arrived

if TYPE_CHECKING:
    from tests.conftest import StandingClock


def test_a_pupil_taps_four_pictures_in_rows_and_arrives_at_the_service(day: SchoolDay) -> None:
    browser = day.browser()
    page = browser.open("/ask?state=hello")
    assert page.step == "username"
    page = browser.type_username(page, day.asta.username)
    assert page.step == "pictures"
    assert len(page.values("data-picture")) == 16
    page = browser.tap(page, PICTURES)
    assert arrived(page) == {"state": "hello", "who": day.asta.uniid, "as": "Elev", "sid": arrived(page)["sid"]}
    assert [status for _, status in page.trail] == [303]


def test_the_four_pictures_may_come_under_one_name_in_their_order(day: SchoolDay) -> None:
    browser = day.browser()
    page = browser.tap(day.code_page(browser, day.asta.username), PICTURES, rows=False)
    assert arrived(page)["who"] == day.asta.uniid


def test_the_same_pictures_in_another_order_are_refused(day: SchoolDay) -> None:
    browser = day.browser()
    page = browser.tap(day.code_page(browser, day.asta.username), OTHERS)
    assert page.step == "pictures"
    assert page.error == "Brugernavnet eller koden passede ikke. Prøv igen."


def test_an_older_pupil_types_words(day: SchoolDay) -> None:
    browser = day.browser()
    page = day.code_page(browser, day.bo.username)
    assert page.step == "password"
    assert arrived(browser.type_code(page, WORDS))["who"] == day.bo.uniid


def test_a_username_is_found_however_it_is_written(day: SchoolDay) -> None:
    browser = day.browser()
    page = day.code_page(browser, f" {day.bo.username.upper()} ")
    assert arrived(browser.type_code(page, f"{WORDS} "))["who"] == day.bo.uniid


def test_a_second_service_needs_no_code_while_the_session_lives(day: SchoolDay, clock: StandingClock) -> None:
    browser = day.browser()
    day.log_in(browser)
    assert arrived(browser.open("/ask?state=two"))["who"] == day.asta.uniid
    clock.advance(hours=2)
    assert browser.open("/ask?state=three").step == "username"


def test_a_service_may_ask_for_the_code_again_and_the_old_session_ends(day: SchoolDay, clock: StandingClock) -> None:
    browser = day.browser()
    first = arrived(day.log_in(browser))
    old_cookie = browser.cookie("skolepas")
    clock.advance(seconds=1)
    page = browser.open("/ask?state=two&again=1")
    assert page.step == "username"
    page = browser.tap(browser.type_username(page, day.asta.username), PICTURES)
    assert arrived(page)["sid"] != first["sid"]
    thief = day.browser()
    thief.set_cookie("skolepas", str(old_cookie))
    assert thief.open("/ask?state=three").step == "username"


def test_a_silent_request_is_answered_without_a_page(day: SchoolDay) -> None:
    browser = day.browser()
    assert arrived(browser.open("/ask?silent=1"))["error"] == "sign-in:page-needed"
    day.log_in(browser)
    assert arrived(browser.open("/ask?silent=1"))["who"] == day.asta.uniid


def test_a_level_that_nobody_can_reach_here_is_answered_to_the_service(day: SchoolDay) -> None:
    browser = day.browser()
    page = browser.tap(day.code_page(browser, day.asta.username, "/ask?level=ToFaktor"), PICTURES)
    assert arrived(page)["error"] == "sign-in:assurance-not-available"
    assert browser.cookie("skolepas") is None


def test_whom_the_service_expects_is_filled_in_and_no_more(day: SchoolDay) -> None:
    page = day.browser().open("/ask?hint=carl")
    field = page.form.find("input", attrs={"name": "username"})
    assert field is not None
    assert field["value"] == "carl"
