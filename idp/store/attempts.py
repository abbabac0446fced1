"""Queries over login attempts (table in :mod:`idp.store.login_requests`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from idp.store.login_requests import LoginAttempt
from idp.store.prepared import run, table
from idp.store.services import Service
from idp.store.step_up import StepUpRequest

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session


_BEGIN = insert(table(LoginAttempt)).inline()

_ATTEMPT = (
    select(
        LoginAttempt.id,
        LoginAttempt.browser_digest,
        LoginAttempt.request,
        LoginAttempt.state,
        LoginAttempt.username,
        LoginAttempt.person_id,
        LoginAttempt.window_id,
        LoginAttempt.expires_at,
        LoginAttempt.finished_at,
        LoginAttempt.session_id,
        Service.id.label("service_id"),
        Service.name_da,
        Service.name_en,
        Service.registration,
        Service.disabled_at,
        Service.accepts_adult_as_two,
    )
    .join(Service, Service.id == LoginAttempt.service_id)
    .where(LoginAttempt.handle_digest == bindparam("handle"))
)

_UNDER_WAY = (
    select(LoginAttempt.state)
    .where(
        LoginAttempt.message_digest == bindparam("message"),
        LoginAttempt.browser_digest == bindparam("browser"),
        LoginAttempt.finished_at.is_(None),
        LoginAttempt.expires_at > bindparam("now"),
    )
    .order_by(LoginAttempt.id.desc())
    .limit(1)
)

_OPEN = update(table(LoginAttempt)).where(LoginAttempt.id == bindparam("attempt"), LoginAttempt.finished_at.is_(None))
_FINISH = _OPEN.returning(LoginAttempt.id)

_HOLD = select(LoginAttempt.id).where(LoginAttempt.id == bindparam("attempt")).with_for_update()

_ADULT_AS_TWO = select(Service.accepts_adult_as_two).where(Service.id == bindparam("service"))


def insert_attempt(db: Session, values: dict[str, Any]) -> None:
    """Write a new attempt."""
    run(db, _BEGIN, values)


def attempt_row(db: Session, handle_digest: bytes) -> Row[*tuple[Any, ...]] | None:
    """Return the attempt with this handle and the service it is for: one statement."""
    return run(db, _ATTEMPT, {"handle": handle_digest}).one_or_none()


def attempt_under_way(
    db: Session, message_digest: bytes, browser_digest: bytes, now: datetime
) -> Row[*tuple[Any, ...]] | None:
    """Return the ``state`` of the attempt that the same message began in the same browser and that is not over."""
    return run(db, _UNDER_WAY, {"message": message_digest, "browser": browser_digest, "now": now}).one_or_none()


def update_attempt(db: Session, attempt_id: int, values: dict[str, Any]) -> None:
    """Write how far the person has come, unless the attempt is finished."""
    run(db, _OPEN, {"attempt": attempt_id, **values})


def hold_attempt(db: Session, attempt_id: int) -> None:
    """Hold an attempt's row until the unit of work ends, so that forms sent at once are taken one after the other."""
    run(db, _HOLD, {"attempt": attempt_id})


def finish_attempt(db: Session, attempt_id: int, now: datetime, session_id: int | None) -> bool:
    """Use an attempt up; False when another tab was faster."""
    finished = run(db, _FINISH, {"attempt": attempt_id, "finished_at": now, "session_id": session_id})
    return finished.scalar_one_or_none() is not None


def close_attempts_of(db: Session, person_ids: Collection[int], now: datetime) -> None:
    """Let those of some people's logins under way expire in which something has been proven.

    The others are anybody's who typed the name, and must not tell that somebody has it (decision 14). None of the
    people waits for an adult any more.
    """
    under_way = LoginAttempt.session_id.is_(None), LoginAttempt.expires_at > now  # as the index has them
    rows = db.execute(
        select(LoginAttempt.id, LoginAttempt.state).where(*under_way, LoginAttempt.person_id.in_(person_ids))
    )
    proven = [row.id for row in rows if row.state.get("factors")]
    db.execute(update(LoginAttempt).where(LoginAttempt.id.in_(proven)).values(expires_at=now))
    waits = StepUpRequest.person_id.in_(person_ids), StepUpRequest.answered_at.is_(None)
    db.execute(update(StepUpRequest).where(*waits).values(answered_at=now, answer="withdrawn"))


def accepts_adult_as_two(db: Session, service_id: int) -> bool:
    """Say whether VoksenVerificeret answers a request for ToFaktor at this service (decision 9)."""
    return bool(run(db, _ADULT_AS_TWO, {"service": service_id}).scalar_one_or_none())
