"""What people do on the pages, step by step, in words that say which page they are on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Page

    from tests.browser.demonstration import Persona

SERVICE = "/laeringsportalen/"
LOG_IN_WITH_US = "a.big"
GO = "main button.go"


def go_to_service(page: Page) -> None:
    """Open the learning service and choose to log in there."""
    page.goto(SERVICE)
    page.click(LOG_IN_WITH_US)
    expect(page.locator("[name=username]")).to_be_focused()


def give_username(page: Page, username: str) -> None:
    """Type the username and go on."""
    page.fill("[name=username]", username)
    page.click(GO)
    expect(page.locator("form.picture-code, input[name=password]")).to_be_visible()


def tap(page: Page, pictures: Sequence[str]) -> None:
    """Tap the pictures in order; they are not sent yet."""
    for picture in pictures:
        page.click(f"button[data-picture='{picture}']")


def mark(page: Page, pictures: Sequence[str]) -> None:
    """Without JavaScript: mark one picture in each row."""
    for place, picture in enumerate(pictures, start=1):
        page.check(f"input[name=picture{place}][data-picture='{picture}']", force=True)


def send(page: Page) -> None:
    """Press the button that sends the page."""
    page.click(GO)


def give_code(page: Page, code: str | Sequence[str], *, javascript: bool = True) -> None:
    """Give the code on the page that asks for it, pictures or text, and send it."""
    if isinstance(code, str):
        page.fill("[name=password]", code)
    elif javascript:
        tap(page, code)
    else:
        mark(page, code)
    send(page)


def log_in(page: Page, persona: Persona, *, javascript: bool = True) -> None:
    """The whole way from the learning service and back to it."""
    go_to_service(page)
    give_username(page, persona.username)
    give_code(page, persona.code, javascript=javascript)
    is_inside(page)


def is_inside(page: Page) -> None:
    """Expect the learning service, and that it knows the visitor."""
    expect(page).to_have_url(re.compile(f"{SERVICE}$"))
    expect(page.locator("[data-claim=sub]")).to_be_attached()


def log_out(page: Page, *, javascript: bool = True) -> None:
    """Log out at the learning service; both it and we forget. Our page goes on by itself, or by its link."""
    page.click(".top form button")
    if not javascript:
        page.click("main a.go")
    expect(page.locator(LOG_IN_WITH_US)).to_be_visible()


def shown_pictures(page: Page) -> list[str]:
    """Read the words under the pictures of a new code, in order."""
    return page.locator(".new-pictures .word").all_inner_texts()


def wrong(code: str | Sequence[str]) -> str | list[str]:
    """Make another code of the same kind: the words turned round, the pictures in another order."""
    return code[::-1] if isinstance(code, str) else [*code[1:], code[0]]


def to_the_code(page: Page, persona: Persona, *, shared: bool = False) -> None:
    """From the learning service to the page that asks for the code."""
    go_to_service(page)
    if shared:
        page.check("[name=shared]")
    give_username(page, persona.username)


def press(page: Page, words: str) -> None:
    """Press the way on that says this: a link or a button of the page's own."""
    page.locator("main").locator("a, button").filter(has_text=words).first.click()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the keyboard is at the wanted thing."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"the keyboard never came to {selector}")
