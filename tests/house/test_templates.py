"""The templates: every word that people read goes through the catalogues, and nothing is written inline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from jinja2 import Environment

from tests.house.tree import files, text

if TYPE_CHECKING:
    from pathlib import Path

READ_BY_PEOPLE = ["alt", "title", "aria-label", "aria-description", "placeholder", "label"]
NAMES_A_CLASS = "page_kind"  # a block that is filled with the name of a class, for no one to read
WORD = re.compile(r"[^\W\d_]{2,}")
TEMPLATES = [path for path in files() if "templates" in path.parts and path.suffix in {".html", ".txt"}]


def written_out(source: str) -> str:
    """Return what the template writes as it stands: no expressions, no comments, nothing inside ``{% trans %}``."""
    kept, unread = [], False
    for _, kind, value in Environment(autoescape=True).lex(source):
        if kind == "name" and value in {"trans", "endtrans", NAMES_A_CLASS, "endblock"}:
            unread = value in {"trans", NAMES_A_CLASS}
        if kind == "data" and not unread:
            kept.append(value)
        if kind == "variable_begin":
            kept.append("{}")
    return "".join(kept)


def bare_words(source: str) -> list[str]:
    soup = BeautifulSoup(written_out(source), "html.parser")
    attributes = [str(tag[name]) for tag in soup.find_all(name=True) for name in READ_BY_PEOPLE if tag.has_attr(name)]
    return [found for part in [*soup.stripped_strings, *attributes] for found in WORD.findall(part) if found != "html"]


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_every_word_that_people_read_goes_through_the_catalogues(template: Path) -> None:
    assert bare_words(text(template)) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_nothing_is_written_inline_that_the_content_security_policy_forbids(template: Path) -> None:
    soup = BeautifulSoup(written_out(text(template)), "html.parser")
    assert [tag.name for tag in soup.find_all("style")] == []
    assert [tag for tag in soup.find_all("script") if not tag.has_attr("src")] == []
    assert [
        tag for tag in soup.find_all(name=True) if any(re.match(r"style$|on\w+$", name) for name in tag.attrs)
    ] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_nothing_is_fetched_from_another_site(template: Path) -> None:
    soup = BeautifulSoup(written_out(text(template)), "html.parser")
    fetched = [
        str(tag.get(name)) for tag in soup.find_all(["script", "link", "img", "source"]) for name in ("src", "href")
    ]
    assert [address for address in fetched if re.match(r"https?:|//", address)] == []


def test_a_bare_word_is_found() -> None:
    source = '<p>{{ _("Log in") }}</p>{# a comment #}{% trans %}Hello{% endtrans %}<img alt="Bird"><b>Again</b>'
    assert bare_words(source) == ["Again", "Bird"]
