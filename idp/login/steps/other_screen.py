"""A login for another screen (RFC 8628): the person says that it is they who are there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp.login.attempt import save

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt


def about(attempt: Attempt) -> str:
    """Return whom a page asks, so that nobody answers for the one who was at the device before."""
    return str(attempt.person_id)


def allow(db: Session, attempt: Attempt) -> Attempt:
    """Go on with the login."""
    after = replace(attempt, other_screen_allowed=True, error=None)
    save(db, after)
    return after
