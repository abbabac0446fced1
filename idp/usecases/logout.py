"""Logging out of everything: the login session, what it granted, and with it our own administration's sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.store.grants import revoke_grants_of_session
from idp.store.login_sessions import participants_leave, session_told_to
from idp.usecases.sessions import end_session

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.system import System


def told_session(db: Session, *, service_id: int, subject: str, sid: str) -> int | None:
    """Return the id of the session, live or not, that a service knows under this subject and ``sid``."""
    row = session_told_to(db, service_id=service_id, subject=subject, sid=sid)
    return None if row is None else int(row.id)


def log_out(db: Session, system: System, session_id: int, *, service_id: int | None) -> bool:
    """End a session and revoke what it granted; False when it had ended already.

    ``service_id`` is the service that asked, which then need not be told. A session of the administration is alive only
    as long as its login session, so it ends here too.
    """
    now = system.now()
    ended = end_session(db, system, session_id, why="logout")
    revoke_grants_of_session(db, session_id, now)
    if service_id is not None:
        participants_leave(db, session_id, service_id, now)
    return ended
