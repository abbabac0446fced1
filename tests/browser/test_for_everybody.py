"""The login without sight, without a mouse, with a password manager, and when something goes wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import chromium, looks
from tests.browser.accessibility import moving, sideways
from tests.browser.journeys import GO, give_code, give_username, go_to_service, is_inside, tap, wrong
from tests.browser.rare_pages import show_queue

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.demonstration import Demonstration

pytestmark = pytest.mark.long

SMALLEST_SLOT = 43.5
"""44 px, and room for a browser that rounds."""


@pytest.fixture
def pictures(page: Page, demo: Demonstration) -> Page:
    """Come to the page of the pictures."""
    go_to_service(page)
    give_username(page, demo.personas["first-grader"].username)
    expect(page.locator(".tapping")).to_be_visible()
    return page


def names(buttons: Locator) -> list[str]:
    """Return what a screen reader calls each of these."""
    return [re.findall(r'button "(.*?)"', button.aria_snapshot())[0] for button in buttons.all()]


def test_each_picture_is_a_button_that_a_screen_reader_calls_by_its_word(pictures: Page) -> None:
    tiles = pictures.get_by_role("group", name="Billeder").get_by_role("button")
    words = [one.strip() for one in tiles.all_inner_texts()]
    assert len(set(words)) == 16
    assert names(tiles) == words


def test_the_pictures_lie_in_the_same_order_at_every_login(pictures: Page, demo: Demonstration) -> None:
    first = pictures.locator(".tile").all_inner_texts()
    go_to_service(pictures)
    give_username(pictures, demo.personas["protected-pupil"].username)
    assert pictures.locator(".tile").all_inner_texts() == first


def test_progress_is_told_as_a_number_and_names_no_picture(pictures: Page, demo: Demonstration) -> None:
    pupil, status = demo.personas["first-grader"], pictures.get_by_role("status")
    words = [one.strip() for one in pictures.locator(".tile").all_inner_texts()]
    tap(pictures, pupil.code[:2])
    expect(status).to_have_text("2 af 4 valgt")
    tap(pictures, pupil.code[:1])
    expect(status).to_contain_text("2 af 4 valgt")  # chosen already
    tap(pictures, pupil.code[2:])
    expect(status).to_have_text("Alle 4 er valgt. Tryk nu på knappen nedenunder.")
    told = " ".join([status.inner_text(), *names(pictures.locator(".slot"))])
    assert not set(words) & set(re.findall(r"\w+", told))


def test_slots_say_what_they_do_and_the_last_picture_can_be_taken_away(pictures: Page, demo: Demonstration) -> None:
    tap(pictures, demo.personas["first-grader"].code[:2])
    assert names(pictures.locator(".slot")) == [
        "Fjern billede 1",
        "Fjern billede 2",
        "Billede 3, ikke valgt endnu",
        "Billede 4, ikke valgt endnu",
    ]
    pictures.get_by_role("button", name="Slet det sidste").focus()
    pictures.keyboard.press("Enter")
    expect(pictures.get_by_role("status")).to_have_text("1 af 4 valgt")


@pytest.mark.parametrize("width", [chromium.PHONE, 320])
@pytest.mark.parametrize("length", [4, 5, 6])
def test_slots_for_up_to_six_pictures_have_room_for_a_finger(pictures: Page, length: int, width: int) -> None:
    looks.widen(pictures, width)
    pictures.evaluate(
        "more => { const slots = document.querySelector('.slots');"
        " for (let i = 0; i < more; i++) slots.append(slots.lastElementChild.cloneNode(true)); }",
        length - 4,
    )
    boxes = [box for slot in pictures.locator(".slot").all() if (box := slot.bounding_box())]
    assert len(boxes) == length
    assert min(min(box["width"], box["height"]) for box in boxes) >= SMALLEST_SLOT
    assert sideways(pictures) == 0


@pytest.mark.parametrize("who", ["first-grader", "fifth-grader"])
def test_what_went_wrong_is_in_the_title_has_the_focus_and_is_an_alert(
    page: Page, demo: Demonstration, who: str
) -> None:
    pupil = demo.personas[who]
    go_to_service(page)
    give_username(page, pupil.username)
    give_code(page, wrong(pupil.code))
    expect(page).to_have_title(re.compile("^Fejl: "))
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Prøv igen")
    if who == "first-grader":
        expect(alert).to_be_focused()
    else:
        field = page.get_by_label("Kode", exact=True)
        expect(field).to_be_focused()
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile("Prøv igen"))


def test_a_code_can_be_pasted_and_is_known_to_a_password_manager(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["fifth-grader"]
    go_to_service(page)
    expect(page.locator("[name=username]")).to_have_attribute("autocomplete", re.compile("^username"))
    give_username(page, pupil.username)
    field = page.get_by_label("Kode", exact=True)
    expect(field).to_have_attribute("autocomplete", "current-password")
    expect(page.locator("form [autocomplete=username]")).to_have_value(pupil.username)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", pupil.code)
    field.focus()
    page.keyboard.press("Control+v")
    expect(field).to_have_value(str(pupil.code))
    page.click(GO)
    is_inside(page)


def test_what_is_typed_can_be_shown_and_hidden_with_the_keyboard(page: Page, demo: Demonstration) -> None:
    go_to_service(page)
    give_username(page, demo.personas["fifth-grader"].username)
    field = page.get_by_label("Kode", exact=True)
    reveal = page.get_by_role("button", name="Vis koden")
    expect(field).to_be_focused()
    expect(reveal).to_be_visible()  # a script puts it there, some moments after the field has the focus
    page.keyboard.press("Tab")
    expect(reveal).to_be_focused()
    page.keyboard.press("Space")
    expect(field).to_have_attribute("type", "text")
    page.keyboard.press("Space")
    expect(field).to_have_attribute("type", "password")


def test_the_queue_moves_but_not_for_those_who_asked_for_rest(page: Page, demo: Demonstration) -> None:
    page.goto("/")
    show_queue(page, demo)
    assert moving(page) == 0
    page.emulate_media(reduced_motion="no-preference")
    assert moving(page) > 0


def test_with_colours_of_the_persons_own_everything_that_can_be_pressed_has_an_edge(pictures: Page) -> None:
    pictures.emulate_media(forced_colors="active")
    bare = pictures.locator(".tile, .slot, .go").evaluate_all(
        "all => all.filter(one => parseFloat(getComputedStyle(one).borderTopWidth) < 2).length"
    )
    assert bare == 0
