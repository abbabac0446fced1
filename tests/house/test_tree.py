"""The shape of the tree: what stands at the top, how long files are, what they are called, what locks hold."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, text

LONGEST = 400
OURS = {".py", ".html", ".txt", ".css", ".js", ".sh", ".toml", ".mako", ""}
NOT_BY_HAND = {"LICENSE", "pyproject.toml"}  # a licence is not ours to shorten; one file holds every tool's settings
GENERATED = Path("idp/store/migrations/versions")  # Alembic writes them from the tables, once
DRAWERS = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"}
TOP = {
    "admin_ui", "idp", "policies", "sync", "tests", "docs", ".ci", "deploy", "do",
    "Dockerfile", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE",
    "package.json", "package-lock.json", ".npmrc", ".gitignore", ".dockerignore",
    "requirements.lock", "requirements-dev.lock", "requirements-node.lock",
}  # fmt: skip
PYTHON_LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-node.lock"]


def test_the_top_level_holds_only_what_the_drawing_names() -> None:
    assert {path.parts[0] for path in files()} <= TOP


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    ours = [
        path for path in files() if path.suffix in OURS and path.name not in NOT_BY_HAND and path.parent != GENERATED
    ]
    too_long = {str(path): lines for path in ours if (lines := text(path).count("\n")) > LONGEST}
    assert len(ours) > 100
    assert not too_long


def test_no_file_or_folder_is_a_drawer() -> None:
    words = {str(path): set(re.split(r"[^a-z]+", str(path).lower())) for path in files()}
    assert not [path for path, said in words.items() if said & DRAWERS]


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_a_lock_pins_every_package_with_its_hashes_and_says_nothing_more(lock: str) -> None:
    entries = text(ROOT / lock).replace("\\\n", " ").splitlines()
    pinned = re.compile(r"[a-z0-9.-]+==[^ ;]+( ; [^-]+?)?( +--hash=sha256:[0-9a-f]{64})+\s*")
    assert entries
    assert [entry for entry in entries if not pinned.fullmatch(entry)] == []


def test_the_lock_for_developers_pins_what_the_lock_for_running_pins() -> None:
    running, developing = (set(re.findall(r"^\S+==\S+", text(ROOT / lock), re.MULTILINE)) for lock in PYTHON_LOCKS[:2])
    assert running < developing


def test_the_lock_of_the_assets_holds_hashes_and_no_addresses() -> None:
    packages = json.loads(text(ROOT / "package-lock.json"))["packages"]
    packages.pop("")
    assert packages
    assert all("integrity" in package and "resolved" not in package for package in packages.values())


def test_no_file_names_a_package_registry_or_a_folder_of_somebodys_machine() -> None:
    forbidden = re.compile(r"pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|(?<![\w.])/(?:home|Users)/\w")
    named = {str(path): found.group() for path in files() if (found := forbidden.search(_readable(path)))}
    assert not named


def _readable(path: object) -> str:
    return (ROOT / str(path)).read_bytes().decode("utf-8", errors="replace")
