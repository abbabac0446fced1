"""A person's own sessions: see them, and end any of them. Nobody reaches another's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.store.attempts import close_attempts_of
from idp.store.grants import revoke_grants_of_person
from idp.store.own_page import institution_names
from idp.usecases.sessions import end_session, sessions_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.usecases.administration_sessions import Visit
    from idp.usecases.system import System
    from policies.vocabulary import ActorGroup


@dataclass(frozen=True, kw_only=True)
class OwnSession:
    """One place where the person is logged in. No address and no network (decision 7)."""

    id: int
    browser: str
    institution: str | None
    actor_group: ActorGroup
    created_at: datetime
    last_seen_at: datetime
    shared: bool
    """Whether it is on a device that others use too."""
    here: bool
    """Whether it is the session of this visit."""


def own_sessions(db: Session, system: System, visit: Visit) -> tuple[OwnSession, ...]:
    """Return the live sessions, this one first and then the newest."""
    found = sessions_of(db, system, visit.person_id)
    names = institution_names(db, {one.institution_id for one in found if one.institution_id is not None})
    return tuple(
        OwnSession(
            id=one.id,
            browser=one.browser,
            institution=names.get(one.institution_id) if one.institution_id is not None else None,
            actor_group=one.actor_group,
            created_at=one.created_at,
            last_seen_at=one.last_seen_at,
            shared=one.shared,
            here=one.id == visit.login_session_id,
        )
        for one in sorted(found, key=lambda one: one.id != visit.login_session_id)
    )


def end_own_session(db: Session, system: System, visit: Visit, session_id: int) -> bool:
    """End one session and say whether it was live. Another person's is treated like one that is over."""
    if session_id not in {one.id for one in sessions_of(db, system, visit.person_id)}:
        return False
    return end_session(db, system, session_id, why="elsewhere")


def end_other_sessions(db: Session, system: System, visit: Visit) -> int:
    """End all sessions but this one, and the logins that are under way anywhere; say how many sessions there were.

    It also ends what services were granted that outlived the login (``offline_access``): here a person gets rid of it.
    """
    close_attempts_of(db, [visit.person_id], system.now())
    revoke_grants_of_person(db, visit.person_id, system.now(), but_of_session=visit.login_session_id)
    others = [one.id for one in sessions_of(db, system, visit.person_id) if one.id != visit.login_session_id]
    return sum(end_session(db, system, session_id, why="elsewhere") for session_id in others)
