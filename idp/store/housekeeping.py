"""Clearing away what has expired and stands on no record, some rows at a time.

Each statement is bounded: it looks at one index and takes at most so many rows. On PostgreSQL rows that somebody works
with at that moment are passed over, so that nobody waits, and what was looked at cannot change until it is deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, or_, select, tuple_

from idp.store.bulk import table_of
from idp.store.credentials import Guesses
from idp.store.device_authorizations import DeviceAuthorization
from idp.store.failed_requests import FailedRequest
from idp.store.grants import AccessToken, Grant, RefreshToken
from idp.store.login_requests import LoginAttempt, SeenMessage
from idp.store.outbox import OutboxMessage
from idp.store.presented_jwts import PresentedJwt
from idp.store.pushed_requests import PushedRequest
from idp.store.registration import InitialAccessToken
from idp.store.saml_logouts import SamlLogout
from idp.store.shown_errors import ShownError
from idp.store.step_up import StepUpRequest

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from idp.store.base import Base


def clear_attempts(session: Session, before: datetime, *, at_most: int) -> int:
    """Delete logins that led to no session and whose time was up before ``before``; how many."""
    asked = select(StepUpRequest.id).where(StepUpRequest.attempt_id == LoginAttempt.id).exists()
    over = (LoginAttempt.session_id.is_(None), LoginAttempt.expires_at < before, ~asked)
    return _clear(session, LoginAttempt, "id", over, at_most)


def clear_messages(session: Session, before: datetime, *, at_most: int) -> int:
    """Delete ids of messages that have expired before ``before``; how many."""
    return _clear(session, SeenMessage, "digest", (SeenMessage.expires_at < before,), at_most)


def clear_outbox(session: Session, before: datetime, *, at_most: int) -> int:
    """Delete messages to the outside that were sent or given up, and due before ``before``; how many."""
    settled = or_(OutboxMessage.done_at.is_not(None), OutboxMessage.given_up_at.is_not(None))
    return _clear(session, OutboxMessage, "id", (OutboxMessage.due_at < before, settled), at_most)


def clear_guesses(session: Session, scope: str, begun_before: datetime, now: datetime, *, at_most: int) -> int:
    """Delete counters of a scope that began before ``begun_before`` and block nobody now; how many."""
    free = or_(Guesses.blocked_until.is_(None), Guesses.blocked_until <= now)
    return _clear(session, Guesses, "key", (Guesses.scope == scope, Guesses.first_at < begun_before, free), at_most)


def clear_shown_errors(session: Session, before: datetime, *, at_most: int) -> int:
    """Delete error pages that were shown before ``before``; how many."""
    return _clear(session, ShownError, "reference", (ShownError.at < before,), at_most)


def clear_failed_requests(session: Session, before: datetime, *, at_most: int) -> int:
    """Delete services' refused requests from before ``before``; how many."""
    return _clear(session, FailedRequest, "id", (FailedRequest.at < before,), at_most)


def clear_access_tokens(session: Session, before: datetime, *, at_most: int) -> int:
    """Delete access tokens that have expired before ``before``; how many."""
    return _clear(session, AccessToken, "digest", (AccessToken.expires_at < before,), at_most)


def clear_pushed_requests(session: Session, before: datetime, *, at_most: int) -> int:
    """Delete pushed authorization requests that have expired before ``before``; how many."""
    return _clear(session, PushedRequest, "digest", (PushedRequest.expires_at < before,), at_most)


def clear_saml_logouts(session: Session, before: datetime, *, at_most: int) -> int:
    """Delete logouts through the browser whose time was up before ``before``; how many."""
    return _clear(session, SamlLogout, "id", (SamlLogout.expires_at < before,), at_most)


def clear_devices(session: Session, before: datetime, *, at_most: int) -> int:
    """Delete devices' requests that have expired before ``before``, whatever was decided; how many."""
    return _clear(session, DeviceAuthorization, "id", (DeviceAuthorization.expires_at < before,), at_most)


def clear_initial_tokens(session: Session, before: datetime, *, at_most: int) -> int:
    """Delete initial access tokens that have expired before ``before``; how many."""
    return _clear(session, InitialAccessToken, "digest", (InitialAccessToken.expires_at < before,), at_most)


def clear_presented_jwts(session: Session, before: datetime, *, at_most: int) -> int:
    """Delete ids of signed statements that have expired before ``before``; how many."""
    over = (PresentedJwt.expires_at < before,)
    chosen = select(PresentedJwt.issuer, PresentedJwt.digest).where(*over).limit(at_most)
    keys = [tuple(key) for key in session.execute(chosen.with_for_update(skip_locked=True)).all()]
    if keys:
        session.execute(
            delete(table_of(PresentedJwt)).where(tuple_(PresentedJwt.issuer, PresentedJwt.digest).in_(keys))
        )
    return len(keys)


def clear_refresh_tokens(session: Session, before: datetime, *, at_most: int) -> int:
    """Delete refresh tokens that have expired before ``before``, used or not; how many."""
    return _clear(session, RefreshToken, "digest", (RefreshToken.expires_at < before,), at_most)


def clear_grants(session: Session, before: datetime, *, at_most: int) -> int:
    """Delete grants whose code has expired before ``before`` and that no token belongs to; how many."""
    over = (
        Grant.code_expires_at < before,
        or_(Grant.expires_at.is_(None), Grant.expires_at < before),
        ~select(AccessToken.digest).where(AccessToken.grant_id == Grant.id).exists(),
        ~select(DeviceAuthorization.id).where(DeviceAuthorization.grant_id == Grant.id).exists(),
        ~select(RefreshToken.digest).where(RefreshToken.grant_id == Grant.id).exists(),
    )
    return _clear(session, Grant, "id", over, at_most)


def _clear(session: Session, model: type[Base], key: str, over: tuple[ColumnElement[bool], ...], at_most: int) -> int:
    column: ColumnElement[Any] = table_of(model).c[key]
    chosen = select(column).where(*over).limit(at_most).with_for_update(skip_locked=True, of=model)
    keys = session.execute(chosen).scalars().all()
    if keys:
        session.execute(delete(table_of(model)).where(column.in_(keys)))
    return len(keys)
