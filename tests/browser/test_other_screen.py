"""A board is logged in, and a service is allowed or not, without JavaScript and with the keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.journeys import give_code, give_username
from tests.browser.services import a_board, of_nobodys_school

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Opener
    from tests.browser.demonstration import Demonstration

MOST_STOPS = 20


def test_a_board_is_logged_in_by_whoever_types_its_code(opened: Opener, demo: Demonstration) -> None:
    page, pupil, board = opened(javascript=False), demo.personas["eighth-grader"], a_board(demo)
    codes = board.ask(page)
    page.goto("/device")
    expect(page.locator("[name=user_code]")).to_be_focused()
    page.keyboard.type(codes["user_code"].lower().replace("-", " "))
    page.keyboard.press("Enter")
    give_username(page, pupil.username)
    give_code(page, pupil.code, javascript=False)
    expect(page.locator(".user-code")).to_contain_text(codes["user_code"])
    assert board.hears(page, codes) == "authorization_pending"
    press(page, "Det er mig")
    expect(page).to_have_url(re.compile("/device/allowed$"))
    assert board.hears(page, codes) == "tokens"


def test_a_service_that_is_not_the_schools_hears_no(opened: Opener, demo: Demonstration) -> None:
    page, student = opened(javascript=False), demo.personas["gymnasium-student"]
    page.goto(of_nobodys_school(demo))
    give_username(page, student.username)
    give_code(page, student.code, javascript=False)
    expect(page.locator("h1")).to_contain_text("Skakklubben")
    with page.expect_request(re.compile("logged-out")) as carried:
        press(page, "Nej")
    assert "error=access_denied" in carried.value.url


def press(page: Page, words: str) -> None:
    """Come to the button by the Tab key, and press Enter."""
    button = page.get_by_role("button", name=words, exact=True)
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if button.evaluate("one => one === document.activeElement"):
            break
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
