"""Sessions of our own administration: begun by an ID Token, alive as long as the login session is (decision 21)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.outside.sealing import new_token, token_digest
from idp.store import administration_sessions as store
from policies.vocabulary import ActorGroup

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.system import System

SEEN_EVERY = timedelta(minutes=1)
"""How often, at most, a visit is written down."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Who is using the administration in this request, and as whom."""

    id: int
    login_session_id: int
    person_id: int
    actor_group: ActorGroup
    acting_affiliation_id: int | None
    institution_id: int | None
    language: str | None
    stale: bool
    """Whether :func:`seen` is due."""


def begin(db: Session, system: System, *, client_id: str, subject: str, sid: str) -> str | None:
    """Begin a session for whom the ID Token names, and return its token for the cookie.

    None when that login session is gone in the meantime.
    """
    told = store.told_login_session(db, client_id=client_id, subject=subject, sid=sid)
    if told is None:
        return None
    token = new_token()
    store.add(db, digest=token_digest(token), login_session_id=told[0], person_id=told[1], at=system.now())
    return token


def current(db: Session, system: System, token: str) -> Visit | None:
    """Return the visit behind a cookie, or None when either session is over. One statement; writes nothing."""
    row = store.visit(db, token_digest(token))
    now = system.now()
    if row is None or now >= row.expires_at or now >= row.login_seen_at + timedelta(seconds=row.idle_seconds):
        return None
    return Visit(
        id=row.id,
        login_session_id=row.login_session_id,
        person_id=row.person_id,
        actor_group=ActorGroup(row.actor_group),
        acting_affiliation_id=row.acting_affiliation_id,
        institution_id=row.institution_id,
        language=row.language,
        stale=now - row.last_seen_at >= SEEN_EVERY,
    )


def seen(db: Session, system: System, visit: Visit) -> None:
    """Write down that the visit goes on, so that neither session falls idle."""
    store.touch(db, administration_session_id=visit.id, login_session_id=visit.login_session_id, at=system.now())


def end(db: Session, system: System, token: str) -> None:
    """End the administration's session alone."""
    store.end(db, token_digest(token), system.now())
