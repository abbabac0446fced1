"""The code ends soon: change it now, or later. Said once at each of the days that the policy names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp.login.attempt import save
from idp.store.sign_in import note_warned

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt
    from idp.login.dispatch import Position
    from idp.usecases.system import System


def change_now(db: Session, attempt: Attempt) -> Attempt:
    """Hand a new code over in this login."""
    after = replace(attempt, code_expired=True, seen=False, error=None)
    save(db, after)
    return after


def change_later(db: Session, system: System, attempt: Attempt, at: Position) -> Attempt:
    """Go on, and say it again at the next of the policy's days."""
    if at.account is not None and at.account.code_id is not None:
        note_warned(db, at.account.code_id, system.now())
    after = replace(attempt, postponed=True, error=None)
    save(db, after)
    return after
