"""The sign from the opener's screen: the right one claims the activation window for this browser (decision 8)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp.login.attempt import save, unproven
from idp.usecases.windows import Claimed, claim
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.usecases.system import System


def submit(db: Session, system: System, attempt: Attempt, browser: Browser, sign: str) -> tuple[Attempt, Browser]:
    """Take the picked sign. Whatever comes in the way, the person reads the same words.

    The browser comes back with the secret that it holds the window with.
    """
    answer = claim(
        db,
        system,
        person_id=attempt.person_id,
        sign=sign,
        secrets=browser.handovers,
        pressed_before=None if attempt.seen else attempt.window_id,  # whoever went on had the answer
    )
    if isinstance(answer, Claimed):
        after = replace(unproven(attempt), window_id=answer.window_id, seen=False, error=None)
        browser = browser.handed(answer.secret)
    else:
        after = replace(attempt, window_id=None, error=Reason.WINDOW_NOT_OPEN)
    save(db, after)
    return after, browser


def unreadable(db: Session, attempt: Attempt) -> Attempt:
    """Say that nothing was opened: no sign of ours came. A window that waits stays as it is."""
    after = replace(attempt, error=Reason.WINDOW_NOT_OPEN)
    save(db, after)
    return after
