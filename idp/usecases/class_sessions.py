"""Logging pupils of a class out everywhere; their services are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.audit import AuditEvent
from idp.store.affiliations import working_among
from idp.store.attempts import close_attempts_of
from idp.usecases.reach import pupils_for
from idp.usecases.sessions import end_all_sessions

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from idp.usecases.reach import Reach, SchoolClass
    from idp.usecases.system import System


def log_pupils_out(
    db: Session, system: System, reach: Reach, group: SchoolClass, person_ids: Collection[int]
) -> tuple[int, int]:
    """End every session of some pupils: how many pupils, and how many sessions. Raises :class:`Refused` for a stranger.

    Who works at a school too is passed over: nobody is logged out there through a class.
    """
    pupils = {pupil.person_id for pupil in pupils_for(db, reach, group, person_ids)}
    reached = pupils - set(working_among(db, pupils)) - {reach.actor_id}
    sessions = 0
    for person_id in sorted(reached):
        close_attempts_of(db, [person_id], system.now())
        ended = end_all_sessions(db, system, person_id, why="teacher")
        sessions += ended
        system.record(
            db,
            AuditEvent.SESSIONS_ENDED,
            actor_id=reach.actor_id,
            subject_id=person_id,
            institution_id=group.institution_id,
            facts={"actor": "person", "sessions": ended, "group": group.id},
        )
    return len(reached), sessions
