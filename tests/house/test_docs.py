"""The pages: their links lead somewhere, and each decision has a page of the agreed shape."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from tests.house.tree import ROOT, files, pages, text

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
DECISIONS = Path("docs/decisions")
HEADINGS = ["Context", "Decision", "Alternatives", "Consequences"]


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make, as code hosts make them."""
    headings = re.findall(r"^#{1,6} +(.+?) *$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(page: Path) -> list[str]:
    dead = []
    for target in ("".join(found) for found in LINK.findall(text(page))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        goal = (ROOT / page.parent / path).resolve() if path else ROOT / page
        if not goal.exists() or (anchor and anchor not in anchors(goal)):
            dead.append(f"{page}: {target}")
    return dead


def decisions() -> list[Path]:
    return [path for path in pages() if path.parent == DECISIONS and path.name != "README.md"]


def test_every_link_between_pages_leads_somewhere() -> None:
    assert len(pages()) > 5
    assert [link for page in pages() for link in dead_links(page)] == []


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(page.name[:4]) for page in decisions()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_each_decision_tells_context_decision_alternatives_and_consequences() -> None:
    headings = {page.name: re.findall(r"^## (.+)$", text(page), re.MULTILINE) for page in decisions()}
    assert {name: found for name, found in headings.items() if found != HEADINGS} == {}


def test_the_list_of_decisions_names_each_once_by_its_title() -> None:
    index = text(DECISIONS / "README.md")
    titles = {page.name: text(page).partition("\n")[0].removeprefix("# ").partition(". ")[2] for page in decisions()}
    assert {name for name, title in titles.items() if index.count(f"[{title}]({name})") != 1} == set()


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    assert "## [Unreleased]" in text(Path("CHANGELOG.md"))
    assert Path("LICENSE") in files()


def test_no_file_points_at_a_page_that_is_not_here() -> None:
    here = {page.name for page in pages()} | {"LICENSE.md"}  # the design system's own licence
    read = [path for path in files() if path.suffix in {".py", ".toml", ".md", ".html", ".css", ".js", ".txt", ""}]
    named = {(str(path), name) for path in read for name in re.findall(r"[\w-]+\.md\b", text(path))}
    assert {(path, name) for path, name in named if name not in here} == set()
