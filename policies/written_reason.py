"""The reason that somebody writes for using power over another: there must be one, and it must be readable."""

from __future__ import annotations

import unicodedata
from typing import Final

from policies.decision import Allow, Deny
from policies.vocabulary import Reason

LONGEST: Final = 255
_TURNS_TEXT: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that turn the direction of the text around them, so that it reads otherwise than it was written."""


def tidy(text: str) -> str:
    """Return the reason as it is kept: NFC, one line, no blanks around it or doubled."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def is_good(text: str) -> Allow | Deny:
    """Say whether a tidy reason is there, short enough, and made of signs that a person can see."""
    if not text:
        return Deny(Reason.REASON_MISSING)
    if len(text) > LONGEST:
        return Deny(Reason.REASON_TOO_LONG)
    if any(unicodedata.category(sign) in {"Cc", "Cs"} or sign in _TURNS_TEXT for sign in text):
        return Deny(Reason.REASON_UNREADABLE)
    return Allow()
