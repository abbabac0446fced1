"""Looking at a printed PDF with poppler's programs, as a person does: its text, and its pages as pictures."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def text_of(pdf: bytes) -> str:
    """Return the text on all pages; a form feed ends each page."""
    return _poppler(["pdftotext", "-layout", "-", "-"], pdf).decode()


def picture_of(pdf: bytes, target: Path, *, dots_per_inch: int = 300) -> Path:
    """Write the first page as a PNG and return the file."""
    _poppler(["pdftoppm", "-png", "-r", str(dots_per_inch), "-singlefile", "-", str(target.with_suffix(""))], pdf)
    return target


def _poppler(command: Sequence[str], pdf: bytes) -> bytes:
    if shutil.which(command[0]) is None:
        pytest.skip("poppler is not installed: apt-get install poppler-utils")
    return subprocess.run(command, input=pdf, capture_output=True, check=True, timeout=60).stdout
