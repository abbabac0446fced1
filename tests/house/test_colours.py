"""The login pages' colours: each has a name and stands twice, by day and by night, and what meets can be told apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import ROOT, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SHEETS = sorted((ROOT / "idp" / "static").glob("*.css"))
ROOT_RULE = re.compile(r":root \{(.*?)\}", re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)\(")
ALWAYS = {".qr", ".viewfinder"}  # a camera reads dark on white; what it sees is framed in white on black
GROUNDS = ["--ground", "--surface", "--lilac", "--butter"]
WORDS = [
    *(("--ink", ground) for ground in GROUNDS),
    *(("--quiet", ground) for ground in GROUNDS),
    *(("--plum", ground) for ground in GROUNDS),
    *(("--plum-deep", ground) for ground in GROUNDS),
    ("--on-plum", "--plum"),
    ("--on-plum", "--plum-deep"),
    ("--alarm", "--alarm-ground"),
    ("--good", "--surface"),
    ("--tile-ink", "--tile"),
    ("--tile-ink", "--tile-pressed"),
    ("--tile-ink", "--tile-chosen"),
    ("--on-tile-mark", "--tile-mark"),
    ("--on-badge", "--badge"),
]
"""Words on what they stand on: 4.5 to 1 (WCAG 1.4.3)."""
SHAPES = [
    ("--line", "--surface"),
    ("--line", "--lilac"),
    ("--line", "--ground"),
    ("--alarm", "--surface"),
    ("--plum-deep", "--surface"),
    ("--plum-deep", "--ground"),
    ("--tile-mark", "--tile"),
    ("--tile-mark", "--tile-chosen"),
]
"""Edges, marks and the ring of the focus beside what they stand on: 3 to 1 (WCAG 1.4.11)."""


def colours(sheet: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the named colours by day and by night."""
    day, night = (dict(re.findall(r"(--[\w-]+): (#\w+);", rule)) for rule in ROOT_RULE.findall(sheet))
    return day, night


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.fixture(params=["day", "night"])
def named(request: pytest.FixtureRequest) -> Mapping[str, str]:
    day, night = colours(text(ROOT / "idp" / "static" / "login.css"))
    return day if request.param == "day" else night


def test_every_colour_by_day_has_one_by_night() -> None:
    day, night = colours(text(ROOT / "idp" / "static" / "login.css"))
    assert day.keys() == night.keys()
    assert len(day) > 20


def test_words_are_read_on_everything_that_they_stand_on(named: Mapping[str, str]) -> None:
    found = {pair: round(contrast(named[pair[0]], named[pair[1]]), 2) for pair in WORDS}
    assert {pair: ratio for pair, ratio in found.items() if ratio < 4.5} == {}


def test_edges_and_marks_are_seen_beside_what_they_stand_on(named: Mapping[str, str]) -> None:
    found = {pair: round(contrast(named[pair[0]], named[pair[1]]), 2) for pair in SHAPES}
    assert {pair: ratio for pair, ratio in found.items() if ratio < 3} == {}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_rule_has_a_colour_of_its_own(sheet: Path) -> None:
    written = ROOT_RULE.sub("", COMMENT.sub("", text(sheet)))
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", written)
    own = [selector.strip() for selector, body in rules if COLOUR.search(body)]
    assert [selector for selector in own if not any(selector.startswith(known) for known in ALWAYS)] == []
