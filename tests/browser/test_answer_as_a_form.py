"""A service that wants its answer posted: the page sends itself, and without scripts it has a button."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import cut, sideways, violations
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.journeys import give_code, give_username, go_to_service

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, Route

    from tests.browser.conftest import Opener
    from tests.browser.demonstration import Demonstration


def asked_for_a_form(page: Page) -> list[dict[str, list[str]]]:
    """Have the service ask for a posted answer; return what it is sent, in time."""
    asked: list[str] = []
    received: list[dict[str, list[str]]] = []

    def receive(route: Route, request: Request) -> None:
        if request.method == "POST":
            received.append(parse_qs(request.post_data or ""))
            route.fulfill(body="<title>In</title><h1 id=in>In</h1>", content_type="text/html")
        else:
            route.continue_()

    page.on("request", lambda request: asked.append(request.url) if "/oidc/authorize?" in request.url else None)
    page.route("**/callback*", receive)
    go_to_service(page)
    page.goto(f"{asked[0]}&response_mode=form_post")
    return received


def test_with_scripts_nobody_notices(opened: Opener, demo: Demonstration) -> None:
    page, pupil = opened(), demo.personas["fifth-grader"]
    received = asked_for_a_form(page)
    give_username(page, pupil.username)
    give_code(page, pupil.code)
    expect(page.locator("#in")).to_be_visible()
    assert [set(fields) for fields in received] == [{"code", "state", "iss"}]
    assert received[0]["iss"] == [demo.origin]


@pytest.mark.parametrize(("width", "language"), [(PHONE, "da-DK"), (DESKTOP, "en-GB")])
def test_without_scripts_the_person_presses_a_button(
    opened: Opener, demo: Demonstration, width: int, language: str
) -> None:
    page, pupil = opened(width=width, language=language, javascript=False), demo.personas["fifth-grader"]
    received = asked_for_a_form(page)
    give_username(page, pupil.username)
    give_code(page, pupil.code, javascript=False)
    expect(page.locator("form[data-send]")).to_be_visible()
    assert (sideways(page), cut(page), received) == (0, [], [])
    page.keyboard.press("Tab")
    page.locator("form[data-send] button").press("Enter")
    expect(page.locator("#in")).to_be_visible()
    assert len(received) == 1


def test_the_page_has_no_faults_while_it_is_there(opened: Opener, demo: Demonstration) -> None:
    page, pupil = opened(), demo.personas["fifth-grader"]
    page.route("**/form_post.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    asked_for_a_form(page)
    give_username(page, pupil.username)
    give_code(page, pupil.code)
    expect(page.locator("form[data-send]")).to_be_visible()
    assert violations(page) == []
