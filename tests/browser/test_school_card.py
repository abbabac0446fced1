"""The school card in a browser: held in front of a camera, or under a scanner that types."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error, expect

from admin_ui.parts.card_sheet import CardWords, print_single
from idp.bootstrap import wire
from idp.settings import load_settings
from idp.usecases.cards import give_card
from idp.usecases.people import find_by_username
from tests.browser import chromium
from tests.browser.card_in_view import film
from tests.browser.journeys import LOG_IN_WITH_US, SERVICE, give_code, go_to_service, is_inside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

    from idp.usecases.cards import CardToPrint
    from tests.browser.conftest import Opener
    from tests.browser.demonstration import Demonstration

pytestmark = pytest.mark.long

WORDS = CardWords(site="Skolepas", title="Elevkort", lost="Mistet? Sig det til din lærer.", found="Fundet?")
BY_CARD = "a[href$='/card']"


def a_card(demo: Demonstration) -> CardToPrint:
    """Give the first-grader of the demo a new card."""
    system = wire(load_settings(demo.folder / "skolepas.toml"))
    with system.database.writing() as db:
        pupil = find_by_username(db, demo.personas["first-grader"].username)
        assert pupil is not None
        made = give_card(db, system, person_id=pupil.person_id, given_by=None)
    system.database.close()
    return made


def go_to_card_page(page: Page) -> None:
    go_to_service(page)
    page.click(BY_CARD)
    expect(page.locator("#card")).to_be_focused()


@pytest.fixture(scope="module")
def printed(demo: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> tuple[CardToPrint, Path]:
    """Print a card, and film it."""
    card = a_card(demo)
    return card, film(print_single([card], WORDS), tmp_path_factory.mktemp("card") / "card.mjpeg")


@pytest.fixture(scope="module")
def with_camera(browser: Browser, printed: tuple[CardToPrint, Path]) -> Iterator[Browser]:
    """Run another Chromium, whose camera sees the printed card."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    camera = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={printed[1]}"]
    started = browser.browser_type.launch(
        executable_path=chromium.program(), args=[*chromium.ARGUMENTS, *as_root, *camera]
    )
    yield started
    started.close()


@pytest.mark.parametrize("width", [chromium.PHONE, chromium.DESKTOP])
def test_a_printed_card_in_front_of_the_camera_leads_to_the_pictures(
    with_camera: Browser, demo: Demonstration, width: int
) -> None:
    complaints = chromium.Complaints(demo.origin)
    window = chromium.a_window(with_camera, demo.origin, width=width)
    window.grant_permissions(["camera"], origin=demo.origin)
    complaints.listen(window)
    page = window.new_page()
    go_to_card_page(page)
    page.click(".by-camera .start")
    expect(page.locator("form.picture-code")).to_be_visible()
    assert "SKP" not in page.content()
    give_code(page, demo.personas["first-grader"].code)
    is_inside(page)
    window.close()
    assert complaints.said == []


def test_a_camera_that_was_not_allowed_is_explained_and_there_is_a_way_on(
    with_camera: Browser, demo: Demonstration
) -> None:
    window = chromium.a_window(with_camera, demo.origin)
    page = window.new_page()
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    go_to_card_page(page)
    page.click(".by-camera .start")
    expect(page.locator(".camera-says")).to_contain_text("Kameraet fik ikke lov.")
    expect(page.locator(".by-camera .start")).to_be_visible()
    page.click("text=Jeg har intet kort")
    expect(page.locator("[name=username]")).to_be_focused()
    window.close()


def test_where_there_is_no_camera_the_page_says_so(page: Page) -> None:
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotFoundError'))"
    )
    go_to_card_page(page)
    page.click(".by-camera .start")
    expect(page.locator(".camera-says")).to_contain_text("Der er intet kamera her.")


def test_the_camera_is_off_until_it_is_asked_for_and_again_when_it_is_stopped(
    with_camera: Browser, demo: Demonstration
) -> None:
    window = chromium.a_window(with_camera, demo.origin)
    window.grant_permissions(["camera"], origin=demo.origin)
    page = window.new_page()
    go_to_card_page(page)
    page.evaluate("document.querySelector('.by-camera').dataset.reader = '/static/qr/index.js'")  # reads nothing
    assert page.evaluate("document.querySelector('video').srcObject") is None
    page.click(".by-camera .start")
    expect(page.locator(".viewfinder")).to_be_visible()
    assert page.evaluate("document.querySelector('video').srcObject.active") is True
    page.click(".by-camera .stop")
    expect(page.locator(".viewfinder")).to_be_hidden()
    assert page.evaluate("document.querySelector('video').srcObject") is None
    expect(page.locator(".by-camera .start")).to_be_focused()
    window.close()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_scanner_types_the_card_where_nobody_can_read_it(
    opened: Opener, demo: Demonstration, printed: tuple[CardToPrint, Path], *, javascript: bool
) -> None:
    page = opened(javascript=javascript)
    go_to_card_page(page)
    page.keyboard.type(printed[0].token[:-1])
    assert page.locator("#card").evaluate("field => getComputedStyle(field).webkitTextSecurity") == "disc"
    page.keyboard.type(printed[0].token[-1])
    page.keyboard.press("Enter")
    expect(page.locator("form.picture-code")).to_be_visible()
    page.go_back()
    expect(page.locator("#card")).to_have_value("")


def test_a_scanner_that_sends_no_enter_is_enough(page: Page, printed: tuple[CardToPrint, Path]) -> None:
    go_to_card_page(page)
    page.keyboard.type(printed[0].token.lower())
    expect(page.locator("form.picture-code")).to_be_visible()


class LatePicture:
    """Pictures that are kept back until the test lets them go; one that is asked for after that comes at once."""

    def __init__(self) -> None:
        """Keep back whatever is asked for."""
        self._held: list[Route] | None = []

    def arrive(self, route: Route) -> None:
        """Keep the picture back, or send it."""
        if self._held is None:
            self._send(route)
        else:
            self._held.append(route)

    def let_go(self) -> None:
        """Send what was kept back, and from now on everything."""
        held, self._held = self._held or [], None
        for route in held:
            self._send(route)

    @staticmethod
    def _send(route: Route) -> None:
        with suppress(Error):  # the page that asked for it has been left
            route.fulfill(content_type="image/svg+xml", body="<svg xmlns='http://www.w3.org/2000/svg'/>")


def test_what_is_scanned_before_the_page_has_all_its_parts_is_kept(
    page: Page, printed: tuple[CardToPrint, Path]
) -> None:
    """The field has the focus as soon as it is there; a part that comes late must not empty it."""
    late = LatePicture()
    page.route("**/late.svg", late.arrive)
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => document.body.append(Object.assign(new Image(), {src: '/late.svg'})))"
    )
    page.goto(SERVICE, wait_until="commit")
    page.click(LOG_IN_WITH_US, no_wait_after=True)
    page.click(BY_CARD, no_wait_after=True)
    expect(page.locator("#card")).to_be_focused()
    page.keyboard.type(printed[0].token[:-1])
    late.let_go()
    page.wait_for_load_state("load")
    expect(page.locator("#card")).to_have_value(printed[0].token[:-1])
    page.keyboard.type(printed[0].token[-1])
    page.keyboard.press("Enter")
    expect(page.locator("form.picture-code")).to_be_visible()


def test_a_card_that_is_scanned_into_the_username_is_neither_shown_nor_kept_as_one(
    page: Page, printed: tuple[CardToPrint, Path]
) -> None:
    go_to_service(page)
    page.keyboard.type(printed[0].token)
    assert page.locator("#username").evaluate("field => getComputedStyle(field).webkitTextSecurity") == "disc"
    with page.expect_request(re.compile("/username$")) as sent:
        page.keyboard.press("Enter")
    posted = sent.value.post_data or ""
    assert "username=&" in posted + "&"
    assert f"card={printed[0].token}" in posted
    expect(page.locator("form.picture-code")).to_be_visible()


def test_a_card_that_does_not_work_says_so_where_it_was_shown(page: Page) -> None:
    go_to_card_page(page)
    page.keyboard.type("SKPBBBBBBBBB")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Kortet blev ikke læst.")
    expect(page.locator("#card")).to_be_focused()
