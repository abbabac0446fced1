"""The drawing in pyproject.toml holds, and a shortcut is caught."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

SHORTCUTS = {
    "a policy that reads a file": ("policies/stages.py", "import pathlib", "Policies do no I/O"),
    "a use case that speaks SQL": ("idp/usecases/system.py", "import sqlalchemy", "SQL stays in the store"),
    "a use case that knows the web": ("idp/usecases/system.py", "import flask", "Flask stays at the edge of idp"),
    "a store that looks upwards": ("idp/store/people.py", "import idp.usecases.system", "Inside idp"),
    "a module that nobody placed": ("idp/somewhere.py", "", "Inside idp"),
    "an idp that knows the administration": ("idp/bootstrap.py", "import admin_ui", "Packages look downwards only"),
    "a second home for JOSE": ("idp/usecases/system.py", "import joserfc", "One home for JOSE"),
}


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-logo", "--no-cache"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_are_kept() -> None:
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert ", 0 broken" in answer.stdout


@pytest.mark.parametrize("shortcut", SHORTCUTS)
def test_a_shortcut_is_caught(shortcut: str, tmp_path: Path) -> None:
    file, line, contract = SHORTCUTS[shortcut]
    for package in ("admin_ui", "sync", "idp", "policies"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("static", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / file).open("a", encoding="utf-8") as module:
        module.write(f"\n{line}\n")
    answer = lint_imports(tmp_path)
    assert answer.returncode == 1
    assert f"{contract} BROKEN" in answer.stdout
