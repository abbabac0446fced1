"""Logins under way, one row per attempt so that tabs do not collide, and messages that must not come twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line, RowId, reference
from policies.vocabulary import Protocol

UNFINISHED = text("session_id IS NULL")


class LoginAttempt(Base):
    """A service's request and how far the person has come with it."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_expired", "expires_at", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
    )

    id: Mapped[RowId]
    handle_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """Digest of the handle in the address of the login pages."""
    browser_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Digest of the browser's cookie: elsewhere the handle is worth nothing (decision 18)."""
    protocol: Mapped[Protocol] = mapped_column(String(8))
    service_id: Mapped[int] = reference("service")
    request: Mapped[dict[str, Any]]
    """The :class:`idp.login.request.LoginRequest` and what the protocol needs to answer."""
    message_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    """Digest of the service's message, so that the same one in the same browser resumes."""
    state: Mapped[dict[str, Any]]
    """What has been proven so far; never a code, whole or in part (decision 15)."""
    username: Mapped[Line | None]
    person_id: Mapped[int | None] = reference("person")
    window_id: Mapped[int | None] = reference("activation_window")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    session_id: Mapped[int | None] = reference("login_session")


class SeenMessage(Base):
    """A message id that was used: SAML requests. OpenID's signed statements: :mod:`idp.store.presented_jwts`."""

    __tablename__ = "seen_message"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
