"""The matrix, part one: reload, back, forward, bookmarks, tabs and double presses. Each way leads to a finished login."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import chromium
from tests.browser.journeys import (
    LOG_IN_WITH_US,
    SERVICE,
    give_code,
    give_username,
    go_to_service,
    is_inside,
    log_out,
    press,
    tab_to,
    tap,
    to_the_code,
    wrong,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Opener
    from tests.browser.demonstration import Demonstration

pytestmark = pytest.mark.long

LOGIN_IS_OVER = "Dette login er slut"
TO_THE_SERVICE = "Gå til tjenesten"


def test_reload_on_every_page(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["pupil-at-two-schools"]
    go_to_service(page)
    page.reload()
    give_username(page, pupil.username)
    page.reload()
    give_code(page, pupil.code)
    expect(page.locator(".choice")).to_have_count(2)
    page.reload()
    page.locator(".choice").first.click()
    is_inside(page)


def test_back_and_forward_between_name_and_code(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["first-grader"]
    to_the_code(page, pupil)
    page.go_back()
    expect(page.locator("[name=username]")).to_be_visible()
    page.go_forward()
    give_code(page, pupil.code)
    is_inside(page)


def test_back_from_the_cards_of_who_i_am(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["pupil-at-two-schools"]
    to_the_code(page, pupil)
    give_code(page, pupil.code)
    expect(page.locator(".choice")).to_have_count(2)
    page.go_back()  # the code was right: it is not asked for twice
    expect(page.locator(".choice")).to_have_count(2)
    page.locator(".choice").last.click()
    is_inside(page)


@pytest.mark.parametrize("shared", [False, True], ids=["my own device", "a shared device"])
def test_a_bookmark_of_a_login_that_is_over(page: Page, demo: Demonstration, *, shared: bool) -> None:
    pupil = demo.personas["fifth-grader"]
    to_the_code(page, pupil, shared=shared)
    bookmark = page.url
    give_code(page, pupil.code)
    is_inside(page)
    with demo.later(minutes=1):
        page.goto(bookmark)
        expect(page.locator("h1")).to_have_text(LOGIN_IS_OVER)
        press(page, TO_THE_SERVICE)
        is_inside(page)


def test_a_bookmark_in_a_browser_that_never_was_there(page: Page, opened: Opener, demo: Demonstration) -> None:
    pupil = demo.personas["fifth-grader"]
    to_the_code(page, pupil)
    other = opened()
    other.goto(page.url)
    expect(other.locator(".reference")).to_be_visible()
    press(other, TO_THE_SERVICE)
    other.click(LOG_IN_WITH_US)
    give_username(other, pupil.username)
    give_code(other, pupil.code)
    is_inside(other)


def test_the_same_page_in_a_second_tab(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["first-grader"]
    to_the_code(page, pupil)
    other = page.context.new_page()
    other.goto(page.url)
    tap(page, pupil.code[:2])
    give_code(other, pupil.code)
    is_inside(other)
    page.reload()
    expect(page.locator("main")).to_be_visible()
    page.goto(SERVICE)
    is_inside(page)


def test_the_same_request_twice(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["fifth-grader"]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/oidc/authorize" in request.url else None)
    go_to_service(page)
    page.goto(asked[0])
    give_username(page, pupil.username)
    code_page = page.url
    page.goto(asked[0])
    assert page.url == code_page
    give_code(page, pupil.code)
    is_inside(page)


def test_a_button_pressed_twice(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["fifth-grader"]
    to_the_code(page, pupil, shared=True)
    page.fill("[name=password]", str(pupil.code))
    page.dblclick("main button.go")
    is_inside(page)


def test_a_form_sent_again_after_going_back(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["fifth-grader"]
    to_the_code(page, pupil)
    give_code(page, wrong(pupil.code))
    expect(page.get_by_role("alert")).to_be_visible()
    page.go_back()
    page.go_forward()
    give_code(page, pupil.code)
    is_inside(page)


def test_a_page_that_the_browser_kept_as_it_was(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["first-grader"]
    to_the_code(page, pupil)
    tap(page, pupil.code)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    if page.locator(".slot.filled").count() == 0:
        tap(page, pupil.code)
    page.click("main button.go")
    is_inside(page)


@pytest.mark.parametrize("shared", [False, True], ids=["my own device", "a shared device"])
def test_back_after_logging_out(page: Page, demo: Demonstration, *, shared: bool) -> None:
    pupil = demo.personas["fifth-grader"]
    to_the_code(page, pupil, shared=shared)
    code_page = page.url
    give_code(page, pupil.code)
    is_inside(page)
    log_out(page)
    page.goto(code_page)
    expect(page.locator("h1")).to_have_text(LOGIN_IS_OVER)
    expect(page.locator("body")).not_to_contain_text(pupil.username)
    press(page, TO_THE_SERVICE)
    page.click(LOG_IN_WITH_US)
    expect(page.locator("[name=username]")).to_have_value("")
    give_username(page, pupil.username)
    give_code(page, pupil.code)
    is_inside(page)


def test_a_browser_that_keeps_pages_for_going_back_keeps_none_of_a_login(browser: Browser, demo: Demonstration) -> None:
    """With Chromium's back/forward cache, which Playwright usually switches off."""
    with chromium.keeping_pages(browser) as keeping, chromium.a_window(keeping, demo.origin) as window:
        page, pupil = window.new_page(), demo.personas["fifth-grader"]
        to_the_code(page, pupil, shared=True)
        give_code(page, pupil.code)
        is_inside(page)
        log_out(page)
        for _ in range(2):  # to the service before it was left, and to the page of the code
            page.evaluate("() => { setTimeout(() => history.back(), 0) }")
            page.wait_for_event("domcontentloaded")
        expect(page.locator("h1")).to_have_text(LOGIN_IS_OVER)
        expect(page.locator("body")).not_to_contain_text(pupil.username)
        press(page, TO_THE_SERVICE)
        page.click(LOG_IN_WITH_US)
        give_username(page, pupil.username)
        give_code(page, pupil.code)
        is_inside(page)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_the_next_child_on_a_shared_tablet(opened: Opener, demo: Demonstration, *, javascript: bool) -> None:
    one, other = demo.personas["fifth-grader"], demo.personas["first-grader"]
    page = opened(javascript=javascript)
    to_the_code(page, one, shared=True)
    give_code(page, one.code)
    is_inside(page)
    page.goto("/talkongen/")
    page.click(LOG_IN_WITH_US)
    expect(page.locator("h1")).to_contain_text("Er du stadig")
    press(page, "Nej, log ud")
    expect(page.locator("[name=shared]")).to_be_checked()
    give_username(page, other.username)
    page.click(".not-you button")
    expect(page.locator("[name=username]")).to_have_value("")
    give_username(page, other.username)
    give_code(page, other.code, javascript=javascript)
    expect(page.locator("[data-claim=sub]")).to_be_attached()


def test_the_language_changes_in_the_middle_of_each_step(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["pupil-at-two-schools"]
    go_to_service(page)
    page.fill("[name=username]", pupil.username)
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Log in")
    expect(page.locator("[name=username]")).to_have_value(pupil.username)
    page.click("main button.go")
    page.get_by_role("link", name="Dansk").click()
    give_code(page, pupil.code)
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("Who are you now?")
    page.locator(".choice").first.click()
    is_inside(page)


def test_who_i_am_and_that_i_still_am_with_the_keyboard_alone(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["pupil-at-two-schools"]
    to_the_code(page, pupil, shared=True)
    give_code(page, pupil.code)
    tab_to(page, ".choice")
    page.keyboard.press("Enter")
    is_inside(page)
    page.goto("/talkongen/")
    page.click(LOG_IN_WITH_US)
    expect(page.locator("h1")).to_contain_text("Er du stadig")
    tab_to(page, ".choice")
    page.keyboard.press("Space")
    expect(page.locator("[data-claim=sub]")).to_be_attached()


@pytest.mark.parametrize("persona", ["first-grader", "fifth-grader", "teacher", "pupil-at-two-schools"])
def test_a_login_without_javascript(opened: Opener, demo: Demonstration, persona: str) -> None:
    """New pictures without it are in :mod:`tests.browser.test_new_code`, the next child at a tablet above."""
    page, someone = opened(javascript=False), demo.personas[persona]
    to_the_code(page, someone)
    give_code(page, someone.code, javascript=False)
    if persona == "pupil-at-two-schools":
        page.locator(".choice").first.click()
    is_inside(page)
