"""Authorization requests that a service pushed to us beforehand (RFC 9126). Only the digest of their address is kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, String, Text, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, UtcDateTime, reference
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
    browser_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """Digest of the secret of the browser that opened it; no other may."""
    used_at: Mapped[datetime | None]


_INSERT = insert(table(PushedRequest)).inline()

_FIND = select(
    PushedRequest.service_id,
    PushedRequest.parameters,
    PushedRequest.dpop_jkt,
    PushedRequest.expires_at,
    PushedRequest.browser_digest,
    PushedRequest.used_at,
).where(PushedRequest.digest == bindparam("pushed"))

_OPEN = (
    update(table(PushedRequest))
    .where(
        PushedRequest.digest == bindparam("pushed"),
        PushedRequest.service_id == bindparam("service"),
        PushedRequest.used_at.is_(None),
        or_(
            and_(PushedRequest.browser_digest.is_(None), PushedRequest.expires_at > bindparam("now")),
            and_(PushedRequest.browser_digest == bindparam("browser"), PushedRequest.created_at > bindparam("since")),
        ),
    )
    .values(browser_digest=bindparam("browser"))
    .returning(PushedRequest.parameters, PushedRequest.dpop_jkt)
)

_USE = (
    update(table(PushedRequest))
    .where(
        PushedRequest.digest == bindparam("pushed"),
        or_(PushedRequest.used_at.is_(None), PushedRequest.used_at > bindparam("again_since")),
    )
    .values(used_at=func.coalesce(PushedRequest.used_at, bindparam("now", type_=UtcDateTime())))
    .returning(PushedRequest.digest)
)


def insert_pushed(db: Session, values: dict[str, Any]) -> None:
    """Write a pushed request."""
    run(db, _INSERT, values)


def pushed_row(db: Session, digest: bytes) -> AnyRow | None:
    """Return a pushed request, used or expired or neither."""
    return run(db, _FIND, {"pushed": digest}).one_or_none()


def open_pushed(
    db: Session, digest: bytes, *, service_id: int, browser: bytes, now: datetime, since: datetime
) -> AnyRow | None:
    """Return a service's request to the browser that opens it first, in time, or that opened it after ``since``.

    None when it has been used, or is not for that browser or service. Two that come at once are taken one by one.
    """
    values = {"pushed": digest, "service": service_id, "browser": browser, "now": now, "since": since}
    return run(db, _OPEN, values).one_or_none()


def use_pushed(db: Session, digest: bytes, now: datetime, *, again_since: datetime) -> bool:
    """Mark a pushed request as used; False when it was before ``again_since``."""
    return run(db, _USE, {"pushed": digest, "now": now, "again_since": again_since}).scalar_one_or_none() is not None
