"""A service that is not the school's wants to know who somebody is: they allow it, or not (``policies.consent``)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp.login.attempt import save
from idp.usecases import consents

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt
    from idp.login.dispatch import Position
    from idp.usecases.system import System


def about(attempt: Attempt, asked: consents.Asked) -> str:
    """Return what a page asks, so that the answer to another question is not taken for one to this: of whom, and what."""
    return " ".join([str(attempt.person_id), *sorted(asked.wish.scope), *sorted(asked.wish.claims)])


def allow(db: Session, system: System, attempt: Attempt, at: Position) -> Attempt:
    """Remember that the person allows it, for this login and later ones."""
    if at.consent is None or attempt.person_id is None:
        raise AssertionError("nobody was asked")
    consents.give(db, system, person_id=attempt.person_id, service_id=attempt.service.id, wish=at.consent.wish)
    after = replace(attempt, consented=True, error=None)
    save(db, after)
    return after
