"""A skip fails where CI is set, unless the test says why no build machine can run it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SKIPS = """
import pytest

def test_runs():
    pass

@pytest.mark.skip(reason="the moon is not full")
def test_skips():
    raise AssertionError

@pytest.mark.not_here("needs the moon")
def test_is_excused():
    pytest.skip("no moon")
"""
SKIPS_WHOLLY = """
import pytest
pytest.importorskip("a_module_of_the_moon")
"""


def run_tests(folder: Path, source: str, ci: str) -> str:
    (folder / "test_moon.py").write_text(source, encoding="utf-8")
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rf", "-p", "tests.ci_strict", "-p", "no:cacheprovider",
         "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), str(folder / "test_moon.py")],
        cwd=ROOT, env={**os.environ, "CI": ci}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return answer.stdout


def test_elsewhere_a_skip_is_a_skip(tmp_path: Path) -> None:
    assert "1 passed, 2 skipped" in run_tests(tmp_path, SKIPS, ci="")


def test_in_ci_a_skip_fails_unless_it_is_excused(tmp_path: Path) -> None:
    told = run_tests(tmp_path, SKIPS, ci="true")
    assert "1 passed, 1 skipped, 1 error" in told
    assert "skipped, which CI does not allow" in told
    assert "the moon is not full" in told


@pytest.mark.parametrize(("ci", "word"), [("", "1 skipped"), ("true", "1 error")])
def test_in_ci_a_file_that_is_skipped_as_a_whole_fails(tmp_path: Path, ci: str, word: str) -> None:
    assert word in run_tests(tmp_path, SKIPS_WHOLLY, ci=ci)
