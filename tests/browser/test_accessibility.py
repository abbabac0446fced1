"""Every state of every page, in both languages, on a phone and on a desk, by day and by night: axe-core finds nothing, the
focus is seen, fingers have room, nothing is lost when the page is magnified, and nothing moves for those who asked for rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import chromium, looks, voices
from tests.browser.accessibility import (
    SMALLEST_PICTURE,
    cut,
    moving,
    sideways,
    smallest_picture,
    too_small,
    violations,
    walk_with_tab,
)
from tests.browser.looks import LOOKS, ZOOMED
from tests.browser.tours import told, tour
from tests.browser.tours.logging_in import LOST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.demonstration import Demonstration

pytestmark = pytest.mark.long
# The queue asks again by itself; that is what a waiting page without JavaScript is for (decision 16).
ALLOWED = {("queue", "meta-refresh")}
NOT_OURS = ("service-", "mit-", "administration-")
"""The demo's learning services and the administration bring styles of their own; their buttons are not measured."""


@dataclass
class Seen:
    """What was found on the tour, by state, or by state and look."""

    language: str
    complaints: chromium.Complaints
    violations: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    smallest_picture: dict[str, float] = field(default_factory=dict)
    too_small: dict[str, list[str]] = field(default_factory=dict)
    sideways: dict[tuple[str, int], int] = field(default_factory=dict)
    cut: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    moving: dict[str, int] = field(default_factory=dict)
    stops: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(("da", chromium.PHONE), id="da"),
        pytest.param(("en", chromium.DESKTOP), id="en"),
    ],
)
def seen(request: pytest.FixtureRequest, browser: Browser, demo: Demonstration) -> Iterator[Seen]:
    """Walk through all states once in each language and look at each in every look."""
    language, width = request.param
    windows: list[BrowserContext] = []
    complaints = chromium.Complaints(demo.origin)

    def open_window() -> Page:
        windows.append(chromium.a_window(browser, demo.origin, width=width, language=language))
        voices.give_voices(windows[-1], voices.DANISH, voices.ENGLISH)
        complaints.listen(windows[-1])
        return windows[-1].new_page()

    found = Seen(language, complaints)
    for name, page in tour(open_window, demo):
        with looks.kept(page):
            _look_at(page, name, found)
        found.stops[name] = walk_with_tab(page)
    yield found
    for window in windows:
        window.close()


def _look_at(page: Page, name: str, found: Seen) -> None:
    looks.arrived(page)
    found.languages[name] = page.locator("html").get_attribute("lang") or ""
    found.moving[name] = moving(page)
    for look in LOOKS:
        looks.put_on(page, look)
        found.violations[name, str(look)] = violations(page, colours_only=look.scheme == "dark")
    size = smallest_picture(page)
    if size is not None:
        found.smallest_picture[name] = size
    for width in (chromium.PHONE, chromium.DESKTOP, *ZOOMED):
        looks.widen(page, width)
        found.sideways[name, width] = sideways(page)
        found.cut[name, width] = cut(page)
    found.too_small[name] = too_small(page)


def test_the_tour_comes_to_every_state_that_is_told_of(seen: Seen) -> None:
    assert set(seen.stops) == set(told())
    assert len(seen.stops) > 20


def test_axe_finds_nothing_in_any_state_and_look(seen: Seen) -> None:
    found = {
        (name, said.partition(":")[0], look): said
        for (name, look), all_said in seen.violations.items()
        for said in all_said
    }
    assert {where: said for where, said in found.items() if where[:2] not in ALLOWED} == {}
    assert {where[:2] for where in found} == ALLOWED  # what is allowed is still found: axe-core does look


def test_every_picture_and_sign_has_room_for_a_finger(seen: Seen) -> None:
    assert {"pictures", "pictures-without-javascript", "sign", "confirm-pictures"} <= set(seen.smallest_picture)
    assert {name: size for name, size in seen.smallest_picture.items() if size < SMALLEST_PICTURE} == {}


def test_every_button_has_room_for_a_finger(seen: Seen) -> None:
    small = {name: what for name, what in seen.too_small.items() if what and not name.startswith(NOT_OURS)}
    assert small == {}


def test_the_focus_is_seen_wherever_the_keyboard_stops(seen: Seen) -> None:
    assert len(seen.stops["pictures"]) >= 16
    unseen = {name: [stop["what"] for stop in stops if not stop["seen"]] for name, stops in seen.stops.items()}
    assert {name: what for name, what in unseen.items() if what} == {}


def test_nothing_is_lost_at_any_width_or_magnification(seen: Seen) -> None:
    assert {where: pixels for where, pixels in seen.sideways.items() if pixels > 0} == {}
    assert {where: what for where, what in seen.cut.items() if what} == {}


def test_nothing_moves_for_those_who_asked_for_rest(seen: Seen) -> None:
    assert {name: moves for name, moves in seen.moving.items() if moves} == {}


def test_every_page_says_which_language_it_speaks(seen: Seen) -> None:
    assert {name: language for name, language in seen.languages.items() if language != seen.language} == {}


def test_no_page_complains_or_speaks_to_a_stranger(seen: Seen) -> None:
    assert [said for said in seen.complaints.said if LOST not in said] == []
