"""Every page that people meet, one after the other, as they would meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from playwright.sync_api import expect

from tests.browser.journeys import (
    GO,
    LOG_IN_WITH_US,
    SERVICE,
    give_code,
    give_username,
    go_to_service,
    is_inside,
    log_in,
    log_out,
    tap,
    wrong,
)
from tests.browser.queue import show_queue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration

LOST = "/pictures.js"
"""The script that does not arrive at the last stop."""


class Windows(Protocol):
    """Opens a page in a window of its own."""

    def __call__(self) -> Page: ...


def tour(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk through all pages; yields a page's name while it is open, and goes on when asked for the next."""
    yield from _with_pictures(windows(), demo)
    yield from _with_words(windows(), demo)
    yield from _new_code(windows(), demo, "protected-pupil", "pictures")
    yield from _new_code(windows(), demo, "eighth-grader", "words")
    yield from _grown_ups(windows(), demo)
    yield from _dead_ends(windows(), demo)
    yield from _script_lost(windows(), demo)


def _with_pictures(page: Page, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    pupil = demo.personas["first-grader"]
    page.goto(SERVICE)
    expect(page.locator(LOG_IN_WITH_US)).to_be_visible()
    yield "service-before", page
    go_to_service(page)
    yield "username", page
    give_username(page, pupil.username)
    yield "pictures", page
    tap(page, pupil.code[:2])
    yield "pictures-two-tapped", page
    tap(page, [pupil.code[3], pupil.code[2]])
    page.click(GO)
    expect(page.get_by_role("alert")).to_be_visible()
    yield "pictures-wrong", page
    give_code(page, pupil.code)
    is_inside(page)
    yield "service-after", page
    log_out(page)
    yield "service-logged-out", page


def _with_words(page: Page, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    pupil = demo.personas["fifth-grader"]
    go_to_service(page)
    give_username(page, pupil.username)
    yield "words", page
    give_code(page, wrong(pupil.code))
    expect(page.get_by_role("alert")).to_be_visible()
    yield "words-wrong", page
    give_code(page, pupil.code)
    is_inside(page)
    page.goto("/mit/")
    yield "mit-login-pupil", page


def _new_code(page: Page, demo: Demonstration, who: str, kind: str) -> Iterator[tuple[str, Page]]:
    pupil = demo.personas[who]
    sign = demo.sign_for(pupil.username)
    go_to_service(page)
    give_username(page, pupil.username)
    page.click(".other-way a")
    expect(page.locator("button[data-sign]").first).to_be_visible()
    yield f"sign-{kind}", page
    page.click(f"button[data-sign='{sign}']")
    expect(page.locator(".new-pictures, .new-code")).to_be_visible()
    yield f"new-{kind}", page
    page.click(GO)
    expect(page.locator("form.picture-code, input[name=password]")).to_be_visible()
    yield f"confirm-{kind}", page


def _grown_ups(page: Page, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    teacher = demo.personas["teacher-parent"]
    log_in(page, teacher)
    yield "service-teacher", page
    page.goto("/mit/")
    expect(page.locator("main")).to_contain_text(teacher.username)
    yield "mit-login", page
    page.goto("/logout")
    expect(page.locator(GO)).to_be_visible()
    yield "log-out", page
    page.click(GO)
    yield "logged-out", page


def _script_lost(page: Page, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """The page as it is without JavaScript, in a browser that can still be asked about it."""
    page.route(f"**{LOST}*", lambda route: route.abort())
    go_to_service(page)
    page.fill("[name=username]", demo.personas["first-grader"].username)
    page.click(GO)
    expect(page.locator(".rows")).to_be_visible()
    yield "pictures-without-javascript", page


def _dead_ends(page: Page, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    page.goto("/")
    yield "front", page
    page.goto("/oidc/authorize?client_id=nobody&response_type=code&redirect_uri=http://localhost:9/")
    yield "error", page
    page.goto("/no/such/page")
    yield "not-found", page
    show_queue(page, demo)
    yield "queue", page
