"""Where a login does not go on by itself: too many tries, refusals, the queue, lost ways, the front page."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.journeys import GO, give_code, give_username, go_to_service
from tests.browser.rare_pages import show_left, show_not_attached, show_queue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration
    from tests.browser.tours import Windows

TOLD = {
    "must-wait": "Too many wrong codes: how long to wait, and the way by the teacher's sign stays open.",
    "blocked": "After a right code: the account is blocked.",
    "not-attached": "After a right code: no school says that it has this person; who can help.",
    "login-gone": "An old bookmark, or a browser that lost its cookie.",
    "error": "Something cannot be done: a sentence, a way on, a reference; and, unfolded, the rule that the service broke.",
    "not-found": "There is no such page.",
    "queue": "Many people at once: the queue, which goes on by itself.",
    "front": "The front page.",
    "logged-out-partly": "What was logged out, what is being told, and what the person must close.",
}
TRIES = 12


def walk(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk to where nobody meant to go."""
    yield from _too_many_tries(windows())
    yield from _blocked(windows(), demo)
    page = windows()
    page.goto("/")
    yield "front", page
    page.goto("/oidc/authorize?client_id=nobody&response_type=code&redirect_uri=http://localhost:9/")
    page.locator("details.broken summary").click()
    yield "error", page
    page.goto("/no/such/page")
    yield "not-found", page
    page.goto("/login/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/username")
    yield "login-gone", page
    show_not_attached(page, demo)
    yield "not-attached", page
    show_queue(page, demo)
    yield "queue", page
    show_left(page, demo)
    yield "logged-out-partly", page


def _too_many_tries(page: Page) -> Iterator[tuple[str, Page]]:
    """Guess at a name that nobody has and that has a page of text, until it is enough."""
    for number in count():
        go_to_service(page)
        give_username(page, f"guessed{number}")
        if page.locator("[name=password]").count():
            break
    for _ in range(TRIES):
        give_code(page, "not-this-one")
        expect(page.get_by_role("alert")).to_be_visible()
    yield "must-wait", page


def _blocked(page: Page, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    parent = demo.personas["parent"]
    demo.command("people", "block", parent.username, "--reason", "A tour of the pages")
    go_to_service(page)
    give_username(page, parent.username)
    give_code(page, parent.code)
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(GO).or_(page.locator("main a")).first).to_be_visible()
    yield "blocked", page
    demo.command("people", "unblock", parent.username, "--reason", "It is over")
