"""``./do screens``: the pictures in ``docs/screens``, taken from a fresh demo."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser import chromium, demonstration
from tests.browser.tour import tour

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.demonstration import Demonstration

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
TOLD = {
    "service-before": "The demo's learning service, before anybody has logged in.",
    "username": "First the username: the only page that everybody meets.",
    "pictures": "A pupil of the first grades taps four pictures.",
    "pictures-two-tapped": "Two of them are tapped, and lie in their slots.",
    "pictures-wrong": "The pictures were not right.",
    "pictures-without-javascript": "Without JavaScript: one row of pictures for each place.",
    "words": "Older pupils and grown-ups type a code.",
    "words-wrong": "The code was not right.",
    "sign-pictures": "A pupil who forgot the pictures picks the sign that the teacher was shown.",
    "new-pictures": "The new pictures, to be remembered.",
    "confirm-pictures": "The new pictures are tapped once before they count.",
    "new-words": "A new code of words.",
    "service-after": "The learning service, and what it was told.",
    "mit-login-pupil": "Mit login of a pupil.",
    "mit-login": "Mit login: who I am, where I belong, where I am logged in.",
    "log-out": "Logging out is asked once, so that no other site can do it.",
    "error": "Something cannot be done: a sentence, a way on, a reference.",
    "queue": "Many people at once: the queue, which goes on by itself.",
    "front": "The front page.",
}
ENGLISH = ("username", "pictures", "mit-login-pupil")
MOST_HEIGHT = 1600


def main() -> int:
    """Take all pictures."""
    if chromium.program() is None:
        sys.stderr.write("Chromium is not installed: apt-get install chromium\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with (
        tempfile.TemporaryDirectory(prefix="skolepas-screens-") as folder,
        chromium.running() as browser,
        demonstration.running(Path(folder) / "demo") as demo,
    ):
        for width in (chromium.PHONE, chromium.DESKTOP):
            _walk(browser, demo, width, "da-DK", tuple(TOLD))
            _walk(browser, demo, width, "en-GB", ENGLISH)
    (FOLDER / "README.md").write_text(_page(), encoding="utf-8")
    return 0


def _walk(browser: Browser, demo: Demonstration, width: int, language: str, names: tuple[str, ...]) -> None:
    windows: list[BrowserContext] = []

    def open_window() -> Page:
        windows.append(chromium.a_window(browser, demo.origin, width=width, language=language))
        return windows[-1].new_page()

    wanted = set(names)
    for name, page in tour(open_window, demo):
        if name in wanted:
            wanted.remove(name)
            tag = "" if language.startswith("da") else "-en"
            _take(page, FOLDER / f"{name}{tag}-{width}.png", width)
        if not wanted:
            break
    for window in windows:
        window.close()


def _take(page: Page, file: Path, width: int) -> None:
    page.evaluate("() => document.fonts.ready")
    page.wait_for_load_state("networkidle")
    height = page.evaluate("() => document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": width, "height": min(max(height, 600), MOST_HEIGHT)}
    page.screenshot(path=file, full_page=True, clip=clip, caret="hide", animations="disabled")
    print(f"{file.name}: {file.stat().st_size // 1024} KiB")


def _page() -> str:
    lines = [
        "# Screens",
        "",
        "Taken by `./do screens` from the demo, on a phone (390 px) and a screen (1280 px). Everybody in them is made up.",
        "Codes, usernames and times are new in every run.",
        "",
    ]
    for name, told in TOLD.items():
        english = f", in English [390]({name}-en-390.png) [1280]({name}-en-1280.png)" if name in ENGLISH else ""
        lines.append(f"- {told} [390]({name}-390.png) [1280]({name}-1280.png){english}")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
