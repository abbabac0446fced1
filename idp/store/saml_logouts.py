"""Logouts that pass through the services of a session by the person's browser (SAML Profiles 4.4)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, RowId, reference
from idp.store.login_sessions import LoginSession, SessionParticipant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


class SamlLogout(Base):
    """One logout under way: who asked, how they are answered, and how far it has come."""

    __tablename__ = "saml_logout"

    id: Mapped[RowId]
    handle_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    session_id: Mapped[int] = reference("login_session", index=True)
    service_id: Mapped[int | None] = reference("service")
    """The service that asked; None when the person did, with us."""
    reply_to: Mapped[dict[str, Any]]
    """What it takes to answer the service that asked: binding, address, ID of the request, RelayState."""
    state: Mapped[dict[str, Any]]
    """Per service: the ID of our request, and what came back."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]


def insert_logout(db: Session, values: dict[str, Any]) -> None:
    """Write a logout that begins."""
    db.execute(insert(SamlLogout).values(**values))


def hold_logout(db: Session, handle_digest: bytes, now: datetime) -> AnyRow | None:
    """Return a logout under way, held until the unit of work ends, so that two answers at once are taken one by one."""
    query = select(SamlLogout.id, SamlLogout.service_id, SamlLogout.reply_to, SamlLogout.state, SamlLogout.finished_at)
    found = query.where(SamlLogout.handle_digest == handle_digest, SamlLogout.expires_at > now).with_for_update()
    return db.execute(found).one_or_none()


def save_logout(db: Session, logout_id: int, state: dict[str, Any], *, finished_at: datetime | None = None) -> None:
    """Write how far a logout has come."""
    values = {"state": state, **({"finished_at": finished_at} if finished_at is not None else {})}
    db.execute(update(SamlLogout).where(SamlLogout.id == logout_id).values(**values))


def sessions_told_to(db: Session, service_id: int, subject: str, indexes: Sequence[str]) -> Sequence[AnyRow]:
    """Return ``id`` and ``ended_at`` of the sessions that a service knows by this NameID; with ``indexes`` of these alone."""
    query = (
        select(LoginSession.id, LoginSession.ended_at)
        .join(SessionParticipant, SessionParticipant.session_id == LoginSession.id)
        .where(SessionParticipant.service_id == service_id, SessionParticipant.subject == subject)
        .distinct()
        .order_by(LoginSession.id)
    )
    return db.execute(query.where(SessionParticipant.session_index.in_(indexes)) if indexes else query).all()
