"""The administration's own sessions: each hangs on a login session and is worth nothing without it (decision 21)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Row, and_, bindparam, insert, or_, select, update

from idp.store.affiliations import Affiliation
from idp.store.login_sessions import AdministrationSession, LoginSession, SessionParticipant
from idp.store.people import Person
from idp.store.prepared import run
from idp.store.services import Service

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow

_VISIT = (
    select(
        AdministrationSession.id,
        AdministrationSession.last_seen_at,
        LoginSession.id.label("login_session_id"),
        LoginSession.last_seen_at.label("login_seen_at"),
        LoginSession.idle_seconds,
        LoginSession.expires_at,
        LoginSession.person_id,
        LoginSession.actor_group,
        LoginSession.acting_affiliation_id,
        Affiliation.institution_id,
        Person.language,
    )
    .join(LoginSession, LoginSession.id == AdministrationSession.login_session_id)
    .join(Person, Person.id == LoginSession.person_id)
    .outerjoin(Affiliation, Affiliation.id == LoginSession.acting_affiliation_id)
    .where(
        AdministrationSession.ended_at.is_(None),
        LoginSession.ended_at.is_(None),
        Person.blocked_at.is_(None),
        Person.ended_at.is_(None),
        or_(
            LoginSession.acting_affiliation_id.is_(None),
            and_(Affiliation.id.is_not(None), Affiliation.valid_to.is_(None)),
        ),
        AdministrationSession.token_digest == bindparam("digest"),
    )
)


def told_login_session(session: Session, *, client_id: str, subject: str, sid: str) -> Row[int, int] | None:
    """``(login session id, person id)`` that the service was told of under this subject and ``sid``, if still alive."""
    return session.execute(
        select(LoginSession.id, LoginSession.person_id)
        .join(SessionParticipant, SessionParticipant.session_id == LoginSession.id)
        .join(Service, Service.id == SessionParticipant.service_id)
        .where(
            Service.identifier == client_id,
            SessionParticipant.subject == subject,
            SessionParticipant.session_index == sid,
            LoginSession.ended_at.is_(None),
        )
    ).first()


def add(session: Session, *, digest: bytes, login_session_id: int, person_id: int, at: datetime) -> None:
    """Keep a new administration session under the digest of its token."""
    session.execute(
        insert(AdministrationSession).values(
            token_digest=digest,
            login_session_id=login_session_id,
            person_id=person_id,
            created_at=at,
            last_seen_at=at,
        )
    )


def visit(session: Session, digest: bytes) -> AnyRow | None:
    """Return the session under ``digest`` with its login session and person, in one statement, or None.

    None as well when the login session has ended, the person is blocked or has ended, or the attachment that the
    person acts through is over. Whether the time is up is for the caller to say.
    """
    return run(session, _VISIT, {"digest": digest}).one_or_none()


def touch(session: Session, *, administration_session_id: int, login_session_id: int, at: datetime) -> None:
    """Remember that the session was used, which is use of the login session too."""
    session.execute(
        update(AdministrationSession)
        .where(AdministrationSession.id == administration_session_id)
        .values(last_seen_at=at)
    )
    session.execute(update(LoginSession).where(LoginSession.id == login_session_id).values(last_seen_at=at))


def end(session: Session, digest: bytes, at: datetime) -> None:
    """End the session under ``digest``; the login session lives on."""
    session.execute(
        update(AdministrationSession)
        .where(AdministrationSession.token_digest == digest, AdministrationSession.ended_at.is_(None))
        .values(ended_at=at)
    )
