"""Whether a SQLite file is a demo's, found out without loading anything that takes time (decision 31)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def is_demo_file(file: Path) -> bool:
    """Say whether ``file`` is a database that bears the demo's mark; False when it is missing or anything else."""
    if not file.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as database:
            found = database.execute("SELECT 1 FROM installation_fact WHERE name = 'demo'").fetchone()
    except sqlite3.DatabaseError:
        return False
    return found is not None
