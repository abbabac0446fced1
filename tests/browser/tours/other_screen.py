"""A screen without a keyboard: its code is typed or compared, and the person says whether it is theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.journeys import GO, give_code, give_username
from tests.browser.services import a_board

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration
    from tests.browser.tours import Windows

TOLD = {
    "device-code": "A board shows a code; it is typed here.",
    "device-code-wrong": "No screen shows that code.",
    "device-compare": "The code came in an address, from a QR code: it is compared.",
    "other-screen": "After the login: is it you who is there?",
    "device-allowed": "The board is logged in.",
}


def walk(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk with a pupil who logs a board in."""
    page, pupil, board = windows(), demo.personas["eighth-grader"], a_board(demo)
    page.goto("/device")
    expect(page.locator("#user_code")).to_be_focused()
    yield "device-code", page
    page.fill("#user_code", "BCDF-GHJK")
    page.click(GO)
    expect(page.get_by_role("alert")).to_be_visible()
    yield "device-code-wrong", page
    page.goto(board.ask(page)["verification_uri_complete"])
    expect(page.locator(".user-code")).to_be_visible()
    yield "device-compare", page
    page.click(GO)
    give_username(page, pupil.username)
    give_code(page, pupil.code)
    expect(page.locator("button[value=allow]")).to_be_visible()
    yield "other-screen", page
    page.click("button[value=allow]")
    expect(page.locator("main h1")).to_be_visible()
    yield "device-allowed", page
