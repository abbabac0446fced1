"""Chance that repeats: everything the demo draws comes from one seeded generator, in one order."""

from __future__ import annotations

from random import Random  # noqa: TID251 (the demo must repeat; no secret is drawn here)
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

_Item = TypeVar("_Item")


class Chance:
    """A seeded generator. Draws only by ``Random.random()``, which Python promises to keep from version to version."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random  # noqa: S311 (as above)

    def below(self, end: int) -> int:
        """An integer from 0 up to ``end``, which is not among them."""
        return int(self._random() * end)

    def between(self, first: int, last: int) -> int:
        """An integer from ``first`` to ``last``, both among them."""
        return first + int(self._random() * (last - first + 1))

    def happens(self, percent: float) -> bool:
        """True that often."""
        return self._random() * 100 < percent

    def pick(self, items: Sequence[_Item]) -> _Item:
        """One of them, each as likely."""
        return items[int(self._random() * len(items))]

    def shuffle(self, items: list[_Item]) -> None:
        """In place (Fisher and Yates)."""
        for index in range(len(items) - 1, 0, -1):
            other = int(self._random() * (index + 1))
            items[index], items[other] = items[other], items[index]
