"""Queries over the block on an account (columns of :mod:`idp.store.people`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from idp.store.people import Person

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def block_person(db: Session, person_id: int, now: datetime, reason: str) -> bool:
    """Block an account; False when it is blocked already, or is none."""
    blocked = db.execute(
        update(Person)
        .where(Person.id == person_id, Person.blocked_at.is_(None))
        .values(blocked_at=now, blocked_reason=reason)
        .returning(Person.id)
    )
    return blocked.scalar_one_or_none() is not None


def unblock_person(db: Session, person_id: int) -> bool:
    """Open an account again; False when it is not blocked."""
    opened = db.execute(
        update(Person)
        .where(Person.id == person_id, Person.blocked_at.is_not(None))
        .values(blocked_at=None, blocked_reason=None)
        .returning(Person.id)
    )
    return opened.scalar_one_or_none() is not None
