"""What a factor proved counts no more once the factor has ended: in every session of the person, and at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.store.factors import forget_in_sessions, sessions_without_factor
from idp.usecases.sessions import end_session

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from idp.usecases.system import System


def forget(db: Session, system: System, person_id: int, factor_ids: Collection[int]) -> None:
    """Forget what these factors proved, and end the sessions in which nothing else was."""
    if not factor_ids:
        return
    now = system.now()
    forget_in_sessions(db, person_id, factor_ids, now)
    for session_id in sessions_without_factor(db, person_id, now):
        end_session(db, system, session_id, why="factor-removed")
