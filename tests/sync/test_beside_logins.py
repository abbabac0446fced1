"""Logins go on while an import runs: no lock is held while a file is read, and few statements are made while one is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from idp.audit import AuditEvent
from idp.store.db import Database
from sync.pipeline import import_file
from sync.report import Outcome
from tests.recipes.deliveries import (
    a_contact_element,
    a_delivery,
    a_group_element,
    a_pupil_element,
    an_importing_school,
    cpr,
    delivered,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.engine import Connection

    from idp.usecases.system import System

CLASS = a_group_element("1a")


def pupils(count: int, first: int = 0) -> list[str]:
    """Each with a first name of its own, so that no two usernames happen to be drawn alike and drawn again."""
    names = {n: "".join("bdfghjklmn"[int(digit)] for digit in f"{n:04}") for n in range(first, first + count)}
    return [
        a_pupil_element(f"el-{n}", cpr(n), first=name, contacts=[a_contact_element(cpr(1000 + n), first=f"T{name}")])
        for n, name in names.items()
    ]


@contextmanager
def statements_of_writers(database: Database) -> Iterator[list[str]]:
    """Collect what is executed between a write lock and its commit."""
    seen: list[str] = []
    writing = False

    def begin(connection: Connection) -> None:
        nonlocal writing
        writing = not connection.get_execution_options().get("skolepas_read_only", False)

    def listen(
        connection: Connection, cursor: object, statement: str, parameters: object, context: object, many: object
    ) -> None:
        if writing:
            seen.append(statement)

    event.listen(database.engine, "begin", begin)
    event.listen(database.engine, "before_cursor_execute", listen)
    yield seen
    event.remove(database.engine, "before_cursor_execute", listen)
    event.remove(database.engine, "begin", begin)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_login_writes_at_once_while_a_file_is_read(system: System, database_url: str, tmp_path: Path) -> None:
    an_importing_school(system)
    file = tmp_path / "delivery.xml"
    file.write_text(a_delivery(CLASS, *pupils(400)), encoding="utf-8")
    impatient = Database.open(f"{database_url}?timeout=0")
    logins = 0

    def log_in(_done: int, _all: int) -> None:
        nonlocal logins
        with impatient.writing() as db:
            db.connection().exec_driver_sql("PRAGMA busy_timeout=0")
            system.record(db, AuditEvent.LOGIN_SUCCEEDED)
        logins += 1

    report = import_file(system, file, progress=log_in)
    impatient.close()
    assert report.outcome is Outcome.APPLIED
    assert logins > 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_write_lock_covers_as_many_statements_for_many_people_as_for_few(system: System, tmp_path: Path) -> None:
    counts = []
    for number, first, count in (("X00A01", 0, 5), ("X00A02", 5, 200)):
        an_importing_school(system, number)
        with statements_of_writers(system.database) as seen:
            delivered(system, tmp_path, a_delivery(CLASS, *pupils(count, first), number=number))
        counts.append(len(seen))
    assert counts[0] == counts[1] < 40


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_without_changes_takes_the_write_lock_for_three_statements(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    delivered(system, tmp_path, a_delivery(CLASS, *pupils(20)))
    with statements_of_writers(system.database) as seen:
        delivered(system, tmp_path, a_delivery(CLASS, *pupils(20), at="2026-09-01T06:00:00"))
    assert [statement.split()[0] for statement in seen] == ["SELECT", "UPDATE", "INSERT"]
