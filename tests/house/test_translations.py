"""The catalogues: nothing is missing, nothing is guessed, and collecting the texts again changes nothing."""

from __future__ import annotations

import re
import string
import subprocess
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

from tests.house.tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from babel.messages.catalog import Catalog, Message

PACKAGES = ["idp", "admin_ui"]


def catalogue_file(root: Path, package: str) -> Path:
    return root / package / "translations" / "da" / "LC_MESSAGES" / "messages.po"


def catalogue(package: str) -> Catalog:
    with catalogue_file(ROOT, package).open("rb") as file:
        return read_po(file, locale="da", abort_invalid=True)


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def messages(package: str) -> list[Message]:
    return [message for message in catalogue(package) if message.id]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_has_a_danish_wording(package: str) -> None:
    assert len(messages(package)) > 10
    assert [message.id for message in messages(package) if not all(forms(message.string))] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_wording_is_a_guess(package: str) -> None:
    assert [message.id for message in messages(package) if message.fuzzy] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_wording_is_kept_for_a_text_that_is_gone(package: str) -> None:
    assert list(catalogue(package).obsolete) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_wording_fills_in_what_the_text_fills_in(package: str) -> None:
    different = [
        message.id
        for message in messages(package)
        for wording in forms(message.string)
        if not placeholders(wording) <= set().union(*map(placeholders, forms(message.id)))
        or not placeholders(forms(message.id)[-1]) <= set().union(*map(placeholders, forms(message.string)))
    ]
    assert different == []


def placeholders(text: str) -> set[str]:
    named = {name for _, name, _, _ in string.Formatter().parse(re.sub(r"%\(\w+\)", "", text)) if name}
    return named | set(re.findall(r"%\((\w+)\)", text))


def test_collecting_the_texts_again_changes_nothing(tmp_path: Path) -> None:
    answer = subprocess.run(["./do", "messages", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    for package in PACKAGES:
        again, now = (catalogue_file(root, package).read_text(encoding="utf-8") for root in (tmp_path, ROOT))
        assert again == now, f"run ./do messages and translate what is new in {package}"
