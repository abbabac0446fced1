"""A service that is not the school's: the person is asked, and takes it back on their own page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.journeys import GO, give_code, give_username
from tests.browser.services import of_nobodys_school

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration
    from tests.browser.tours import Windows

TOLD = {
    "consent": "What the service would be told, and two answers.",
    "consent-too-young": "Whoever is not thirteen yet is not asked.",
    "mit-login-allowed": "Mit login lists what somebody has allowed.",
}


def walk(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk with somebody who is old enough, and with a child."""
    asked = of_nobodys_school(demo)
    page, student = windows(), demo.personas["gymnasium-student"]
    page.goto(asked)
    give_username(page, student.username)
    give_code(page, student.code)
    expect(page.locator("button[value=allow]")).to_be_visible()
    yield "consent", page
    page.click("button[value=allow]")
    page.goto("/mit/")
    expect(page.locator("#allowed")).to_be_visible()
    yield "mit-login-allowed", page
    page.click("form[action*=withdraw] button")
    expect(page.locator("#allowed")).to_have_count(0)
    page, child = windows(), demo.personas["first-grader"]
    page.goto(asked)
    give_username(page, child.username)
    give_code(page, child.code)
    expect(page.locator(GO)).to_have_count(0)
    yield "consent-too-young", page
