"""The same page in every look: on a phone and on a desk, by day and by night, without walking to it again."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tests.browser.chromium import DESKTOP, PHONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

ZOOMED = (640, 320)
"""The widths in CSS pixels that a desk of 1280 has left at 200 % and at 400 % (WCAG 1.4.4 and 1.4.10)."""


@dataclass(frozen=True)
class Look:
    """How wide the window is, and what the person's device asks for."""

    width: int
    scheme: Literal["light", "dark"]

    def __str__(self) -> str:
        return f"{self.width} {self.scheme}"


LOOKS = tuple(Look(width, scheme) for width in (PHONE, DESKTOP) for scheme in ("light", "dark"))


@contextmanager
def kept(page: Page) -> Iterator[None]:
    """Give the page back as it was: as wide, and by day."""
    size = page.viewport_size or {"width": PHONE, "height": 844}
    try:
        yield
    finally:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(size)


def widen(page: Page, width: int) -> None:
    """Make the window as wide as that, and as high as such windows are."""
    page.set_viewport_size({"width": width, "height": 844 if width == PHONE else 800})


def arrived(page: Page) -> None:
    """Wait for the styles and letters: the text of a page can be there before them, and is then measured without them."""
    page.wait_for_load_state("load")
    page.evaluate("() => document.fonts.ready.then(() => true)")


def put_on(page: Page, look: Look) -> None:
    """Show the page in this look."""
    widen(page, look.width)
    page.emulate_media(color_scheme=look.scheme)
