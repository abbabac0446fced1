"""A pupil who has forgotten the pictures: the teacher's sign, the new pictures, and tapping them once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.journeys import GO, give_code, give_username, go_to_service, is_inside, log_out, shown_pictures

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Opener
    from tests.browser.demonstration import Demonstration, Persona

WITH_A_SIGN = ".other-way a"


@pytest.fixture
def forgetful(demo: Demonstration) -> Persona:
    """Return a pupil with pictures whom no other test logs in as."""
    return demo.personas["protected-pupil"]


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_a_pupil_gets_new_pictures_by_the_sign_sees_them_and_taps_them_once(
    opened: Opener, demo: Demonstration, forgetful: Persona, *, javascript: bool
) -> None:
    page = opened(javascript=javascript)
    sign = demo.sign_for(forgetful.username)
    _to_the_signs(page, forgetful)
    page.click(f"button[data-sign='{sign}']")
    pictures = shown_pictures(page)
    assert len(pictures) == 4
    page.reload()
    assert shown_pictures(page) == pictures  # the browser that claimed it may look again
    page.click(GO)
    new = _names(page, pictures)
    give_code(page, new, javascript=javascript)
    is_inside(page)
    log_out(page, javascript=javascript)
    go_to_service(page)
    give_username(page, forgetful.username)
    give_code(page, new, javascript=javascript)
    is_inside(page)


def test_a_wrong_sign_closes_the_window_and_says_nothing_of_it(
    page: Page, demo: Demonstration, forgetful: Persona
) -> None:
    sign = demo.sign_for(forgetful.username)
    _to_the_signs(page, forgetful)
    page.locator(f"button[data-sign]:not([data-sign='{sign}'])").first.click()
    expect(page.locator(".new-pictures")).to_have_count(0)
    _to_the_signs(page, forgetful)
    page.click(f"button[data-sign='{sign}']")
    expect(page.locator(".new-pictures")).to_have_count(0)


def test_the_signs_look_the_same_where_no_window_is_open(page: Page) -> None:
    go_to_service(page)
    give_username(page, "nobodyatall")
    page.click(WITH_A_SIGN)
    assert page.locator("button[data-sign]").count() >= 9


def _to_the_signs(page: Page, pupil: Persona) -> None:
    go_to_service(page)
    give_username(page, pupil.username)
    page.click(WITH_A_SIGN)
    expect(page.locator("button[data-sign]").first).to_be_visible()


def _names(page: Page, words: list[str]) -> list[str]:
    """Find the stable names of the pictures that carry these words."""
    tiles = page.locator(".tiles").first.locator(".tile")
    named = tiles.evaluate_all(
        "all => all.map(tile => [tile.innerText.trim(), (tile.querySelector('[data-picture]') ?? tile).dataset.picture])"
    )
    return [dict(named)[word] for word in words]
