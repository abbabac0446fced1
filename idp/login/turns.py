"""The turn that a login has in the queue: the wait comes before the code is asked for (decisions 16 and 54).

A turn is a moment in the attempt's own row. Reloading, going back, another tab or another name change nothing about it; it
is good from that moment until a code has been looked at.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from idp.usecases.guesses import line_of

if TYPE_CHECKING:
    from idp.login.attempt import Attempt, Browser
    from idp.usecases.system import System


GOOD_FOR: Final = timedelta(minutes=10)
"""Whoever takes longer to type a code is counted in the queue again, so that turns cannot be laid up for later."""


def with_turn(system: System, attempt: Attempt, browser: Browser) -> Attempt | None:
    """Return the attempt with its turn, a new one if it has none; None when the queue has no place left.

    To be called where the next page asks for a code, before anything is known about whose it is.
    """
    if attempt.turn_at is not None:
        return attempt
    now = system.now()
    due = system.queue.turn(now, line_of(browser.address))
    if due is None:
        return None
    straight_on = due - now <= timedelta(seconds=system.settings.hashing.straight_on_seconds)
    return replace(attempt, turn_at=now if straight_on else due)


def left(system: System, attempt: Attempt) -> timedelta | None:
    """Return how long the person still has to wait; None when the code may be asked for."""
    now = system.now()
    return attempt.turn_at - now if attempt.turn_at is not None and attempt.turn_at > now else None


def take(system: System, attempt: Attempt, browser: Browser) -> None:
    """A code is about to be hashed. One without a turn, such as a second try, is counted in the queue all the same."""
    now = system.now()
    if attempt.turn_at is None or attempt.turn_at + GOOD_FOR < now:
        system.queue.count(now)
    else:
        system.queue.used(line_of(browser.address))
