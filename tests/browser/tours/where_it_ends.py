"""Where nothing goes on by itself: the front page, pages that say no, and the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.queue import show_queue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration
    from tests.browser.tours import Windows

TOLD = {
    "error": "Something cannot be done: a sentence, a way on, a reference.",
    "not-found": "There is no such page.",
    "queue": "Many people at once: the queue, which goes on by itself.",
    "front": "The front page.",
}


def walk(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk to where nobody meant to go."""
    page = windows()
    page.goto("/")
    yield "front", page
    page.goto("/oidc/authorize?client_id=nobody&response_type=code&redirect_uri=http://localhost:9/")
    yield "error", page
    page.goto("/no/such/page")
    yield "not-found", page
    show_queue(page, demo)
    yield "queue", page
