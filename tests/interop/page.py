"""The examples of docs/federate-oidc.md: whole files, each under a line that names it, so that what runs is what stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = Path("docs/federate-oidc.md")
SERVICE: Final = "https://laering.example.dk"
"""Where the page's service lives."""
PROVIDER: Final = "https://login.example.dk"
"""Where the page's provider lives."""

_FILE: Final = re.compile(r"^`([\w.-]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples() -> dict[str, str]:
    """Every file that stands on the page, by its name."""
    return dict(_FILE.findall((ROOT / PAGE).read_text(encoding="utf-8")))


def changed(file: str, diff: str) -> str:
    """A file of the page with the changes of a ``.diff`` of the page; each place that it changes is there exactly once."""
    text = examples()[file]
    for hunk in examples()[diff].strip().split("\n\n"):
        lines = hunk.splitlines()
        before, after = (
            "".join(f"{line[1:]}\n" for line in lines if line.startswith((sign, " "))) for sign in ("-", "+")
        )
        if text.count(before) != 1:
            raise LookupError(f"{diff} changes what is not once in {file}: {before}")
        text = text.replace(before, after)
    return text
