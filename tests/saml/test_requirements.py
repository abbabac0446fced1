"""docs/saml-requirements.md says what the table says, and every requirement that is met has a test that runs."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.house.tree import ROOT, text
from tests.saml.requirements import IIP, SAML2INT, TABLES, Requirement, State, page

PAGE = Path("docs/saml-requirements.md")
HERE = Path("tests/saml")


@cache
def named_in(file: Path) -> frozenset[str]:
    parsed = ast.parse(text(file))
    return frozenset(
        node.name for node in ast.walk(parsed) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@pytest.mark.parametrize("requirement", [*SAML2INT, *IIP], ids=lambda one: one.id)
def test_what_is_met_is_shown_by_a_test_and_what_is_not_says_why(requirement: Requirement) -> None:
    for name in requirement.shown_by:
        file, _, test = name.partition("::")
        assert test in named_in(HERE / file), name
    assert bool(requirement.shown_by) or requirement.state is State.NOT_OFFERED
    assert bool(requirement.why) or requirement.state is State.MET


def test_no_requirement_stands_twice() -> None:
    for _, _, table in TABLES:
        ids = [one.id for one in table]
        assert len(ids) == len(set(ids))


def test_the_page_is_what_the_table_says() -> None:
    if text(PAGE) != page():
        build = ROOT / "build"
        build.mkdir(exist_ok=True)
        (build / PAGE.name).write_text(page(), encoding="utf-8")
    assert text(PAGE) == page(), f"copy build/{PAGE.name} to {PAGE}"
