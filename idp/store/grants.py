"""What services were granted: authorization codes, access tokens and refresh tokens. Only digests are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line, RowId, Short, reference


class Grant(Base):
    """What one person's login gave one service: the family that all its tokens belong to and die with."""

    __tablename__ = "oauth_grant"

    id: Mapped[RowId]
    service_id: Mapped[int] = reference("service")
    person_id: Mapped[int] = reference("person", index=True)
    session_id: Mapped[int | None] = reference("login_session", index=True)
    subject: Mapped[Line]
    sid: Mapped[Short]
    scope: Mapped[str] = mapped_column(Text)
    claims_request: Mapped[dict[str, Any]] = mapped_column(default=dict)
    auth_time: Mapped[datetime]
    assurance: Mapped[str] = mapped_column(String(24))
    amr: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    """The absolute end of its refresh tokens."""
    revoked_at: Mapped[datetime | None]


class AuthorizationCode(Base):
    """A code, burned once (RFC 6749 4.1.2)."""

    __tablename__ = "authorization_code"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    grant_id: Mapped[int] = reference("oauth_grant", index=True)
    service_id: Mapped[int] = reference("service")
    redirect_uri: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str | None] = mapped_column(Text)
    code_challenge: Mapped[str | None] = mapped_column(String(128))
    dpop_jkt: Mapped[str | None] = mapped_column(String(64))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AccessToken(Base):
    """An opaque access token."""

    __tablename__ = "access_token"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    grant_id: Mapped[int] = reference("oauth_grant", index=True)
    scope: Mapped[str] = mapped_column(Text)
    dpop_jkt: Mapped[str | None] = mapped_column(String(64))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RefreshToken(Base):
    """A refresh token; using it makes the next, using it twice ends the family."""

    __tablename__ = "refresh_token"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    grant_id: Mapped[int] = reference("oauth_grant", index=True)
    scope: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
