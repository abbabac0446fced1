"""The queue of logins in this process: whose turn comes when, so that people wait before they type a code (decision 16).

Nobody stands in it. It is one moment, up to which every turn has been given away; each login moves it on by the time that
a hash takes here. First come, first served, in a few words of memory, however many are waiting.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_UNUSED: Final = 1_000
"""Turns that one network may have without a code for each: a large school that comes at once, 40 seconds of the queue."""
_COUNT_AGAIN: Final = timedelta(hours=1)
_ROOM_TO_BREATHE: Final = 1.2
"""Turns are given out a little more slowly than codes can be hashed, or those who come in time would still collide."""


class LoginQueue:
    """Gives each login its turn."""

    def __init__(self, hash_seconds: Callable[[], float], *, longest_seconds: float) -> None:
        """``hash_seconds`` says how long a hash takes at present; nobody is asked to wait longer than ``longest_seconds``."""
        self._hash_seconds = hash_seconds
        self._longest = timedelta(seconds=longest_seconds)
        self._given_up_to: datetime | None = None
        self._asked_at: datetime | None = None
        self._one_at_a_time = threading.Lock()
        self._unused: Counter[str] = Counter()
        self._unused_since: datetime | None = None

    def turn(self, now: datetime, network: str = "") -> datetime | None:
        """Return from when on this login may ask for its code; None when the queue has no place left.

        Behind those of a ``network`` that takes turn after turn and gives no code, nobody waits. Its name stays in memory.
        """
        with self._one_at_a_time:
            due = self._next_free(now)
            if due - now > self._longest:
                return None
            if self._unused_since is None or now - self._unused_since >= _COUNT_AGAIN:
                self._unused, self._unused_since = Counter(), now
            self._unused[network] += 1
            if self._unused[network] <= MOST_UNUSED:
                self._given_up_to = due + self._pace()
            return due

    def ahead(self, now: datetime) -> timedelta:
        """Return how long somebody who came now would wait; nobody takes a turn by asking."""
        with self._one_at_a_time:
            return self._next_free(now) - now

    def used(self, network: str) -> None:
        """A code has come for a turn that was given to ``network``."""
        with self._one_at_a_time:
            if self._unused[network] > 0:
                self._unused[network] -= 1

    def count(self, now: datetime) -> None:
        """Count a code that is hashed without a turn of its own, for instance a second try; those behind it wait for it."""
        with self._one_at_a_time:
            self._given_up_to = self._next_free(now) + self._pace()

    def _next_free(self, now: datetime) -> datetime:
        asked, self._asked_at = self._asked_at, now
        if self._given_up_to is not None and asked is not None and now < asked:
            self._given_up_to -= asked - now  # the clock was set back, and the turns with it
        given = self._given_up_to
        return now if given is None or given < now else given

    def _pace(self) -> timedelta:
        return timedelta(seconds=self._hash_seconds() * _ROOM_TO_BREATHE)
