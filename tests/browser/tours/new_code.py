"""A forgotten code: the teacher's sign, the new code, and giving it once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.journeys import GO, give_username, go_to_service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration
    from tests.browser.tours import Windows

TOLD = {
    "sign": "A pupil who forgot the code picks the sign that the teacher was shown.",
    "new-pictures": "The new pictures, to be remembered.",
    "confirm-pictures": "The new pictures are tapped once before they count.",
    "new-words": "A new code of words.",
    "confirm-words": "The new words are typed once before they count.",
}


def walk(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk with a pupil who gets new pictures and one who gets new words; neither keeps them."""
    yield from _new_code(windows(), demo, "protected-pupil", "pictures")
    yield from _new_code(windows(), demo, "eighth-grader", "words")


def _new_code(page: Page, demo: Demonstration, who: str, kind: str) -> Iterator[tuple[str, Page]]:
    pupil = demo.personas[who]
    sign = demo.sign_for(pupil.username)
    go_to_service(page)
    give_username(page, pupil.username)
    page.click(".other-way a")
    expect(page.locator("button[data-sign]").first).to_be_visible()
    if kind == "pictures":
        yield "sign", page
    page.click(f"button[data-sign='{sign}']")
    expect(page.locator(".new-pictures, .new-code")).to_be_visible()
    yield f"new-{kind}", page
    page.click(GO)
    expect(page.locator("form.picture-code, input[name=password]")).to_be_visible()
    yield f"confirm-{kind}", page
