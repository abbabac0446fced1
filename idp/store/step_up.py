"""Requests that an adult lifts a pupil's login (VoksenVerificeret), and the answers (decisions 4 and 10)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Index, LargeBinary, String, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, RowId, Short, reference
from idp.store.login_requests import LoginAttempt
from idp.store.prepared import driver_of, run, table
from idp.store.services import Service

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow

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
    """Keyed digest of where the person asks from (a line, or the school's own networks), to be compared with the adult's."""
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


_NEWEST = (
    select(
        StepUpRequest.id,
        StepUpRequest.person_id,
        StepUpRequest.sign,
        StepUpRequest.requested_at,
        StepUpRequest.expires_at,
        StepUpRequest.answered_at,
        StepUpRequest.answer,
        StepUpRequest.level_until,
        StepUpRequest.used_at,
    )
    .where(StepUpRequest.attempt_id == bindparam("attempt"), StepUpRequest.person_id == bindparam("person"))
    .order_by(StepUpRequest.id.desc())
    .limit(1)
)
_STATE = (
    select(
        LoginAttempt.browser_digest,
        LoginAttempt.finished_at,
        StepUpRequest.id,
        StepUpRequest.answer,
        StepUpRequest.expires_at,
    )
    .outerjoin(StepUpRequest, StepUpRequest.attempt_id == LoginAttempt.id)
    .where(LoginAttempt.handle_digest == bindparam("handle"))
    .order_by(StepUpRequest.id.desc())
    .limit(1)
)
_OPEN = (StepUpRequest.answered_at.is_(None), StepUpRequest.expires_at > bindparam("now"))
_INSERT = {
    name: build(table(StepUpRequest)).on_conflict_do_nothing().returning(StepUpRequest.id)
    for name, build in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}


def insert_request(db: Session, values: dict[str, Any]) -> int | None:
    """Write a request and return its id; None when somebody else who waits has got the sign meanwhile."""
    request_id: int | None = run(db, _INSERT[driver_of(db).dialect.name], values).scalar_one_or_none()
    return request_id


def request_of_attempt(db: Session, attempt_id: int, person_id: int) -> AnyRow | None:
    """Return the newest request that a login made for this person."""
    return run(db, _NEWEST, {"attempt": attempt_id, "person": person_id}).one_or_none()


def request_state(db: Session, handle_digest: bytes) -> AnyRow | None:
    """Return of a login ``browser_digest``, ``finished_at``, and its newest request's ``id``, ``answer`` and ``expires_at``."""
    return run(db, _STATE, {"handle": handle_digest}).one_or_none()


def request_times(db: Session, request_id: int, person_id: int) -> AnyRow | None:
    """Return ``requested_at``, ``service_id`` and ``unusual`` of a person's request."""
    query = select(StepUpRequest.requested_at, StepUpRequest.service_id, StepUpRequest.unusual)
    return db.execute(query.where(StepUpRequest.id == request_id, StepUpRequest.person_id == person_id)).one_or_none()


def asked_since(db: Session, person_id: int, since: datetime) -> int:
    """Count the requests that a person has made since then."""
    counted = select(func.count()).where(StepUpRequest.person_id == person_id, StepUpRequest.requested_at > since)
    return db.execute(counted).scalar_one()


def lapse_requests(db: Session, institution_id: int, now: datetime) -> None:
    """Write of an institution's requests that nobody answered in time that they have lapsed: their signs are free again."""
    db.execute(
        update(StepUpRequest)
        .where(
            StepUpRequest.institution_id == institution_id,
            StepUpRequest.answered_at.is_(None),
            StepUpRequest.expires_at <= now,
        )
        .values(answered_at=now, answer="lapsed")
    )


def withdraw_requests(db: Session, person_id: int, now: datetime, *, browser_digest: bytes) -> Sequence[int]:
    """Withdraw what a person waits for in one browser, and return the requests."""
    there = select(LoginAttempt.id).where(
        LoginAttempt.id == StepUpRequest.attempt_id, LoginAttempt.browser_digest == browser_digest
    )
    withdrawn = (
        update(StepUpRequest)
        .where(StepUpRequest.person_id == person_id, StepUpRequest.answered_at.is_(None), there.exists())
        .values(answered_at=now, answer="withdrawn")
        .returning(StepUpRequest.id)
    )
    return db.execute(withdrawn.execution_options(synchronize_session=False)).scalars().all()


def signs_waiting(db: Session, institution_id: int) -> Sequence[str]:
    """Return the signs of an institution's pupils who wait."""
    waiting = StepUpRequest.institution_id == institution_id, StepUpRequest.answered_at.is_(None)
    return db.execute(select(StepUpRequest.sign).where(*waiting)).scalars().all()


def requests_waiting(db: Session, person_ids: Collection[int], now: datetime) -> Sequence[AnyRow]:
    """Return what some people wait for, the oldest first, with the service's ``name_da`` and ``name_en``."""
    query = (
        select(
            StepUpRequest.id,
            StepUpRequest.person_id,
            StepUpRequest.service_id,
            StepUpRequest.institution_id,
            StepUpRequest.sign,
            StepUpRequest.network,
            StepUpRequest.unusual,
            StepUpRequest.requested_at,
            StepUpRequest.expires_at,
            Service.name_da,
            Service.name_en,
        )
        .join(Service, Service.id == StepUpRequest.service_id)
        .where(StepUpRequest.person_id.in_(person_ids), *_OPEN)
        .order_by(StepUpRequest.id)
    )
    return db.execute(query, {"now": now}).all()


def answer_request(db: Session, request_id: int, now: datetime, values: dict[str, Any]) -> bool:
    """Answer a request that waits; False when somebody was faster, or its time is up."""
    answered = db.execute(
        update(StepUpRequest)
        .where(StepUpRequest.id == request_id, *_OPEN)
        .values(answered_at=now, **values)
        .returning(StepUpRequest.id),
        {"now": now},
    )
    return answered.scalar_one_or_none() is not None


def use_approval(db: Session, request_id: int, now: datetime, session_id: int) -> bool:
    """Use an approval up for a session; False when it was used before, or there is none."""
    used = db.execute(
        update(StepUpRequest)
        .where(
            StepUpRequest.id == request_id,
            StepUpRequest.answer == "approved",
            StepUpRequest.used_at.is_(None),
        )
        .values(used_at=now, session_id=session_id)
        .returning(StepUpRequest.id)
    )
    return used.scalar_one_or_none() is not None
