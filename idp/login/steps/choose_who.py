"""As whom the person acts, where there is a choice: which school, in which role (decision 22)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from idp.login.attempt import save

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt
    from idp.login.dispatch import Position


_ENDED: Final = -1
"""The id of no attachment."""


def choose(db: Session, attempt: Attempt, at: Position, chosen: str) -> Attempt:
    """Take one of the choices that hold now. What holds no more is chosen again, even where one choice is left."""
    offered = {str(one): one for one in at.account.choices} if at.account else {}
    after = replace(attempt, acting=offered.get(chosen, _ENDED), error=None)
    save(db, after)
    return after
