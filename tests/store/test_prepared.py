"""Prepared statements run on the connection itself, and yet in the unit of work that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.store.keys import claim_version, version_now

if TYPE_CHECKING:
    from idp.store.db import Database

NAME = "prepared-version"


def test_a_prepared_statement_sees_what_its_own_unit_of_work_wrote(database: Database) -> None:
    with database.writing() as db:
        claim_version(db, NAME)
        assert version_now(db, NAME) == 1


def test_a_prepared_statement_after_a_rollback_runs_in_the_next_transaction(database: Database) -> None:
    with database.writing() as db:
        claim_version(db, NAME)
        assert version_now(db, NAME) == 1
        db.rollback()
        assert version_now(db, NAME) is None
        claim_version(db, NAME)
    with database.reading() as db:
        assert version_now(db, NAME) == 1
