"""A device that others use too, and somebody whom no school knows any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.journeys import GO, LOG_IN_WITH_US, give_code, give_username, go_to_service, is_inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration
    from tests.browser.tours import Windows

TOLD = {
    "username-shared": "Others use this device too.",
    "pictures-shared": "On such a device the way out for somebody else is big, and on every page.",
    "words-shared": "The same on the page of the words.",
    "still-you": "Another service is opened: are you still the one who logged in?",
}


def walk(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk with a pupil at a tablet of the class."""
    page, pupil = windows(), demo.personas["first-grader"]
    go_to_service(page)
    page.check("[name=shared]")
    yield "username-shared", page
    give_username(page, demo.personas["fifth-grader"].username)
    yield "words-shared", page
    page.click(".not-you button")
    expect(page.locator("[name=username]")).to_be_focused()
    give_username(page, pupil.username)
    expect(page.locator(".tapping")).to_be_visible()
    yield "pictures-shared", page
    give_code(page, pupil.code)
    is_inside(page)
    page.goto("/talkongen/")
    page.click(LOG_IN_WITH_US)
    expect(page.locator(".choice").first).to_be_visible()
    yield "still-you", page
    page.click(".choice >> nth=1")
    expect(page.locator(GO)).to_be_visible()
