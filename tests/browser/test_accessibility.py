"""Every page, on a phone and on a screen: axe-core finds nothing, the focus is seen, fingers have room."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import chromium
from tests.browser.accessibility import SMALLEST_PICTURE, sideways, smallest_picture, violations, walk_with_tab
from tests.browser.tour import LOST, tour

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.demonstration import Demonstration

# The queue asks again by itself; that is what a waiting page without JavaScript is for (decision 16).
ALLOWED = {("queue", "meta-refresh")}


@dataclass
class Seen:
    """What was found on the tour, by page."""

    complaints: chromium.Complaints
    violations: dict[str, list[str]] = field(default_factory=dict)
    smallest_picture: dict[str, float] = field(default_factory=dict)
    sideways: dict[str, int] = field(default_factory=dict)
    stops: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module", params=[chromium.PHONE, chromium.DESKTOP], ids=["phone", "desktop"])
def seen(request: pytest.FixtureRequest, browser: Browser, demo: Demonstration) -> Iterator[Seen]:
    """Walk through all pages once for each width and look at each."""
    windows: list[BrowserContext] = []
    complaints = chromium.Complaints(demo.origin)

    def open_window() -> Page:
        windows.append(chromium.a_window(browser, demo.origin, width=request.param))
        complaints.listen(windows[-1])
        return windows[-1].new_page()

    found = Seen(complaints)
    for name, page in tour(open_window, demo):
        found.violations[name] = violations(page)
        found.sideways[name] = sideways(page)
        found.languages[name] = page.locator("html").get_attribute("lang") or ""
        size = smallest_picture(page)
        if size is not None:
            found.smallest_picture[name] = size
        found.stops[name] = walk_with_tab(page)
    yield found
    for window in windows:
        window.close()


def test_axe_finds_nothing_on_any_page(seen: Seen) -> None:
    assert len(seen.violations) > 20
    found = {(name, said.partition(":")[0]): said for name, all_said in seen.violations.items() for said in all_said}
    assert {name: said for name, said in found.items() if name not in ALLOWED} == {}
    assert found.keys() == ALLOWED  # what is allowed is still found: axe-core does look


def test_every_picture_and_sign_has_room_for_a_finger(seen: Seen) -> None:
    assert {"pictures", "pictures-without-javascript", "sign-pictures", "confirm-pictures"} <= set(
        seen.smallest_picture
    )
    assert {name: size for name, size in seen.smallest_picture.items() if size < SMALLEST_PICTURE} == {}


def test_the_focus_is_seen_wherever_the_keyboard_stops(seen: Seen) -> None:
    assert len(seen.stops["pictures"]) >= 16
    unseen = {name: [stop["what"] for stop in stops if not stop["seen"]] for name, stops in seen.stops.items()}
    assert {name: what for name, what in unseen.items() if what} == {}


def test_no_page_is_wider_than_its_window(seen: Seen) -> None:
    assert {name: pixels for name, pixels in seen.sideways.items() if pixels > 0} == {}


def test_every_page_says_that_it_is_danish(seen: Seen) -> None:
    assert {name: language for name, language in seen.languages.items() if language != "da"} == {}


def test_no_page_complains_or_speaks_to_a_stranger(seen: Seen) -> None:
    assert [said for said in seen.complaints.said if LOST not in said] == []
