"""Prepared statements run on the driver itself, and yet in the unit of work that is open, and as SQLAlchemy would."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import bindparam, event, func, insert, select, text

from idp.store.credentials import Guesses
from idp.store.db import DatabaseFault
from idp.store.keys import claim_version, version_now
from idp.store.login_requests import LoginAttempt
from idp.store.prepared import run, run_later, table

if TYPE_CHECKING:
    from idp.store.db import Database

NAME = "prepared-version"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
KEPT = insert(table(Guesses)).inline()
COUNT = insert(table(Guesses)).returning(Guesses.key, Guesses.first_at)
READ = (
    select(Guesses.key, Guesses.failures, Guesses.first_at, Guesses.blocked_until)
    .where(Guesses.key.in_(bindparam("counters", expanding=True)), Guesses.failures.in_([1, 2, 3]))
    .order_by(Guesses.key)
)
HOW_MANY = select(func.count()).select_from(Guesses)
KEEP = select(bindparam("kept", type_=LoginAttempt.state.type).label("kept"))


def counter(number: int) -> dict[str, object]:
    return {"key": bytes([number]) * 32, "scope": "name", "failures": number, "first_at": NOW, "last_at": NOW}


def test_a_prepared_statement_sees_what_its_own_unit_of_work_wrote(database: Database) -> None:
    with database.writing() as db:
        claim_version(db, NAME)
        assert version_now(db, NAME) == 1


def test_what_a_prepared_statement_wrote_is_gone_with_a_unit_of_work_that_fails(database: Database) -> None:
    with pytest.raises(LookupError), database.writing() as db:
        claim_version(db, NAME)
        assert version_now(db, NAME) == 1
        raise LookupError
    with database.writing() as db:
        assert version_now(db, NAME) is None
        claim_version(db, NAME)
    with database.reading() as db:
        assert version_now(db, NAME) == 1


def test_the_orm_joins_the_transaction_that_a_prepared_statement_is_in(database: Database) -> None:
    with pytest.raises(LookupError), database.writing() as db:
        claim_version(db, NAME)
        db.add(Guesses(**counter(1)))
        db.flush()
        raise LookupError
    with database.writing() as db:
        assert db.execute(select(func.count()).select_from(Guesses)).scalar_one() == 0
        claim_version(db, NAME)
        db.add(Guesses(**counter(1)))  # sent when the unit of work ends
    with database.reading() as db:
        assert version_now(db, NAME) == 1
        assert db.execute(select(Guesses.failures)).scalar_one() == 1


def test_what_the_orm_fails_at_is_told_and_rolled_back(database: Database) -> None:
    with pytest.raises(DatabaseFault, match=r"(?i)unique|constraint"), database.writing() as db:
        claim_version(db, NAME)
        db.add(Guesses(**counter(1)))
        db.flush()
        db.expunge_all()
        db.add(Guesses(**counter(1)))
        db.flush()
    with database.reading() as db:
        assert version_now(db, NAME) is None
        assert db.execute(select(func.count()).select_from(Guesses)).scalar_one() == 0


def test_rows_are_those_that_sqlalchemy_gives_however_many_are_asked_for(database: Database) -> None:
    with database.writing() as db:
        made = run(db, COUNT, counter(1)).all()
        assert [(bytes(row.key), row.first_at) for row in made] == [(bytes([1]) * 32, NOW)]
        run(db, COUNT, [counter(2), counter(3), counter(4)])
        for numbers in ([], [1], [1, 2, 4], [3, 1], [2]):
            asked = {"counters": [bytes([number]) * 32 for number in numbers]}
            assert [tuple(row) for row in run(db, READ, asked).all()] == [tuple(row) for row in db.execute(READ, asked)]


def test_a_count_needs_no_name(database: Database) -> None:
    with database.writing() as db:
        run(db, COUNT, [counter(1), counter(2)])
        assert run(db, HOW_MANY).scalar_one() == 2


def test_what_is_kept_as_json_comes_back_as_it_was(database: Database) -> None:
    with database.reading() as db:
        assert run(db, KEEP, {"kept": {"a": [1, None], "æ": True}}).scalar_one() == {"a": [1, None], "æ": True}


def test_what_the_database_refuses_is_a_fault_of_the_database(database: Database) -> None:
    with database.writing() as db:
        run(db, COUNT, counter(1))
    with pytest.raises(DatabaseFault) as refused, database.writing() as db:
        run(db, COUNT, counter(1))
    assert repr(bytes([1]) * 32) not in str(refused.value)


def test_what_is_to_run_later_has_run_when_the_next_statement_does(database: Database) -> None:
    with database.writing() as db:
        run_later(db, KEPT, counter(1))
        assert run(db, HOW_MANY).scalar_one() == 1
        run_later(db, KEPT, counter(2))
        run_later(db, KEPT, counter(3))
        assert db.execute(select(func.count()).select_from(Guesses)).scalar_one() == 3


def test_what_is_to_run_later_runs_at_the_commit_each_with_its_own_values(database: Database) -> None:
    with database.writing() as db:
        for number in (1, 2, 3):
            run_later(db, KEPT, counter(number))
    with database.reading() as db:
        asked = {"counters": [bytes([number]) * 32 for number in (1, 2, 3)]}
        assert [(bytes(row.key)[0], row.failures, row.first_at) for row in run(db, READ, asked).all()] == [
            (number, number, NOW) for number in (1, 2, 3)
        ]


def test_what_is_to_run_later_never_runs_when_the_unit_of_work_fails(database: Database) -> None:
    with pytest.raises(LookupError), database.writing() as db:
        run_later(db, KEPT, counter(1))
        raise LookupError
    with database.reading() as db:
        assert run(db, HOW_MANY).scalar_one() == 0


def test_what_the_database_refuses_of_those_that_run_later_leaves_nothing(database: Database) -> None:
    with pytest.raises(DatabaseFault), database.writing() as db:
        claim_version(db, NAME)
        run_later(db, KEPT, counter(1))
        run_later(db, KEPT, counter(2))
        run_later(db, KEPT, counter(1))
    with database.reading() as db:
        assert run(db, HOW_MANY).scalar_one() == 0
        assert version_now(db, NAME) is None


def test_a_prepared_statement_outlives_a_unit_of_work_that_is_rolled_back(database: Database) -> None:
    for _ in range(3):
        with pytest.raises(LookupError), database.writing() as db:
            run(db, COUNT, counter(1))
            db.execute(select(Guesses.failures)).all()
            raise LookupError
    with database.writing() as db:
        run(db, COUNT, counter(1))
        assert run(db, HOW_MANY).scalar_one() == 1


def test_whoever_listens_to_statements_hears_of_prepared_ones(database: Database) -> None:
    heard: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    with database.reading() as db:
        assert version_now(db, NAME) is None
        event.listen(database.engine, "before_cursor_execute", listen)
        assert version_now(db, NAME) is None
    assert len([statement for statement in heard if "installation_fact" in statement]) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_lost_connection_is_told_once_and_the_next_unit_of_work_has_another(database: Database) -> None:
    with database.reading() as db:
        assert run(db, HOW_MANY).scalar_one() == 0
    with pytest.raises(DatabaseFault), database.writing() as db, database.writing() as another:
        mine = db.execute(text("SELECT pg_backend_pid()")).scalar_one()
        another.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine})
        run(db, COUNT, counter(1))
    with database.writing() as db:
        run(db, COUNT, counter(1))
        assert run(db, HOW_MANY).scalar_one() == 1
