"""``./do screens``: the pictures in ``docs/screens``, taken from a fresh demo."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.browser import chromium, demonstration, looks, voices
from tests.browser.looks import LOOKS, Look
from tests.browser.tours import parts, tour

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.demonstration import Demonstration

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
LANGUAGES = {"da": "Danish", "en": "English"}
SCHEMES = {"light": "by day", "dark": "by night"}
LEAST_HEIGHT, MOST_HEIGHT = 600, 1200
COLOURS = 96
"""A picture with so few colours looks the same and takes a third of the room."""


def main() -> int:
    """Take all pictures, or with names of states on the command line only theirs."""
    if chromium.program() is None:
        sys.stderr.write("Chromium is not installed: apt-get install chromium\n")
        return 1
    wanted = set(sys.argv[1:])
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        if not wanted or old.name.rsplit("-", 3)[0] in wanted:
            old.unlink()
    with (
        tempfile.TemporaryDirectory(prefix="skolepas-screens-") as folder,
        chromium.running() as browser,
        demonstration.running(Path(folder) / "demo") as demo,
    ):
        for language in LANGUAGES:
            _walk(browser, demo, language, wanted)
    (FOLDER / "README.md").write_text("\n".join(_page()), encoding="utf-8")
    return 0


def _walk(browser: Browser, demo: Demonstration, language: str, wanted: set[str]) -> None:
    windows: list[BrowserContext] = []

    def open_window() -> Page:
        windows.append(chromium.a_window(browser, demo.origin, language=language))
        voices.give_voices(windows[-1], voices.DANISH, voices.ENGLISH)
        return windows[-1].new_page()

    for name, page in tour(open_window, demo):
        if not wanted or name in wanted:
            with looks.kept(page):
                _take(page, name, language)
    for window in windows:
        window.close()


def _take(page: Page, name: str, language: str) -> None:
    """Take the page in every look; a page that is light by night too is taken once."""
    by_day: dict[int, bytes] = {}
    for look in LOOKS:
        looks.put_on(page, look)
        picture = _picture(page, look)
        if by_day.setdefault(look.width, picture) == picture and look.scheme != "light":
            continue
        file = FOLDER / f"{_stem(name, language, look)}.png"
        file.write_bytes(picture)
        print(f"{file.name}: {len(picture) // 1024} KiB")


def _picture(page: Page, look: Look) -> bytes:
    looks.arrived(page)
    page.wait_for_load_state("networkidle")
    height = page.evaluate("() => document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": look.width, "height": min(max(height, LEAST_HEIGHT), MOST_HEIGHT)}
    taken = page.screenshot(full_page=True, clip=clip, caret="hide", animations="disabled")
    small = io.BytesIO()
    with Image.open(io.BytesIO(taken)) as image:
        few = image.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(small, "PNG", optimize=True)
    return small.getvalue()


def _stem(name: str, language: str, look: Look) -> str:
    return f"{name}-{language}-{look.width}-{look.scheme}"


def _page() -> Iterator[str]:
    yield "# Screens"
    yield ""
    yield "Taken by `./do screens` from the demo, in every state, on a phone (390 px) and a desk (1280 px), by day and by night,"
    yield "in Danish and in English. What has no picture by night is light at every hour. Everybody in them is made up; codes,"
    yield "usernames and times are new in every run. `./do screens NAME …` takes single states again."
    for part in parts():
        yield ""
        yield f"## {(part.__doc__ or '').splitlines()[0].rstrip('.')}"
        yield ""
        for name, told in part.TOLD.items():
            links = "; ".join(
                f"{said} {links}" for code, said in LANGUAGES.items() if (links := " ".join(_links(name, code)))
            )
            yield f"- `{name}`: {told} {links}"
    yield ""


def _links(name: str, language: str) -> Iterable[str]:
    for look in LOOKS:
        stem = _stem(name, language, look)
        if (FOLDER / f"{stem}.png").is_file():
            yield f"[{look.width} {SCHEMES[look.scheme]}]({stem}.png)"


if __name__ == "__main__":
    sys.exit(main())
