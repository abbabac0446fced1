"""The only place that knows what time it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.now(UTC)


class SteerableClock:
    """The machine's clock plus the seconds that a file holds, so that a running test server can be moved (decision 29).

    A file that is missing or holds anything else than a number moves nothing.
    """

    def __init__(self, file: Path | str) -> None:
        """Watch ``file``; it is read at every question."""
        self._file = Path(file)

    def now(self) -> datetime:
        """Return the moved time, aware, in UTC."""
        try:
            seconds = float(self._file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            seconds = 0.0
        return datetime.now(UTC) + timedelta(seconds=seconds)
