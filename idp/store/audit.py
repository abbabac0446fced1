"""The record of what was done, with personal text apart so that it can be erased (decision 28)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import LargeBinary, String, Text, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from idp import audit
from idp.outside.sealing import keyed_digest, same
from idp.store.base import Base, BigId, Line, RowId, Short, reference
from idp.store.prepared import run, run_later, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from idp.keyring import NamedKeys
    from idp.store.base import AnyRow

_NAMES: Final = frozenset(event.value for event in audit.AuditEvent)


class AuditEvent(Base):
    """One event. The MAC makes a change visible; seals make a removal visible."""

    __tablename__ = "audit_event"

    id: Mapped[RowId]
    at: Mapped[datetime] = mapped_column(index=True)
    event: Mapped[audit.AuditEvent] = mapped_column(String(64))
    actor_id: Mapped[int | None] = mapped_column(BigId, index=True)
    subject_id: Mapped[int | None] = mapped_column(BigId, index=True)
    institution_id: Mapped[int | None] = mapped_column(BigId)
    service_id: Mapped[int | None] = mapped_column(BigId)
    session_id: Mapped[int | None] = mapped_column(BigId)
    reference: Mapped[Short | None] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]]
    mac_key: Mapped[Short]
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditText(Base):
    """Text of an event that names a person. Erasing it leaves the event and its MAC whole."""

    __tablename__ = "audit_text"

    id: Mapped[RowId]
    event_id: Mapped[int] = reference("audit_event", index=True)
    name: Mapped[Short]
    text: Mapped[str] = mapped_column(Text)


class AuditSeal(Base):
    """The worker's chain over a batch of events: each seal covers the one before (decision 28).

    Queries and the way it is made: :mod:`idp.store.audit_seals`, :mod:`idp.usecases.audit_seals`.
    """

    __tablename__ = "audit_seal"

    id: Mapped[RowId]
    first_event_id: Mapped[int] = mapped_column(BigId)
    """The id after the last one of the seal before; there need not be an event with this id."""
    last_event_id: Mapped[int] = mapped_column(BigId)
    events: Mapped[int]
    spans: Mapped[list[Any]]
    """Which ids were there, as pairs ``[first, last]`` in order: what is missing or too many can be named."""
    content: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Keyed digest of each event's id and MAC."""
    mac_key: Mapped[Short]
    head: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Keyed digest of the previous seal's head and of this seal."""
    sealed_at: Mapped[datetime]
    exported_to: Mapped[Line | None]
    """The file that this head was written to; the head of a later seal stands for this one too."""


_EVENT = insert(table(AuditEvent)).inline()
_EVENT_ID = insert(table(AuditEvent)).returning(AuditEvent.id)
_TEXTS = insert(table(AuditText)).inline()


def write_event(session: Session, keys: NamedKeys, event: audit.EventRecord) -> None:
    """Write one event in the caller's transaction: one statement, two when there is personal text."""
    row = {
        "at": event.at,
        "event": event.event.value,
        "actor_id": event.actor_id,
        "subject_id": event.subject_id,
        "institution_id": event.institution_id,
        "service_id": event.service_id,
        "session_id": event.session_id,
        "reference": event.reference,
        "facts": dict(event.facts),
        "mac_key": keys.current_name,
        "mac": keyed_digest(keys.current, event.canonical()),
    }
    if not event.texts:
        run_later(session, _EVENT, row)
        return
    event_id = run(session, _EVENT_ID, row).scalar_one()
    run(session, _TEXTS, [{"event_id": event_id, "name": n, "text": t} for n, t in event.texts.items()])


class StoredEvent(NamedTuple):
    """What sealing looks at: ``whole`` says whether the event is as it was written."""

    id: int
    mac: bytes
    whole: bool


def stored_events(
    session: Session, keys: NamedKeys, *, after: int = 0, up_to: int | None = None
) -> Iterator[StoredEvent]:
    """Yield the events with ``after < id <= up_to`` in the order of their ids, each checked against its MAC."""
    query = select(AuditEvent.__table__).where(AuditEvent.id > after).order_by(AuditEvent.id)
    if up_to is not None:
        query = query.where(AuditEvent.id <= up_to)
    for row in session.execute(query.execution_options(yield_per=1000)):
        yield StoredEvent(row.id, row.mac, _is_whole(row, keys))


def altered_events(session: Session, keys: NamedKeys) -> Iterator[int]:
    """Yield the ids of events whose MAC does not fit, oldest first."""
    return (event.id for event in stored_events(session, keys) if not event.whole)


def _is_whole(row: AnyRow, keys: NamedKeys) -> bool:
    key = keys.keys.get(row.mac_key)
    if key is None or row.event not in _NAMES:
        return False
    event = audit.EventRecord(
        at=row.at,
        event=audit.AuditEvent(row.event),
        actor_id=row.actor_id,
        subject_id=row.subject_id,
        institution_id=row.institution_id,
        service_id=row.service_id,
        session_id=row.session_id,
        reference=row.reference,
        facts=row.facts,
    )
    return same(keyed_digest(key, event.canonical()), row.mac)


def events(
    session: Session, *, at_most: int, name: str | None = None, reference: str | None = None
) -> Sequence[AnyRow]:
    """Return events without their personal text and MAC, newest first."""
    shown = ("id", "at", "event", "actor_id", "subject_id", "institution_id", "service_id", "session_id", "reference",
             "facts")  # fmt: skip
    query = select(*(AuditEvent.__table__.c[column] for column in shown))
    if name is not None:
        query = query.where(AuditEvent.event == name)
    if reference is not None:
        query = query.where(AuditEvent.reference == reference)
    return session.execute(query.order_by(AuditEvent.id.desc()).limit(at_most)).all()


def newest_event_at(session: Session) -> datetime | None:
    """Return when the newest event happened; None when there is none."""
    return session.execute(select(AuditEvent.at).order_by(AuditEvent.id.desc()).limit(1)).scalar()
