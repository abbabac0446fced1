"""Sessions: who is logged in, as whom, with which factors, and which services know about it (decision 22)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line, RowId, Short, reference
from policies.vocabulary import ActorGroup, Factor, Protocol


class LoginSession(Base):
    """One login in one browser. The cookie holds 256 random bits; only their digest is kept."""

    __tablename__ = "login_session"

    id: Mapped[RowId]
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[int] = reference("person", index=True)
    acting_affiliation_id: Mapped[int | None] = reference("affiliation")
    """As which school's which role the person acts."""
    actor_group: Mapped[ActorGroup] = mapped_column(String(16))
    device_id: Mapped[int | None] = reference("known_device")
    shared_device: Mapped[bool] = mapped_column(default=False)
    browser: Mapped[Line]
    """Name and system of the browser in a few words, for the person's own list; no address (decision 7)."""
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    """Written at most once a minute."""
    idle_seconds: Mapped[int]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[Short | None]


class SessionFactor(Base):
    """A factor proven in a session. Each has its own time, so that a level can run out by itself."""

    __tablename__ = "session_factor"
    __table_args__ = (Index("ix_session_factor_session_id", "session_id"),)

    id: Mapped[RowId]
    session_id: Mapped[int] = reference("login_session")
    factor: Mapped[Factor] = mapped_column(String(16))
    proven_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    step_up_id: Mapped[int | None] = reference("step_up_request")


class SessionParticipant(Base):
    """A service that was told of a session, and under which subject and index, so that logout can reach it."""

    __tablename__ = "session_participant"
    __table_args__ = (UniqueConstraint("session_id", "service_id", "subject", "session_index"),)

    id: Mapped[RowId]
    session_id: Mapped[int] = reference("login_session")
    service_id: Mapped[int] = reference("service")
    protocol: Mapped[Protocol] = mapped_column(String(8))
    subject: Mapped[Line]
    session_index: Mapped[Short]
    """OIDC ``sid`` or SAML ``SessionIndex``."""
    first_told_at: Mapped[datetime]
    logged_out_at: Mapped[datetime | None]


class AdministrationSession(Base):
    """A session of our own administration, which is a service like any other; it dies with the login session."""

    __tablename__ = "administration_session"

    id: Mapped[RowId]
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    login_session_id: Mapped[int] = reference("login_session", index=True)
    person_id: Mapped[int] = reference("person")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
