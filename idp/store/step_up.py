"""Requests that an adult lifts a pupil's login (VoksenVerificeret), and the answers (decisions 4 and 10)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, RowId, Short, reference

WAITING = text("answered_at IS NULL")


class StepUpRequest(Base):
    """One pupil waiting at one service in one session; bound to that request and session."""

    __tablename__ = "step_up_request"
    __table_args__ = (
        Index("ix_step_up_request_person_waiting", "person_id", "answered_at"),
        Index("uq_step_up_request_sign", "institution_id", "sign", unique=True,
              sqlite_where=WAITING, postgresql_where=WAITING),
    )  # fmt: skip

    id: Mapped[RowId]
    attempt_id: Mapped[int] = reference("login_attempt", index=True)
    session_id: Mapped[int | None] = reference("login_session")
    person_id: Mapped[int] = reference("person")
    service_id: Mapped[int] = reference("service")
    institution_id: Mapped[int] = reference("institution")
    """Where the person is a pupil: among those who wait there no sign comes twice."""
    network: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Keyed digest of the network that the person asks from, to be compared with the adult's."""
    sign: Mapped[Short]
    """The match sign: names of pictures in order, with blanks between."""
    unusual: Mapped[list[str]]
    """What sets the request apart by itself (:class:`policies.step_up.Unusual`): a new device."""
    requested_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(16))
    """``approved``, ``refused``, ``withdrawn`` by the pupil, or ``lapsed``."""
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
