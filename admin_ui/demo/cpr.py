"""Synthetic CPR numbers for demo people: never a number that a person could have.

The rule is the one for test users: 60 is added to the day of the birth date, so that the number names no day there
is, and the check digit is right for modulus 11 (STIL, "Pseudo-CPR"; CPR-kontoret, "Personnummeret i CPR").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

_WEIGHTS: Final = (4, 3, 2, 7, 6, 5, 4, 3, 2)
_MODULUS: Final = 11
_SERIALS_BEFORE_2000: Final = (0, 399)
_SERIALS_FROM_2000: Final = (400, 999)
_FIRST_YEAR_OF_CENTURY: Final = 2000
_LAST_YEAR: Final = 2036
_FIRST_YEAR: Final = 1900


class CprIssuer:
    """Gives out numbers, each once. ``issued`` is how many: as many as there are distinct people."""

    def __init__(self) -> None:
        self.issued = 0
        self._next: dict[tuple[date, str], int] = {}

    def issue(self, born: date, gender: str) -> str:
        """Ten digits for somebody born that day; the last is odd for ``M`` and even for ``K``.

        Raises:
            ValueError: born outside 1900-2036, or all numbers of that day and gender are given out.
        """
        if not _FIRST_YEAR <= born.year <= _LAST_YEAR:
            message = f"no serial numbers for a birth in {born.year}"
            raise ValueError(message)
        first, last = _SERIALS_BEFORE_2000 if born.year < _FIRST_YEAR_OF_CENTURY else _SERIALS_FROM_2000
        parity = 1 if gender == "M" else 0
        start = f"{born.day + 60:02d}{born.month:02d}{born.year % 100:02d}"
        key = (born, gender)
        for serial in range(self._next.get(key, first), last + 1):
            nine = f"{start}{serial:03d}"
            check = -sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, nine, strict=True)) % _MODULUS
            if check <= 9 and check % 2 == parity:  # noqa: PLR2004 (a digit)
                self._next[key] = serial + 1
                self.issued += 1
                return f"{nine}{check}"
        message = f"no synthetic CPR numbers left for {born.isoformat()}"
        raise ValueError(message)
