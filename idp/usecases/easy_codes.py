"""Random characters that are easy to read aloud and to type: no 0 and O, no 1, I and L. Each is worth 4.9 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
GROUP: Final = 4


def easy_code(draw: Callable[[int], int], length: int) -> str:
    """Return so many random characters, in groups of four with hyphens between."""
    return grouped("".join(ALPHABET[draw(len(ALPHABET))] for _ in range(length)))


def grouped(text: str) -> str:
    """Put a hyphen after every fourth character."""
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def normalised(typed: str) -> str:
    """Return what was typed in capitals, without hyphens, blanks and anything else that stands in no such code."""
    return "".join(character for character in typed.upper() if character in ALPHABET)
