"""Giving out synthetic CPR numbers, each once; the rule for them is :func:`policies.identifiers.synthetic_cpr`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.identifiers import synthetic_cpr

if TYPE_CHECKING:
    from datetime import date

    from policies.vocabulary import Gender


class CprIssuer:
    """Gives out test numbers. ``issued`` is how many: as many as there are distinct people."""

    def __init__(self) -> None:
        self.issued = 0
        self._given_out: dict[tuple[date, Gender], int] = {}

    def issue(self, born: date, gender: Gender) -> str:
        """Ten digits for somebody born that day, never given out before.

        Raises:
            ValueError: the day has no numbers left for that gender (there are some 180 to 270).
        """
        sequence = self._given_out.get((born, gender), 0)
        number = synthetic_cpr(born, sequence, gender)
        self._given_out[born, gender] = sequence + 1
        self.issued += 1
        return number
