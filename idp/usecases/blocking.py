"""Blocking an account (spærre): nobody gets in with it, and whoever is in is out at once; and opening it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.audit import AuditEvent
from idp.errors import Refused
from idp.store import blocking as store
from idp.store.attempts import close_attempts_of
from idp.usecases.access import must_administer
from idp.usecases.sessions import end_all_sessions
from policies import written_reason
from policies.decision import Deny

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.system import System


def block(
    db: Session, system: System, *, person_id: int, by: int | None, reason: str, institution_id: int | None = None
) -> bool:
    """Block a person and end all sessions; False when the person was blocked already. ``by`` None is the operator.

    Every request asks whether the account is blocked, so that the block holds from the commit on, whatever is cached.
    Raises :class:`Refused`: ``by`` may not (:func:`policies.administration.may_administer`), or the reason is none.
    """
    written = good_reason(reason)
    must_administer(db, system, actor_id=by, person_id=person_id)
    if not store.block_person(db, person_id, system.now(), written):
        return False
    ended = end_all_sessions(db, system, person_id, why="blocked")
    system.record(
        db,
        AuditEvent.PERSON_BLOCKED,
        actor_id=by,
        subject_id=person_id,
        institution_id=institution_id,
        facts={"actor": "person" if by else "operator", "sessions": ended},
        texts={"reason": written},
    )
    return True


def unblock(
    db: Session, system: System, *, person_id: int, by: int | None, reason: str, institution_id: int | None = None
) -> bool:
    """Open a blocked account again; False when it was open. Code and factors are as they were, sessions stay ended.

    So do logins in which something was proven before: they were begun before the block, or in spite of it.
    """
    written = good_reason(reason)
    must_administer(db, system, actor_id=by, person_id=person_id)
    if not store.unblock_person(db, person_id):
        return False
    close_attempts_of(db, [person_id], system.now())
    system.record(
        db,
        AuditEvent.PERSON_UNBLOCKED,
        actor_id=by,
        subject_id=person_id,
        institution_id=institution_id,
        facts={"actor": "person" if by else "operator"},
        texts={"reason": written},
    )
    return True


def end_sessions_of(
    db: Session, system: System, *, person_id: int, by: int | None, institution_id: int | None = None
) -> int:
    """End all sessions of a person on somebody's behalf, and say how many there were. Raises :class:`Refused`."""
    must_administer(db, system, actor_id=by, person_id=person_id)
    close_attempts_of(db, [person_id], system.now())
    ended = end_all_sessions(db, system, person_id, why="administrator")
    if ended:
        system.record(
            db,
            AuditEvent.SESSIONS_ENDED,
            actor_id=by,
            subject_id=person_id,
            institution_id=institution_id,
            facts={"actor": "person" if by else "operator", "sessions": ended},
        )
    return ended


def good_reason(reason: str) -> str:
    """Return a reason as it is kept. Raises :class:`Refused` for one that cannot be."""
    written = written_reason.tidy(reason)
    decision = written_reason.is_good(written)
    if isinstance(decision, Deny):
        raise Refused(decision.reason)
    return written
