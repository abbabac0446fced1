"""Waiting for SQLite's one writer."""

from __future__ import annotations

import sqlite3
from time import monotonic, sleep
from typing import Any

SQLITE_BUSY_MS = 10_000
_LOOK_AGAIN_SECONDS = 0.001
_PRIMARY_CODE = 0xFF


def take_the_write_lock(cursor: Any) -> None:  # noqa: ANN401 (a DBAPI cursor)
    """Begin to write as soon as the one who writes is done.

    SQLite's own waiting sleeps longer each time, up to a tenth of a second, and by then others have been and gone.
    """
    patience = monotonic() + SQLITE_BUSY_MS / 1000
    cursor.execute("PRAGMA busy_timeout=0")
    try:
        while monotonic() < patience:
            try:
                cursor.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as fault:
                if fault.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                    raise
                sleep(_LOOK_AGAIN_SECONDS)
            else:
                return
        cursor.execute("BEGIN IMMEDIATE")  # for the last time: its fault is the answer
    finally:
        cursor.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_MS}")
