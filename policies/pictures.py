"""Picture codes: the alphabet, what a code looks like, and how strong it is (decision 13).

A code is an ordered choice of different pictures. The names are stable and belong to the openly licensed set
``@iconify-json/fluent-emoji-flat``; what a page sends for each picture is fresh every time and not our business here.
The order of the alphabet is fixed, since small children remember where a picture lies.
"""

from __future__ import annotations

from math import perm
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PICTURES: Final[tuple[str, ...]] = (
    "automobile",
    "house",
    "soft-ice-cream",
    "sun",
    "horse",
    "sailboat",
    "bird",
    "red-apple",
    "cat",
    "soccer-ball",
    "tulip",
    "fish",
    "crescent-moon",
    "key",
    "deciduous-tree",
    "birthday-cake",
)
"""The sixteen pictures, in the order in which every page shows them. A policy may use the first nine or more."""

FEWEST_PICTURES: Final = 9
CODE_LENGTH: Final = 4


def code_space(alphabet: int, length: int = CODE_LENGTH) -> int:
    """Return how many codes there are of ``length`` different pictures among ``alphabet``: 43,680 for 4 of 16."""
    return perm(alphabet, length)


def is_well_formed(code: Sequence[str], *, alphabet: Sequence[str] = PICTURES, length: int = CODE_LENGTH) -> bool:
    """Say whether ``code`` is ``length`` different pictures of the alphabet."""
    return len(code) == length == len(set(code)) and set(code) <= set(alphabet)


def normalised(code: Sequence[str]) -> str:
    """Return the text that is hashed: the names in order with one space between, ``"house sun cat key"``."""
    return " ".join(code)


def draw_code(
    draw: Callable[[int], int], *, alphabet: Sequence[str] = PICTURES, length: int = CODE_LENGTH
) -> tuple[str, ...]:
    """Return a code, each as likely as any other. ``draw(n)`` gives a uniform whole number below ``n``."""
    left = list(alphabet)
    return tuple(left.pop(draw(len(left))) for _ in range(length))
