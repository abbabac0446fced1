"""A code that ends soon, and one of one's own in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.journeys import GO, give_code, give_username, go_to_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration
    from tests.browser.tours import Windows

TOLD = {
    "code-ends": "The code ends in two weeks: a new one now, or later.",
    "new-words-or-own": "A new code of words; whoever may choose one can.",
    "choose-code": "A code of one's own.",
    "choose-code-weak": "While it is typed, a word says how hard it is to guess.",
    "choose-code-strong": "And that it is good now.",
    "choose-code-refused": "What everybody chooses is refused.",
}
VALID_DAYS, LEFT_DAYS = 365, 14


def walk(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk with somebody whose code is nearly a year old; no new one is kept."""
    page, student = windows(), demo.personas["gymnasium-student"]
    with demo.later(days=VALID_DAYS - LEFT_DAYS):
        go_to_service(page)
        give_username(page, student.username)
        give_code(page, student.code)
        expect(page.locator(".second")).to_be_visible()
        yield "code-ends", page
        page.click(GO)
        expect(page.locator(".new-code")).to_be_visible()
        yield "new-words-or-own", page
        page.click(".other-way a")
        field = page.locator("[name=password]")
        expect(field).to_be_focused()
        yield "choose-code", page
        field.fill("sommer2026")
        expect(page.locator("[data-strength='1']")).to_be_visible()
        yield "choose-code-weak", page
        page.click(".reveal")
        field.fill("Kanelsnegl-4-Grusvej")
        expect(page.locator("[data-strength='3']")).to_be_visible()
        yield "choose-code-strong", page
        for name in ("password", "again"):
            page.fill(f"[name={name}]", "Sommer2026")
        page.click(GO)
        expect(page.get_by_role("alert")).to_be_visible()
        yield "choose-code-refused", page
