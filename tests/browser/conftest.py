"""One Chromium and one demo for all tests of this folder, a fresh window for each, and no complaint let through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest
from playwright.sync_api import expect

from tests.browser import chromium, demonstration
from tests.browser.accessibility import AXE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.demonstration import Demonstration

expect.set_options(timeout=15_000)  # two cores also run the other tests, and the server they talk to


class Opener(Protocol):
    """Opens a page in a window of its own: how wide, with JavaScript or not, in which language."""

    def __call__(self, *, width: int = ..., javascript: bool = ..., language: str = ...) -> Page: ...


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Run Chromium. Only for this folder: Playwright keeps an event loop, which other tests must not meet."""
    if chromium.program() is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci")
    with chromium.running() as running:
        yield running


@pytest.fixture(scope="package")
def demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """Run the demo."""
    with demonstration.running(tmp_path_factory.mktemp("demo") / "state") as running:
        yield running


@pytest.fixture
def opened(browser: Browser, demo: Demonstration) -> Iterator[Opener]:
    """Open windows; when the test is over, none of them may have complained or spoken to a stranger."""
    complaints = chromium.Complaints(demo.origin)
    windows: list[BrowserContext] = []

    def opener(*, width: int = chromium.PHONE, javascript: bool = True, language: str = "da-DK") -> Page:
        window = chromium.a_window(browser, demo.origin, width=width, javascript=javascript, language=language)
        complaints.listen(window)
        windows.append(window)
        return window.new_page()

    yield opener
    for window in windows:
        window.close()
    assert complaints.said == []


@pytest.fixture
def page(opened: Opener) -> Page:
    """Open one page on a phone, in Danish, with JavaScript."""
    return opened()
