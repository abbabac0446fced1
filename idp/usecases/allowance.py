"""How many rows may still be written that anybody can bring about: so many in a span of time for each cause, and in all.

Counted in this process's memory. Whoever uses an allowance up takes nothing from another cause's share, only from what
all causes have together.
"""

from __future__ import annotations

from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime, timedelta


class Allowance:
    """One span after the other, each with its own count."""

    def __init__(self, span: timedelta) -> None:
        """Begin the first span when the first one asks."""
        self._span = span
        self._lock = Lock()
        self._begun: datetime | None = None
        self._taken: Counter[Hashable] = Counter()

    def take(self, cause: Hashable, now: datetime, *, each: int, together: int) -> bool:
        """Say whether ``cause`` may once more, and count it."""
        with self._lock:
            if self._begun is None or not self._begun <= now < self._begun + self._span:
                self._begun, self._taken = now, Counter()
            if self._taken[cause] >= each or self._taken.total() >= together:
                return False
            self._taken[cause] += 1
            return True
