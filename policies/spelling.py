"""How words are compared with codes: without regard to capitals, accents, ways of writing æøå, and signs for letters."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LONG: Final = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_SHORT: Final = str.maketrans({"æ": "a", "ø": "o", "å": "a", "ß": "s"})
_LEET: Final = str.maketrans(
    {"0": "o", "1": "i", "l": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i", "€": "e"}
)
_LETTER_SIGNS: Final = "013457@$!€"  # stand for letters where letters are around them
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_LETTERS_AND_SIGNS: Final = re.compile(rf"(?:[^\W\d_]|[{_LETTER_SIGNS}])+")
_HUMP: Final = re.compile(r"(?<=[^\W\d_A-ZÆØÅ])(?=[A-ZÆØÅ])")


def spellings(text: str) -> frozenset[str]:
    """Return the forms in which ``text`` is compared: Søren as soeren and as soren, 4nn3 as anne, l and 1 and i as one."""
    lower = unicodedata.normalize("NFC", text).casefold()
    if lower.isascii():
        return frozenset((lower.translate(_LEET),))
    return frozenset(_without_accents(lower.translate(way)).translate(_LEET) for way in (_LONG, _SHORT))


def words_of(code: str) -> frozenset[str]:
    """Return the words that stand alone in ``code``, each in its spellings: Bo-erSej12 has bo, er and sej."""
    found = set(_LETTERS.findall(code)) | set(_LETTERS_AND_SIGNS.findall(code))
    found |= {part for run in _LETTERS.findall(code) for part in _HUMP.split(run)}
    return frozenset(form for word in found for form in spellings(word))


def parts_of(name: str) -> tuple[str, ...]:
    """Return the words of a name: Anne-Sofie Lund is Anne, Sofie and Lund."""
    return tuple(_LETTERS.findall(unicodedata.normalize("NFC", name)))


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if unicodedata.category(sign) != "Mn")
