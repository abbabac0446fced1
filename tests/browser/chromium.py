"""A real Chromium, told to speak to nobody but us, and a record of what it complains about."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request, Response, WebError

ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
]
PATIENCE_MS = 10_000
PHONE, DESKTOP = 390, 1280


def program() -> str | None:
    """Where Chromium is on this machine."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def running() -> Iterator[Browser]:
    """Start it and end it. Raises :class:`FileNotFoundError` where there is none."""
    path = program()
    if path is None:
        raise FileNotFoundError("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_arguments())
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def keeping_pages(beside: Browser) -> Iterator[Browser]:
    """Start another one, with the back/forward cache that Playwright usually switches off."""
    browser = beside.browser_type.launch(
        executable_path=program(), args=_arguments(), ignore_default_args=["--disable-back-forward-cache"]
    )
    try:
        yield browser
    finally:
        browser.close()


def _arguments() -> list[str]:
    return [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


@dataclass
class Complaints:
    """What a window said while it was used: script errors, refusals by the CSP, and requests to strangers."""

    origin: str
    said: list[str] = field(default_factory=list)
    _pages: set[str] = field(default_factory=set)

    def listen(self, window: BrowserContext) -> None:
        """Write down everything from now on."""
        window.on("request", self._on_request)
        window.on("response", self._on_response)
        window.on("console", self._on_console)
        window.on("weberror", self._on_error)

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.said.append(f"a request left us: {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.request.resource_type == "document":
            self._pages.add(response.url)
        elif response.status >= 400:
            self.said.append(f"{response.status}: {response.url}")

    def _on_console(self, message: ConsoleMessage) -> None:
        # A page that says no has a status of 4xx, and Chromium calls that an error; it is an answer.
        about = message.location.get("url", "")
        if message.type in ("error", "warning") and not (
            message.text.startswith("Failed to load") and about in self._pages
        ):
            self.said.append(f"{message.type} at {about}: {message.text}")

    def _on_error(self, error: WebError) -> None:
        self.said.append(f"script error: {error.error}")


def a_window(
    browser: Browser, origin: str, *, width: int = PHONE, javascript: bool = True, language: str = "da-DK"
) -> BrowserContext:
    """Open a window that shares nothing with any other: its own cookies, a width, a language."""
    window = browser.new_context(
        base_url=origin,
        viewport={"width": width, "height": 844 if width == PHONE else 800},
        java_script_enabled=javascript,
        locale=language,
        reduced_motion="reduce",
    )
    window.set_default_timeout(PATIENCE_MS)
    return window
