"""A pupil at a learning service nobody had to configure: in with pictures or words, and out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.journeys import (
    LOG_IN_WITH_US,
    SERVICE,
    give_code,
    give_username,
    go_to_service,
    is_inside,
    log_in,
    log_out,
    send,
    tab_to,
    tap,
    wrong,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Opener
    from tests.browser.demonstration import Demonstration

BOTH = pytest.mark.parametrize("who", ["first-grader", "fifth-grader"])


@BOTH
@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_a_pupil_logs_in_at_the_learning_service_and_out_again(
    opened: Opener, demo: Demonstration, who: str, *, javascript: bool
) -> None:
    page = opened(javascript=javascript)
    log_in(page, demo.personas[who], javascript=javascript)
    expect(page.locator("[data-claim=aktoer_gruppe]")).to_have_text("Elev")
    log_out(page, javascript=javascript)
    go_to_service(page)  # asked for the username again: nobody is logged in


def test_logging_out_at_one_service_logs_out_at_the_other(page: Page, demo: Demonstration) -> None:
    log_in(page, demo.personas["fifth-grader"])
    page.goto("/talkongen/")
    page.click(LOG_IN_WITH_US)
    expect(page.locator("[data-claim=sub]")).to_be_attached()
    page.goto(SERVICE)
    log_out(page)
    page.goto("/talkongen/")
    expect(page.locator(LOG_IN_WITH_US)).to_be_visible()


def test_a_first_grader_has_pictures_and_a_fifth_grader_has_words(demo: Demonstration) -> None:
    assert len(demo.personas["first-grader"].code) == 4
    assert isinstance(demo.personas["fifth-grader"].code, str)


def test_a_pupil_logs_in_with_the_keyboard_alone(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["first-grader"]
    page.goto(SERVICE)
    tab_to(page, LOG_IN_WITH_US)
    page.keyboard.press("Enter")
    expect(page.locator("[name=username]")).to_be_focused()
    page.keyboard.type(pupil.username)
    page.keyboard.press("Enter")
    expect(page.locator("form.picture-code.tapping")).to_be_visible()
    for picture in pupil.code:
        tab_to(page, f"[data-picture='{picture}']")
        page.keyboard.press("Space")
    tab_to(page, "button.go")
    page.keyboard.press("Enter")
    is_inside(page)


def test_the_keyboard_alone_is_enough_without_javascript_too(opened: Opener, demo: Demonstration) -> None:
    page = opened(javascript=False)
    pupil = demo.personas["first-grader"]
    go_to_service(page)
    page.keyboard.type(pupil.username)
    page.keyboard.press("Enter")
    expect(page.locator("form.picture-code")).to_be_visible()
    order = page.locator("input[name=picture1]").evaluate_all("all => all.map(one => one.dataset.picture)")
    for place, picture in enumerate(pupil.code, start=1):
        tab_to(page, f"input[name=picture{place}]")
        page.keyboard.press("Space")  # the first of the row
        for _ in range(order.index(picture)):
            page.keyboard.press("ArrowRight")
    tab_to(page, "button.go")
    page.keyboard.press("Enter")
    is_inside(page)


def test_arrow_keys_walk_the_pictures_and_backspace_takes_the_last_away(page: Page, demo: Demonstration) -> None:
    go_to_service(page)
    give_username(page, demo.personas["first-grader"].username)
    tiles = page.locator("button.tile")
    tiles.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(tiles.nth(1)).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator(".slot.filled")).to_have_count(1)
    page.keyboard.press("Backspace")
    expect(page.locator(".slot.filled")).to_have_count(0)


def test_four_pictures_are_needed_before_anything_can_be_sent(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["first-grader"]
    go_to_service(page)
    give_username(page, pupil.username)
    expect(page.locator("button.go")).to_be_disabled()
    tap(page, pupil.code[:3])
    expect(page.locator("button.go")).to_be_disabled()
    tap(page, pupil.code[3:])
    expect(page.locator("button.go")).to_be_enabled()


def test_a_picture_tapped_by_mistake_is_taken_back(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["first-grader"]
    go_to_service(page)
    give_username(page, pupil.username)
    tap(page, [pupil.code[1]])
    page.click(".slot.filled")
    tap(page, pupil.code)
    send(page)
    is_inside(page)


@BOTH
def test_after_a_wrong_code_a_sentence_says_so_and_the_right_one_still_works(
    page: Page, demo: Demonstration, who: str
) -> None:
    pupil = demo.personas[who]
    go_to_service(page)
    give_username(page, pupil.username)
    give_code(page, wrong(pupil.code))
    expect(page.get_by_role("alert")).to_contain_text("Prøv igen")
    give_code(page, pupil.code)
    is_inside(page)


def test_a_second_service_lets_in_whoever_is_logged_in_already(page: Page, demo: Demonstration) -> None:
    log_in(page, demo.personas["fifth-grader"])
    page.goto("/talkongen/")
    page.click(LOG_IN_WITH_US)
    expect(page.locator("[data-claim=sub]")).to_be_attached()
    expect(page.locator("[data-claim=name]")).to_have_count(0)  # its agreement does not hold names


def test_the_language_can_be_changed_in_the_middle_of_a_login(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["first-grader"]
    go_to_service(page)
    expect(page.locator("html")).to_have_attribute("lang", "da")
    give_username(page, pupil.username)
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tap your 4 pictures")
    give_code(page, pupil.code)
    is_inside(page)


def test_a_browser_that_asks_for_english_gets_english(opened: Opener, demo: Demonstration) -> None:
    page = opened(language="en-GB")
    go_to_service(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
