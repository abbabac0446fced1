"""Requests that an adult lifts a pupil's login (VoksenVerificeret), and the answers (decisions 4 and 10)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, RowId, Short, reference


class StepUpRequest(Base):
    """One pupil waiting at one service in one session; bound to that request and session."""

    __tablename__ = "step_up_request"
    __table_args__ = (Index("ix_step_up_request_person_waiting", "person_id", "answered_at"),)

    id: Mapped[RowId]
    attempt_id: Mapped[int] = reference("login_attempt")
    session_id: Mapped[int | None] = reference("login_session")
    person_id: Mapped[int] = reference("person")
    service_id: Mapped[int] = reference("service")
    sign: Mapped[Short]
    """The match sign: two pictures, unique among those who wait."""
    unusual: Mapped[list[str]]
    """What sets the request apart: a new device, another network, a second open request."""
    requested_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(16))
    """``approved``, ``refused`` or ``lapsed``."""
    answered_by: Mapped[int | None] = reference("person")
    answered_as: Mapped[Short | None]
    """``teacher``, ``administrator``, ``parent`` or ``lesson``."""
    level_until: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class LessonApproval(Base):
    """A lesson's pre-approval of ticked pupils, one use each (decision 10); off unless the institution turns it on."""

    __tablename__ = "lesson_approval"

    id: Mapped[RowId]
    person_id: Mapped[int] = reference("person", index=True)
    institution_id: Mapped[int] = reference("institution")
    sign: Mapped[Short]
    given_by: Mapped[int] = reference("person")
    given_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
