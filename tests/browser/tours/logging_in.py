"""From a learning service and back to it, with pictures and with words, and what goes wrong on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.journeys import (
    GO,
    LOG_IN_WITH_US,
    SERVICE,
    give_code,
    give_username,
    go_to_service,
    is_inside,
    log_out,
    tap,
    wrong,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration
    from tests.browser.tours import Windows

TOLD = {
    "service-before": "The demo's learning service, before anybody has logged in.",
    "username": "First the username: the only page that everybody meets.",
    "username-missing": "Nothing was typed.",
    "pictures": "A pupil of the first grades taps four pictures.",
    "pictures-read-aloud": "The page is read aloud: what is pointed at says its name, and nothing is chosen.",
    "pictures-two-tapped": "Two of them are tapped, and lie in their slots.",
    "pictures-all-tapped": "All four are tapped.",
    "pictures-wrong": "The pictures were not right.",
    "pictures-without-javascript": "Without JavaScript: one row of pictures for each place.",
    "service-after": "The learning service, and what it was told.",
    "words": "Older pupils and grown-ups type a code.",
    "words-shown": "What is typed can be looked at.",
    "words-wrong": "The code was not right.",
}
LOST = "/pictures.js"
"""The script that does not arrive at the last stop."""


def walk(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk with a pupil who has pictures, with one who has words, and with one whose script is lost."""
    yield from _with_pictures(windows(), demo)
    yield from _with_words(windows(), demo)
    yield from _script_lost(windows(), demo)


def _with_pictures(page: Page, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    pupil = demo.personas["first-grader"]
    page.goto(SERVICE)
    expect(page.locator(LOG_IN_WITH_US)).to_be_visible()
    yield "service-before", page
    go_to_service(page)
    yield "username", page
    page.fill("[name=username]", " ")
    page.click(GO)
    expect(page.get_by_role("alert")).to_be_visible()
    yield "username-missing", page
    give_username(page, pupil.username)
    expect(page.locator(".tapping")).to_be_visible()
    yield "pictures", page
    page.click(".read-aloud")
    page.click(f"[data-picture='{pupil.code[0]}']")
    yield "pictures-read-aloud", page
    page.click(".read-aloud")
    tap(page, pupil.code[:2])
    yield "pictures-two-tapped", page
    tap(page, [pupil.code[3], pupil.code[2]])
    yield "pictures-all-tapped", page
    page.click(GO)
    expect(page.get_by_role("alert")).to_be_visible()
    yield "pictures-wrong", page
    give_code(page, pupil.code)
    is_inside(page)
    yield "service-after", page
    log_out(page)


def _with_words(page: Page, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    pupil = demo.personas["fifth-grader"]
    go_to_service(page)
    give_username(page, pupil.username)
    yield "words", page
    page.fill("[name=password]", wrong(str(pupil.code)))
    page.click(".reveal")
    yield "words-shown", page
    page.click(GO)
    expect(page.get_by_role("alert")).to_be_visible()
    yield "words-wrong", page
    give_code(page, pupil.code)
    is_inside(page)
    log_out(page)


def _script_lost(page: Page, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """The page as it is without JavaScript, in a browser that can still be asked about it."""
    page.route(f"**{LOST}*", lambda route: route.abort())
    go_to_service(page)
    page.fill("[name=username]", demo.personas["first-grader"].username)
    page.click(GO)
    expect(page.locator(".rows")).to_be_visible()
    yield "pictures-without-javascript", page
