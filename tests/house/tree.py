"""What is in the project: every file that git tracks or would track."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@cache
def files() -> tuple[Path, ...]:
    """Every file of ours, relative to the root; nothing that is built or ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("the house is read from git, and this is not a checkout")
    return tuple(Path(name) for name in sorted(listed.stdout.split("\0")) if name and (ROOT / name).is_file())


def text(path: Path) -> str:
    """Return what stands in a file of ours."""
    return (ROOT / path).read_text(encoding="utf-8")


def pages() -> tuple[Path, ...]:
    """Every page of documentation."""
    return tuple(path for path in files() if path.suffix == ".md")
