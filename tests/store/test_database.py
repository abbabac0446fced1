"""The unit of work and the schema, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

from idp.audit import AuditEvent
from idp.store import audit, schema
from idp.store.db import Database, reserve_ids
from idp.store.people import Person
from tests.recipes import a_pupil, a_school

if TYPE_CHECKING:
    from pathlib import Path

    from idp.usecases.system import System


def test_the_migrations_and_the_tables_say_the_same(database: Database) -> None:
    with database.engine.begin() as connection:
        config = schema.alembic_config(connection)
        command.check(config)


def test_the_newest_migration_is_the_head_of_all_migrations() -> None:
    assert schema.newest_revision() == ScriptDirectory.from_config(schema.alembic_config()).get_current_head()


def test_whether_the_schema_is_current_is_told_while_somebody_writes(system: System) -> None:
    before = schema.is_current(system.database)
    with system.database.writing() as session:
        a_school(session, system)
        assert schema.is_current(system.database) == before


def test_what_raises_inside_a_unit_of_work_leaves_nothing(system: System) -> None:
    with pytest.raises(RuntimeError), system.database.writing() as session:
        a_school(session, system)
        raise RuntimeError
    with system.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM institution")).scalar_one() == 0


def test_reserved_ids_can_be_inserted_beside_those_the_database_gives(system: System) -> None:
    with system.database.writing() as session:
        school = a_school(session, system)
        first = a_pupil(session, system, school)
        ids = reserve_ids(session, Person, 3)
        session.add_all([Person(id=n, uniid=f"reserved{n}", created_at=system.now()) for n in ids])
        session.flush()
        after = a_pupil(session, system, school)
    assert len({first.id, *ids, after.id}) == 5


def test_a_moment_comes_back_aware_and_in_utc(system: System) -> None:
    with system.database.writing() as session:
        pupil = a_pupil(session, system, a_school(session, system))
    with system.database.reading() as session:
        assert session.execute(select(Person.created_at).where(Person.id == pupil.id)).scalar_one() == system.now()


def test_a_changed_audit_row_is_named(system: System) -> None:
    with system.database.writing() as session:
        for number in range(3):
            system.record(session, AuditEvent.LOGIN_FAILED, facts={"number": number})
    with system.database.writing() as session:
        session.execute(text("UPDATE audit_event SET subject_id = 7 WHERE id = 2"))
    with system.database.reading() as session:
        assert list(audit.altered_events(session, system.keyring.audit)) == [2]


def test_personal_text_can_be_erased_without_breaking_the_event(system: System) -> None:
    with system.database.writing() as session:
        system.record(session, AuditEvent.RIGHT_GRANTED, texts={"reason": "Vikar for Karen"})
    with system.database.writing() as session:
        assert session.execute(text("DELETE FROM audit_text")).rowcount == 1  # type: ignore[attr-defined]
    with system.database.reading() as session:
        assert list(audit.altered_events(session, system.keyring.audit)) == []


def test_a_new_sqlite_file_and_its_side_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    fresh = Database.open(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    with fresh.writing() as session:
        session.execute(text("CREATE TABLE something (id INTEGER)"))
        modes = {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}
    fresh.close()
    assert modes == {0o600}
