"""Queries over the chain of seals on the audit record (table in :mod:`idp.store.audit`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, text, update

from idp.store.audit import AuditEvent, AuditSeal
from idp.store.prepared import driver_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow

_SEALING: Final = 0x5B01E9A6
"""The number of our advisory lock; any that no other lock of ours uses (see :mod:`idp.store.bulk`)."""


def may_seal(session: Session) -> bool:
    """Say whether this transaction alone seals. On SQLite the write lock is ours; on PostgreSQL nobody is waited for."""
    if driver_of(session).dialect.name == "sqlite":
        return True
    return bool(session.execute(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": _SEALING}).scalar_one())


def last_seal(session: Session) -> AnyRow | None:
    """Return ``id, last_event_id, head, sealed_at, exported_to`` of the newest seal."""
    return session.execute(
        select(AuditSeal.id, AuditSeal.last_event_id, AuditSeal.head, AuditSeal.sealed_at, AuditSeal.exported_to)
        .order_by(AuditSeal.id.desc())
        .limit(1)
    ).one_or_none()


def events_after(session: Session, event_id: int, *, at_most: int) -> Sequence[AnyRow]:
    """Return ``id, at, mac`` of the next events, in the order of their ids."""
    return session.execute(
        select(AuditEvent.id, AuditEvent.at, AuditEvent.mac)
        .where(AuditEvent.id > event_id)
        .order_by(AuditEvent.id)
        .limit(at_most)
    ).all()


def insert_seal(session: Session, values: dict[str, Any]) -> None:
    """Write a seal."""
    session.execute(insert(AuditSeal), values)


def all_seals(session: Session) -> Iterator[AnyRow]:
    """Yield every seal, oldest first."""
    query = select(AuditSeal.__table__).order_by(AuditSeal.id)
    yield from session.execute(query.execution_options(yield_per=200))


def note_export(session: Session, seal_id: int, place: str) -> None:
    """Write down where the head of this seal stands."""
    session.execute(update(AuditSeal).where(AuditSeal.id == seal_id).values(exported_to=place))
