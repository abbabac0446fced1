"""Who may register a service by itself (RFC 7591 3): initial access tokens, of which only digests are kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, bindparam, insert, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line
from idp.store.prepared import run, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class InitialAccessToken(Base):
    """A token with which a vendor's program may register so many services until some time."""

    __tablename__ = "initial_access_token"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    note: Mapped[Line]
    """Whom the operator gave it to."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    uses_left: Mapped[int]
    revoked_at: Mapped[datetime | None]


_INSERT = insert(table(InitialAccessToken)).inline()

_USE = (
    update(table(InitialAccessToken))
    .where(
        InitialAccessToken.digest == bindparam("token"),
        InitialAccessToken.uses_left > 0,
        InitialAccessToken.expires_at > bindparam("now"),
        InitialAccessToken.revoked_at.is_(None),
    )
    .values(uses_left=InitialAccessToken.uses_left - 1)
    .returning(InitialAccessToken.note)
)


def insert_initial_token(db: Session, values: dict[str, Any]) -> None:
    """Write an initial access token."""
    run(db, _INSERT, values)


def use_initial_token(db: Session, digest: bytes, now: datetime) -> str | None:
    """Use an initial access token once and return its note; None when it is unknown, over or used up."""
    note: str | None = run(db, _USE, {"token": digest, "now": now}).scalar_one_or_none()
    return note
