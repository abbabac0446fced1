"""A process that is killed in the middle of an import leaves nothing half-done, and the next import completes."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from idp.keyring import write_keyring
from idp.store.base import Base
from tests.recipes.deliveries import (
    a_contact_element,
    a_delivery,
    a_group_element,
    a_pupil_element,
    an_importing_school,
    cpr,
)

if TYPE_CHECKING:
    from pathlib import Path

    from idp.keyring import Keyring
    from idp.store.db import Database
    from idp.usecases.system import System

# Runs the command line, and kills its own process the moment before a statement that begins as told.
KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from admin_ui.cli import main

point = sys.argv.pop(1)

@event.listens_for(Engine, "before_cursor_execute")
def kill(connection, cursor, statement, parameters, context, executemany):
    if statement.startswith(point):
        os.kill(os.getpid(), signal.SIGKILL)

@event.listens_for(Engine, "commit")
def kill_before_commit(connection):
    if point == "COMMIT":
        os.kill(os.getpid(), signal.SIGKILL)

main()
"""
POINTS = [
    "INSERT INTO person",
    "INSERT INTO affiliation",
    "INSERT INTO membership",
    "INSERT INTO sync_run",
    "INSERT INTO audit_event",
    "COMMIT",
]
PUPILS = [a_pupil_element(f"el-{n}", cpr(n), contacts=[a_contact_element(cpr(300 + n))]) for n in range(40)]
MADE = {"person": 80, "username": 80, "school_record": 80, "affiliation": 80, "membership": 40, "contact": 40}


@pytest.fixture
def folder(system: System, keyring: Keyring, database_url: str, tmp_path: Path) -> Path:
    """A folder with settings, secrets and a delivery, over a database with the school."""
    an_importing_school(system)
    system.database.close()
    write_keyring(keyring, tmp_path / "secrets.toml")
    settings = f'[database]\nurl = "{database_url}"\n[secrets]\nfile = "secrets.toml"\n'
    (tmp_path / "skolepas.toml").write_text(settings)
    (tmp_path / "delivery.xml").write_text(a_delivery(a_group_element("1a"), *PUPILS), encoding="utf-8")
    return tmp_path


def run_import(folder: Path, point: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", KILLED, point, "import", "delivery.xml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def rows(database: Database) -> dict[str, int]:
    with database.reading() as db:
        return {
            table.name: len(db.execute(select(table.c[table.primary_key.columns.keys()[0]])).all())
            for table in Base.metadata.sorted_tables
        }


def test_killed_at_any_point_it_leaves_nothing_and_the_next_import_completes(folder: Path, database: Database) -> None:
    before = rows(database)
    for point in POINTS:
        assert run_import(folder, point).returncode == -signal.SIGKILL, point
        assert rows(database) == before, point
    finished = run_import(folder, "at no point")
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("delivery.xml: applied (X00A01, Eksempel Elevadministration), run ")
    after = rows(database)
    assert {name: after[name] for name in MADE} == MADE
    with database.reading() as db:
        unfinished = "SELECT count(*) FROM sync_run WHERE finished_at IS NULL"
        assert db.execute(text(unfinished)).scalar_one() == 0
