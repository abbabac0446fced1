"""Queries over login attempts (table in :mod:`idp.store.login_requests`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from idp.store.login_requests import LoginAttempt
from idp.store.services import Service

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session


def insert_attempt(db: Session, values: dict[str, Any]) -> None:
    """Write a new attempt."""
    db.execute(insert(LoginAttempt), values)


def attempt_row(db: Session, handle_digest: bytes) -> Row[*tuple[Any, ...]] | None:
    """Return the attempt with this handle and the service it is for: one statement."""
    return db.execute(
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
        .where(LoginAttempt.handle_digest == handle_digest)
    ).one_or_none()


def attempt_under_way(
    db: Session, message_digest: bytes, browser_digest: bytes, now: datetime
) -> Row[*tuple[Any, ...]] | None:
    """Return the ``state`` of the attempt that the same message began in the same browser and that is not over."""
    return db.execute(
        select(LoginAttempt.state)
        .where(
            LoginAttempt.message_digest == message_digest,
            LoginAttempt.browser_digest == browser_digest,
            LoginAttempt.finished_at.is_(None),
            LoginAttempt.expires_at > now,
        )
        .order_by(LoginAttempt.id.desc())
        .limit(1)
    ).one_or_none()


def update_attempt(db: Session, attempt_id: int, values: dict[str, Any]) -> None:
    """Write how far the person has come, unless the attempt is finished."""
    db.execute(
        update(LoginAttempt).where(LoginAttempt.id == attempt_id, LoginAttempt.finished_at.is_(None)).values(values)
    )


def finish_attempt(db: Session, attempt_id: int, now: datetime, session_id: int | None) -> bool:
    """Use an attempt up; False when another tab was faster."""
    finished = db.execute(
        update(LoginAttempt)
        .where(LoginAttempt.id == attempt_id, LoginAttempt.finished_at.is_(None))
        .values(finished_at=now, session_id=session_id)
        .returning(LoginAttempt.id)
    )
    return finished.scalar_one_or_none() is not None


def accepts_adult_as_two(db: Session, service_id: int) -> bool:
    """Say whether VoksenVerificeret answers a request for ToFaktor at this service (decision 9)."""
    return bool(db.execute(select(Service.accepts_adult_as_two).where(Service.id == service_id)).scalar_one_or_none())
