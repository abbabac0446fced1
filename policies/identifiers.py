"""Usernames, user ids, pairwise subjects and institution numbers. Randomness and secrets are arguments.

A username is public to a class; it is not a secret, but it tells no more than a first name or alias. Who makes one
passes the name that others may see (:func:`policies.protection.shown_name`), never a protected person's own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from typing import TYPE_CHECKING, Final

from policies.avoided import is_avoided

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEM_LENGTH: Final = 4
TAIL_LENGTH: Final = 4
UNAMBIGUOUS: Final = "bcdfghjkmnpqrtvwxz23456789"
"""No vowels, so that no word arises by chance, and nothing that looks like 0, 1 or 5 (o, i, l, s)."""

_FOLDED: Final = str.maketrans(
    {"æ": "ae", "ø": "oe", "å": "aa", "ß": "ss", "ð": "d", "þ": "th", "ł": "l", "đ": "d", "ı": "i"}
)
_INSTITUTION_NUMBER: Final = re.compile(r"[0-9A-Z]{6}", re.ASCII)
_USER_ID_DIGITS: Final = 10


def folded(name: str) -> str:
    """Return ``name`` in the letters a to z: Søren gives soeren, Zoë zoe; other alphabets give nothing."""
    lowered = unicodedata.normalize("NFC", name).lower().translate(_FOLDED)
    return "".join(letter for letter in unicodedata.normalize("NFKD", lowered) if "a" <= letter <= "z")


def candidates(first_name: str, draw: Callable[[int], int]) -> Iterator[str]:
    """Yield usernames without end, each of eight signs: four letters of the name, and four random ones (``soer4k7t``).

    The caller takes the first that nobody has or ever had. A short name is filled up, and a name whose first letters
    are rude in Danish keeps only its first one. ``draw(n)`` gives a uniform whole number below ``n``.
    """
    stem = folded(first_name)[:STEM_LENGTH]
    if is_avoided(stem):
        stem = stem[:1]
    while True:
        tail = "".join(UNAMBIGUOUS[draw(len(UNAMBIGUOUS))] for _ in range(STEM_LENGTH - len(stem) + TAIL_LENGTH))
        if not is_avoided(stem + tail):
            yield stem + tail


def user_id(draw: Callable[[int], int]) -> str:
    """Return a new UniID: ten hexadecimal signs, in the form of Unilogin's since 2022 (``1000013b36``).

    Uniqueness is the caller's, as for usernames.
    """
    return f"{draw(16**_USER_ID_DIGITS):0{_USER_ID_DIGITS}x}"


def pairwise_subject(secret: bytes, sector: str, person_uniid: str) -> str:
    """Return the ``sub`` that one sector's services know a person by (OpenID Connect Core 8.1).

    A keyed hash (HMAC-SHA-256) in 43 signs of base64url: always the same for the three arguments, and of no use to
    services of two sectors that compare. ``sector`` is the host name of the sector identifier.
    """
    message = b"\0".join((b"pairwise-subject", sector.encode(), person_uniid.encode()))
    return base64.urlsafe_b64encode(hmac.digest(secret, message, hashlib.sha256)).rstrip(b"=").decode()


def institution_number_ok(text: str) -> bool:
    """Say whether ``text`` has the form of an institution number: six digits or capitals (Regnr)."""
    return _INSTITUTION_NUMBER.fullmatch(text) is not None
