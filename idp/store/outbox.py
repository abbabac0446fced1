"""Messages to the outside, written in the transaction that causes them and sent by the worker."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line, RowId, Short

WAITING = text("done_at IS NULL")


class OutboxMessage(Base):
    """A mail, a back-channel logout or a write to a directory that is due."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_due", "due_at", sqlite_where=WAITING, postgresql_where=WAITING),)

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
