"""Queries over the counters of wrong codes (table in :mod:`idp.store.credentials`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from idp.store.credentials import Guesses

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session


def read_guesses(db: Session, keys: Sequence[bytes], *, lock: bool = False) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return ``key``, ``failures``, ``first_at`` and ``blocked_until`` of each counter that has counted anything.

    ``lock`` holds the rows until the unit of work ends (on SQLite the writer's lock does).
    """
    query = select(Guesses.key, Guesses.failures, Guesses.first_at, Guesses.blocked_until).where(Guesses.key.in_(keys))
    return db.execute(query.with_for_update() if lock else query).all()


def change_guesses(
    db: Session, key: bytes, *, failures: int, first_at: datetime, at: datetime, blocked_until: datetime | None
) -> None:
    """Write the next state of a counter that was read with ``lock``."""
    values = {"failures": failures, "first_at": first_at, "last_at": at, "blocked_until": blocked_until}
    db.execute(update(Guesses).where(Guesses.key == key).values(values))


def ensure_guesses(db: Session, key: bytes, scope: str, now: datetime) -> None:
    """Put a counter that has counted nothing in place, so that it can be read with ``lock``; leave one that is there."""
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    nothing = {"key": key, "scope": scope, "failures": 0, "first_at": now, "last_at": now}
    db.execute(dialect.insert(Guesses).values(nothing).on_conflict_do_nothing(index_elements=["key"]))


def take_back(db: Session, key: bytes, *, counted: int, blocked_until: datetime | None) -> None:
    """Take one failure back that was counted before the code was looked at, and its delay if nobody counted since."""
    restored = db.execute(
        update(Guesses)
        .where(Guesses.key == key, Guesses.failures == counted)
        .values(failures=counted - 1, blocked_until=blocked_until)
        .returning(Guesses.key)
    )
    if restored.scalar_one_or_none() is None:
        db.execute(
            update(Guesses).where(Guesses.key == key, Guesses.failures > 0).values(failures=Guesses.failures - 1)
        )


def forget_guesses(db: Session, key: bytes) -> None:
    """Clear a counter."""
    db.execute(delete(Guesses).where(Guesses.key == key))
