"""Who may register a service by itself (RFC 7591 3): initial access tokens, of which only digests are kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line
from idp.store.prepared import run, table
from idp.store.services import CLIENT_COLUMNS, Service

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


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


_OWN = select(*CLIENT_COLUMNS, Service.registered_at, Service.registration_token_digest).where(
    Service.identifier == bindparam("identifier")
)


def insert_initial_token(db: Session, values: dict[str, Any]) -> None:
    """Write an initial access token."""
    run(db, _INSERT, values)


def use_initial_token(db: Session, digest: bytes, now: datetime) -> str | None:
    """Use an initial access token once and return its note; None when it is unknown, over or used up."""
    note: str | None = run(db, _USE, {"token": digest, "now": now}).scalar_one_or_none()
    return note


def is_good(db: Session, digest: bytes, now: datetime) -> bool:
    """Whether an initial access token could be used now."""
    good = select(InitialAccessToken.digest).where(
        InitialAccessToken.digest == digest,
        InitialAccessToken.uses_left > 0,
        InitialAccessToken.expires_at > now,
        InitialAccessToken.revoked_at.is_(None),
    )
    return db.execute(good).scalar_one_or_none() is not None


def revoke_initial_tokens(db: Session, now: datetime) -> int:
    """End every initial access token that could still be used; how many."""
    ended = db.execute(
        update(InitialAccessToken)
        .where(
            InitialAccessToken.uses_left > 0,
            InitialAccessToken.expires_at > now,
            InitialAccessToken.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(InitialAccessToken.digest)
    )
    return len(ended.all())


def own_row(db: Session, identifier: str) -> AnyRow | None:
    """Return a service as it manages itself: what a client is, when it was registered, and its token's digest."""
    return run(db, _OWN, {"identifier": identifier}).one_or_none()


def replace_registration(db: Session, service_id: int, *, token: bytes, values: dict[str, Any]) -> bool:
    """Change a service whose registration access token is still ``token``; False when somebody was quicker."""
    changed = db.execute(
        update(Service)
        .where(Service.id == service_id, Service.registration_token_digest == token, Service.disabled_at.is_(None))
        .values(**values)
        .returning(Service.id)
    )
    return changed.scalar_one_or_none() is not None
