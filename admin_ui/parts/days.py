"""Days as people type them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import Final

_DAYS: Final = ("%Y-%m-%d", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%Y")
"""How a day may be typed: as browsers send it, and as people write it where a browser has no calendar."""
_LONGEST_DAY: Final = 10


def read_day(typed: str) -> date | None:
    """Return the day that was typed, None when it is none."""
    for form in _DAYS if len(typed) <= _LONGEST_DAY else ():
        with suppress(ValueError):
            return datetime.strptime(typed, form).date()  # noqa: DTZ007 (a day has no zone)
    return None
