"""Reload, back and a second tab in the middle of a login: children press everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.journeys import give_code, give_username, go_to_service, is_inside, tap, wrong

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.browser.demonstration import Demonstration

pytestmark = pytest.mark.long

BOTH = pytest.mark.parametrize("who", ["first-grader", "fifth-grader"])


@BOTH
def test_reloading_each_page_does_no_harm(page: Page, demo: Demonstration, who: str) -> None:
    pupil = demo.personas[who]
    go_to_service(page)
    page.reload()
    give_username(page, pupil.username)
    page.reload()
    give_code(page, pupil.code)
    is_inside(page)


@BOTH
def test_going_back_to_the_username_and_on_again_does_no_harm(page: Page, demo: Demonstration, who: str) -> None:
    pupil = demo.personas[who]
    go_to_service(page)
    give_username(page, "somebodyelse")
    page.go_back()
    give_username(page, pupil.username)
    give_code(page, pupil.code)
    is_inside(page)


def test_back_after_a_wrong_code_leads_to_empty_slots(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["first-grader"]
    go_to_service(page)
    give_username(page, pupil.username)
    give_code(page, wrong(pupil.code))
    expect(page.get_by_role("alert")).to_be_visible()
    page.go_back()
    page.go_forward()
    expect(page.locator(".slot.filled")).to_have_count(0)
    tap(page, pupil.code)
    page.click("button.go")
    is_inside(page)


def test_back_after_the_login_does_not_ask_for_a_code_that_was_given(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["fifth-grader"]
    go_to_service(page)
    give_username(page, pupil.username)
    give_code(page, pupil.code)
    is_inside(page)
    page.go_back()
    page.goto("/laeringsportalen/login")
    is_inside(page)


def test_two_tabs_log_in_each_on_its_own(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["first-grader"]
    other = page.context.new_page()
    go_to_service(other)
    page.bring_to_front()
    go_to_service(page)
    other.bring_to_front()
    give_username(other, pupil.username)
    page.bring_to_front()
    give_username(page, pupil.username)
    other.bring_to_front()
    give_code(other, pupil.code)
    is_inside(other)
    page.bring_to_front()
    give_code(page, pupil.code)
    expect(page.locator("main")).to_be_visible()
    page.goto("/laeringsportalen/")
    is_inside(page)


def test_a_double_click_sends_the_code_once(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["first-grader"]
    go_to_service(page)
    give_username(page, pupil.username)
    tap(page, pupil.code)
    page.dblclick("button.go")
    is_inside(page)


def test_what_is_tapped_before_every_image_is_there_stays(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["first-grader"]
    held: list[Route] = []
    page.route("**/pictures/birthday-cake.svg*", lambda route: held.append(route))  # noqa: PLW0108 (Playwright looks at what it is given)
    go_to_service(page)
    give_username(page, pupil.username)
    tap(page, [name for name in pupil.code if name != "birthday-cake"][:2])
    assert page.evaluate("document.readyState") == "interactive"
    for route in held:
        route.continue_()
    page.wait_for_load_state("load")
    expect(page.locator(".slot.filled")).to_have_count(2)
