"""Authorization requests that a service pushed to us beforehand (RFC 9126). Only the digest of their address is kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, String, Text, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, reference
from idp.store.prepared import run, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


class PushedRequest(Base):
    """A pushed request, found by the random part of its ``request_uri``."""

    __tablename__ = "pushed_request"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    service_id: Mapped[int] = reference("service")
    parameters: Mapped[str] = mapped_column(Text)
    """The parameters as one JSON object of texts."""
    dpop_jkt: Mapped[str | None] = mapped_column(String(64))
    """The key that the pusher proved to hold (RFC 9449 10.1)."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


_INSERT = insert(table(PushedRequest)).inline()

_FIND = select(
    PushedRequest.service_id,
    PushedRequest.parameters,
    PushedRequest.dpop_jkt,
    PushedRequest.expires_at,
    PushedRequest.used_at,
).where(PushedRequest.digest == bindparam("pushed"))

_USE = (
    update(table(PushedRequest))
    .where(PushedRequest.digest == bindparam("pushed"), PushedRequest.used_at.is_(None))
    .values(used_at=bindparam("now"))
    .returning(PushedRequest.digest)
)


def insert_pushed(db: Session, values: dict[str, Any]) -> None:
    """Write a pushed request."""
    run(db, _INSERT, values)


def pushed_row(db: Session, digest: bytes) -> AnyRow | None:
    """Return a pushed request, used or expired or neither."""
    return run(db, _FIND, {"pushed": digest}).one_or_none()


def use_pushed(db: Session, digest: bytes, now: datetime) -> bool:
    """Mark a pushed request as used; False when somebody was quicker."""
    return run(db, _USE, {"pushed": digest, "now": now}).scalar_one_or_none() is not None
