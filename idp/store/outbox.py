"""Messages to the outside, written in the transaction that causes them and sent by the worker."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Index, func, insert, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line, RowId, Short

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow

WAITING = text("done_at IS NULL AND given_up_at IS NULL")
SETTLED = text("done_at IS NOT NULL OR given_up_at IS NOT NULL")


class OutboxMessage(Base):
    """A mail, a back-channel logout or a write to a directory that is due."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_due", "due_at", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_outbox_message_settled", "due_at", sqlite_where=SETTLED, postgresql_where=SETTLED),
    )

    id: Mapped[RowId]
    kind: Mapped[Short]
    payload: Mapped[dict[str, Any]]
    sealed: Mapped[bytes | None]
    """What only the worker may read (decision 25)."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    taken_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    last_fault: Mapped[Line | None]


def add_messages(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write messages; each row names ``kind``, ``payload``, ``created_at`` and ``due_at``."""
    if rows:
        session.execute(insert(OutboxMessage), rows)


def take_due(
    session: Session, kinds: Collection[str], *, now: datetime, until: datetime, at_most: int
) -> Sequence[AnyRow]:
    """Take messages that are due, so that no other worker sends them before ``until``: ``id, kind, payload, attempts``.

    On PostgreSQL, messages that another worker is taking at this moment are passed over.
    """
    free = or_(OutboxMessage.taken_until.is_(None), OutboxMessage.taken_until <= now)
    due = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.done_at.is_(None),
            OutboxMessage.given_up_at.is_(None),
            OutboxMessage.due_at <= now,
            OutboxMessage.kind.in_(kinds),
            free,
        )
        .order_by(OutboxMessage.due_at)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    ids = session.execute(due).scalars().all()
    if not ids:
        return ()
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(ids))
        .values(taken_until=until, attempts=OutboxMessage.attempts + 1)
    )
    wanted = select(OutboxMessage.id, OutboxMessage.kind, OutboxMessage.payload, OutboxMessage.attempts)
    return session.execute(wanted.where(OutboxMessage.id.in_(ids)).order_by(OutboxMessage.id)).all()


def untried_since(session: Session, kinds: Collection[str]) -> datetime | None:
    """Return since when the oldest message of these kinds is due that nobody has tried to send; None when there is none."""
    untried = (
        OutboxMessage.done_at.is_(None),
        OutboxMessage.given_up_at.is_(None),
        OutboxMessage.attempts == 0,
        OutboxMessage.kind.in_(kinds),
    )
    return session.execute(select(func.min(OutboxMessage.due_at)).where(*untried)).scalar_one()


def settle(session: Session, message_id: int, **values: Any) -> None:  # noqa: ANN401 (columns)
    """Write down how sending a message ended, and let go of it."""
    session.execute(update(OutboxMessage).where(OutboxMessage.id == message_id).values(taken_until=None, **values))
