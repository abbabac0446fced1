"""Queries over the counters of wrong codes (table in :mod:`idp.store.credentials`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from idp.store.credentials import Guesses
from idp.store.prepared import driver_of, run, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session


_READ = select(Guesses.key, Guesses.failures, Guesses.first_at, Guesses.blocked_until).where(
    Guesses.key.in_(bindparam("counters", expanding=True))
)
_HOLD = _READ.with_for_update()
_CHANGE = update(table(Guesses)).where(Guesses.key == bindparam("counter"))
_TAKE_BACK = _CHANGE.where(Guesses.failures == bindparam("counted")).returning(Guesses.key)
_FORGET = delete(table(Guesses)).where(Guesses.key == bindparam("counter"))
_ENSURE = {
    name: insert(table(Guesses)).on_conflict_do_nothing(index_elements=["key"])
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


def read_guesses(db: Session, keys: Sequence[bytes], *, lock: bool = False) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return ``key``, ``failures``, ``first_at`` and ``blocked_until`` of each counter that has counted anything.

    ``lock`` holds the rows until the unit of work ends (on SQLite the writer's lock does).
    """
    return run(db, _HOLD if lock else _READ, {"counters": keys}).all()


def change_guesses(
    db: Session, key: bytes, *, failures: int, first_at: datetime, at: datetime, blocked_until: datetime | None
) -> None:
    """Write the next state of a counter that was read with ``lock``."""
    values = {"failures": failures, "first_at": first_at, "last_at": at, "blocked_until": blocked_until}
    run(db, _CHANGE, {"counter": key, **values})


def ensure_guesses(db: Session, key: bytes, scope: str, now: datetime) -> None:
    """Put a counter that has counted nothing in place, so that it can be read with ``lock``; leave one that is there."""
    nothing = {"key": key, "scope": scope, "failures": 0, "first_at": now, "last_at": now}
    run(db, _ENSURE[driver_of(db).dialect.name], nothing)


def take_back(db: Session, key: bytes, *, counted: int, blocked_until: datetime | None) -> None:
    """Take one failure back that was counted before the code was looked at, and its delay if nobody counted since."""
    restored = run(
        db,
        _TAKE_BACK,
        {"counter": key, "counted": counted, "failures": counted - 1, "blocked_until": blocked_until},
    )
    if restored.scalar_one_or_none() is None:
        db.execute(
            update(Guesses).where(Guesses.key == key, Guesses.failures > 0).values(failures=Guesses.failures - 1)
        )


def forget_guesses(db: Session, key: bytes) -> None:
    """Clear a counter."""
    run(db, _FORGET, {"counter": key})
