"""What a login gives a SAML service: the facts that may be told, and the note that they were. No assertion is kept.

A login with a live session costs one look-up of the facts and two inserts, which are sent together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.audit import AuditEvent
from idp.store import releases
from idp.store.login_sessions import insert_participant
from idp.usecases.facts import knowledge_of, school_day
from idp.usecases.grants import session_name, subject_of
from idp.usecases.presented_jwts import is_services_first
from policies.vocabulary import Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.usecases.facts import Knowledge
    from idp.usecases.service_providers import ServiceProvider
    from idp.usecases.sessions import LiveSession
    from idp.usecases.system import System
    from policies.vocabulary import Assurance


def known_to(
    db: Session, system: System, session: LiveSession, service: ServiceProvider, assurance: Assurance
) -> Knowledge | None:
    """Return what is known of the session's person towards a service; None when the session has just ended. One statement."""
    rows = releases.session_rows(
        db, service_id=service.service_id, session_id=session.id, now=system.now(), today=school_day(system)
    )
    if not rows:
        return None
    return knowledge_of(rows, sub=pairwise(system, session, service), assurance=assurance)


def pairwise(system: System, session: LiveSession, service: ServiceProvider) -> str:
    """Return the identifier by which the service's sector knows the person."""
    return subject_of(system, sector=service.sector, uniid=session.uniid)


def session_index(system: System, session: LiveSession, service: ServiceProvider) -> str:
    """Return the SessionIndex (SAML Core 2.7.2): always the same for a session at a service, of no use elsewhere."""
    return f"_{session_name(system, session.id, service.service_id)}"


def tell(
    db: Session,
    system: System,
    session: LiveSession,
    service: ServiceProvider,
    *,
    knowledge: Knowledge,
    name_id: str,
    name_id_format: str,
    session_index: str,
) -> None:
    """Remember that a service is told of a person, for logout and on the record."""
    insert_participant(
        db,
        {
            "session_id": session.id,
            "service_id": service.service_id,
            "protocol": Protocol.SAML,
            "subject": name_id,
            "session_index": session_index,
            "name_id_format": name_id_format,
            "first_told_at": system.now(),
        },
    )
    package = knowledge.package
    system.record(
        db,
        AuditEvent.SERVICE_TOLD,
        subject_id=session.person_id,
        service_id=service.service_id,
        session_id=session.id,
        facts={"package": package.value if package else None},
    )


def is_first(db: Session, service: ServiceProvider, request_id: str, until: datetime) -> bool:
    """Whether a service's request comes for the first time (decision 18); it is remembered ``until`` then. One statement."""
    return is_services_first(db, service.service_id, request_id, until)
