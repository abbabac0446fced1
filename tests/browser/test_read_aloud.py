"""The page read aloud in the browser's own voice: what it says, and what it never says.

The machine has no voice; a recorder stands in the place of the browser's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import voices
from tests.browser.journeys import give_code, give_username, go_to_service, is_inside, tap, wrong

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Opener
    from tests.browser.demonstration import Demonstration

pytestmark = pytest.mark.long

READ_ALOUD = ".read-aloud"


@pytest.fixture
def pictures(opened: Opener, demo: Demonstration) -> Page:
    """Come to the page of the pictures in a browser with voices."""
    page = opened()
    voices.give_voices(page.context, voices.DANISH_FROM_AFAR, voices.ENGLISH, voices.DANISH)
    go_to_service(page)
    give_username(page, demo.personas["first-grader"].username)
    expect(page.locator(".tapping")).to_be_visible()
    return page


def test_the_page_says_what_to_do_in_its_own_language(pictures: Page) -> None:
    pictures.click(READ_ALOUD)
    said = voices.spoken(pictures)
    assert said[0] == "Tryk på dine 4 billeder"
    assert said[-1].startswith("Peg på noget")
    assert pictures.evaluate("() => speechSynthesis.spoken[0]") == {
        "text": "Tryk på dine 4 billeder",
        "lang": "da-DK",
        "voice": voices.DANISH["name"],  # one of this device: the other sends what it says to a server
    }


def test_the_english_page_speaks_english(pictures: Page) -> None:
    pictures.get_by_role("link", name="English").click()
    pictures.click(READ_ALOUD)
    assert voices.spoken(pictures)[0] == "Tap your 4 pictures"
    assert pictures.evaluate("() => speechSynthesis.spoken[0].lang") == "en-GB"


def test_what_is_being_said_is_seen(pictures: Page) -> None:
    pictures.click(READ_ALOUD)
    expect(pictures.locator("h1 .spoken")).to_be_visible()
    voices.finish(pictures)
    expect(pictures.locator("h1 .spoken")).to_have_count(0)
    expect(pictures.locator(".spoken")).to_have_count(1)


def test_pictures_say_their_names_while_they_are_explored_and_none_is_chosen(pictures: Page) -> None:
    pictures.click(READ_ALOUD)
    before = len(voices.spoken(pictures))
    tap(pictures, ["cat", "house"])
    assert voices.spoken(pictures)[before:] == ["kat", "hus"]
    expect(pictures.locator(".slot.filled")).to_have_count(0)
    pictures.locator("[data-picture='sun']").focus()
    assert voices.spoken(pictures)[-1] == "sol"
    pictures.keyboard.press("Enter")
    expect(pictures.locator(".slot.filled")).to_have_count(0)


def test_a_choice_is_never_spoken(pictures: Page, demo: Demonstration) -> None:
    code = demo.personas["first-grader"].code
    pictures.click(READ_ALOUD)
    pictures.click(READ_ALOUD)
    before = len(voices.spoken(pictures))
    tap(pictures, code[:2])
    assert len(voices.spoken(pictures)) == before
    pictures.click(READ_ALOUD)  # once something is chosen, pictures say nothing and tapping chooses
    before = len(voices.spoken(pictures))
    assert not {pictures.locator(f"button[data-picture='{name}']").inner_text() for name in code} & set(
        voices.spoken(pictures)
    )
    tap(pictures, code[2:])
    pictures.locator(".slot").first.focus()
    assert len(voices.spoken(pictures)) == before
    expect(pictures.locator(".slot.filled")).to_have_count(4)
    pictures.click("button.go")
    is_inside(pictures)


def test_what_went_wrong_is_read_too(pictures: Page, demo: Demonstration) -> None:
    give_code(pictures, wrong(demo.personas["first-grader"].code))
    expect(pictures.get_by_role("alert")).to_be_visible()
    pictures.click(READ_ALOUD)
    assert any("Prøv igen" in said for said in voices.spoken(pictures))


def test_escape_and_leaving_the_page_silence_the_voice(pictures: Page) -> None:
    pictures.click(READ_ALOUD)
    pictures.keyboard.press("Escape")
    expect(pictures.locator(".spoken")).to_have_count(0)
    expect(pictures.locator(READ_ALOUD)).to_have_attribute("aria-pressed", "false")


def test_a_new_code_and_a_username_are_never_read(opened: Opener, demo: Demonstration) -> None:
    page, pupil = opened(), demo.personas["eighth-grader"]
    voices.give_voices(page.context, voices.DANISH)
    sign = demo.sign_for(pupil.username)
    go_to_service(page)
    give_username(page, pupil.username)
    page.click(".other-way a")
    page.click(f"button[data-sign='{sign}']")
    code = page.locator(".new-code").inner_text()
    page.click(READ_ALOUD)
    said = " ".join(voices.spoken(page))
    assert "Din nye kode" in said
    assert code not in said
    assert pupil.username not in said


@pytest.mark.parametrize("who", ["nobody", "strangers"])
def test_without_a_voice_of_this_device_there_is_no_button(opened: Opener, who: str) -> None:
    page = opened()
    voices.give_voices(page.context, *((voices.DANISH_FROM_AFAR, voices.ENGLISH) if who == "strangers" else ()))
    go_to_service(page)
    expect(page.locator(READ_ALOUD)).to_be_hidden()


def test_without_javascript_there_is_no_button(opened: Opener) -> None:
    page = opened(javascript=False)
    go_to_service(page)
    expect(page.locator(READ_ALOUD)).to_be_hidden()
