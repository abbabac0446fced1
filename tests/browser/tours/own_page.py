"""As whom to act, Mit login, and logging out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.journeys import GO, give_code, give_username, go_to_service, is_inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.demonstration import Demonstration
    from tests.browser.tours import Windows

TOLD = {
    "mit-login-pupil": "Mit login of a pupil.",
    "who": "Whoever is more than one thing says as whom to act: a teacher whose child goes to the school.",
    "mit-login": "Mit login: who I am, where I belong, where I am logged in.",
    "log-out": "Logging out is asked once, so that no other site can do it.",
    "logged-out": "Logged out; the page tells the service.",
}


def walk(windows: Windows, demo: Demonstration) -> Iterator[tuple[str, Page]]:
    """Walk with a pupil and with a teacher."""
    page, pupil = windows(), demo.personas["fifth-grader"]
    page.goto("/mit/")
    give_username(page, pupil.username)
    give_code(page, pupil.code)
    expect(page.locator("main")).to_contain_text(pupil.username)
    yield "mit-login-pupil", page
    page, teacher = windows(), demo.personas["teacher-parent"]
    go_to_service(page)
    give_username(page, teacher.username)
    give_code(page, teacher.code)
    expect(page.locator(".choice").first).to_be_visible()
    yield "who", page
    page.click(".choice >> nth=0")
    is_inside(page)
    page.goto("/mit/")
    expect(page.locator("main")).to_contain_text(teacher.username)
    yield "mit-login", page
    page.goto("/logout")
    expect(page.locator(GO)).to_be_visible()
    yield "log-out", page
    page.click(GO)
    expect(page.locator(".ways-on, main h1").first).to_be_visible()
    yield "logged-out", page
