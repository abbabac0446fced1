"""A shared device: is it still the person who logged in here? Asked before a session of it answers another service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.login.attempt import save
from idp.usecases.logout import log_out

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.dispatch import Position
    from idp.usecases.system import System


def is_about(at: Position, shown: str) -> bool:
    """Say whether the page that was answered asked about the session that is live now, and not about one before it."""
    return at.session is not None and str(at.session.id) == shown


def somebody_else(db: Session, system: System, at: Position) -> None:
    """Log the one before out of everything."""
    if at.session is not None:
        log_out(db, system, at.session.id, service_id=None)


def leave(db: Session, attempt: Attempt, browser: Browser) -> tuple[Attempt, Browser]:
    """Begin the login anew for nobody: what was typed and proven is forgotten, here and in the browser."""
    after = attempt.for_nobody()
    save(db, after)
    return after, browser.without_proof_of(attempt)
