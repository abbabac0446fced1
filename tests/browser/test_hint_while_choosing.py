"""The hint beside a code that is being chosen: in words, after a pause, from the page alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.house.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.long

SCRIPT = ROOT / "idp" / "static" / "choose_code.js"
FORM = """<form><input id="password" name="password" type="password"><input name="again" type="password">
<p id="strength" role="status" data-short="for kort" data-weak="let at gætte" data-good="god" data-strong="stærk"
   data-least="8"></p></form>"""
PAUSE_MS = 400


@pytest.fixture
def form(browser: Browser) -> Iterator[Page]:
    """Return the form with the script in it, a clock that stands still, and nobody to talk to."""
    with browser.new_context(offline=True) as window:
        page = window.new_page()
        page.clock.install(time="2031-01-01T08:00:00")
        page.clock.pause_at("2031-01-01T08:01:00")  # else it goes on by itself
        page.set_content(FORM)
        page.add_script_tag(path=SCRIPT)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        yield page
        assert asked == []


def _hint(page: Page, code: str) -> str:
    page.fill("#password", code)
    page.clock.run_for(PAUSE_MS)
    return page.inner_text("#strength")


CODES = [
    ("hest", "for kort"),
    ("hest-ko", "for kort"),
    ("🐴🐱🐶🦊🐻🐼🐨", "for kort"),
    ("password1", "let at gætte"),
    ("Kanin123", "let at gætte"),
    ("aaaaaaaaaaaa", "let at gætte"),
    ("abcd1234", "let at gætte"),
    ("qwertyuiop", "let at gætte"),
    ("hesthesthest", "let at gætte"),
    ("emil2014", "let at gætte"),
    ("Sommer2026!", "let at gætte"),
    ("12345678", "let at gætte"),
    ("hest-hest-hest", "let at gætte"),
    ("🐴🐴🐴🐴🐴🐴🐴🐴", "let at gætte"),
    ("Fodboldkamp1", "let at gætte"),
    ("hest-banan", "god"),
    ("blå elefant", "god"),
    ("minhundhedderfido", "god"),
    ("håndbold og saft", "stærk"),
    ("Hest-Banan47", "stærk"),
    ("tre røde katte", "stærk"),
    ("hest-banan-kaffe", "stærk"),
    ("xK7#qpL2vR", "stærk"),
    ("🐴🐱🐶🦊🐻🐼🐨🐸", "stærk"),
]


@pytest.mark.parametrize(("code", "said"), CODES)
def test_the_hint_says_in_words_how_hard_a_code_is_to_guess(form: Page, code: str, said: str) -> None:
    assert _hint(form, code) == said
    drawn = form.get_attribute("#strength", "data-strength")
    assert drawn == str(["for kort", "let at gætte", "god", "stærk"].index(said))


def test_the_hint_waits_for_a_pause_and_goes_away_with_the_code(form: Page) -> None:
    form.fill("#password", "hest-banan")
    form.clock.run_for(PAUSE_MS - 100)
    assert form.inner_text("#strength") == ""
    assert _hint(form, "hest-banan") == "god"
    assert _hint(form, "") == ""
    assert form.get_attribute("#strength", "data-strength") is None


def test_the_longest_code_is_weighed_at_once(form: Page) -> None:
    assert _hint(form, "hest og banan og kaffe " * 44) == "stærk"
