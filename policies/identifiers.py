"""Usernames, user ids, pairwise subjects, institution numbers and CPR numbers. Randomness and secrets are arguments.

A username is public to a class; it is not a secret, but it tells no more than a first name or alias. Who makes one
passes the name that others may see (:func:`policies.protection.shown_name`), never a protected person's own.

A CPR number is ten digits: day, month, year, and four whose first tells the century. A test number has 60 added to the
day (STIL's rule for test users), so it can belong to nobody. The old check digit is not demanded: numbers without it
exist since 2007. No function here puts a number in a message.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from datetime import date
from itertools import product
from typing import TYPE_CHECKING, Final

from policies.avoided import is_avoided
from policies.vocabulary import Gender

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
_TEN_DIGITS: Final = re.compile(r"[0-9]{10}", re.ASCII)
_TEST_DAYS: Final = 60
_MODULUS: Final = 11
_NO_CHECK_DIGIT: Final = 10
_WEIGHTS: Final = (4, 3, 2, 7, 6, 5, 4, 3, 2)

# (first and last value of the seventh digit, last year of the later century, later century, earlier century)
_CENTURIES: Final = (
    (0, 3, -1, 2000, 1900),
    (4, 4, 36, 2000, 1900),
    (5, 8, 57, 2000, 1800),
    (9, 9, 36, 2000, 1900),
)


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


def cpr_well_formed(text: str) -> bool:
    """Say whether ``text`` is ten digits that name a day, a test number's included. No hyphen, no blanks."""
    return cpr_birth_date(text) is not None


def is_test_number(text: str) -> bool:
    """Say whether a well-formed number has 60 added to its day, and so belongs to nobody."""
    return cpr_well_formed(text) and int(text[:2]) > _TEST_DAYS


def cpr_birth_date(text: str) -> date | None:
    """Return the day of birth that the number names, or None when it names none."""
    if _TEN_DIGITS.fullmatch(text) is None:
        return None
    day, month, year = int(text[:2]), int(text[2:4]), int(text[4:6])
    try:
        return date(_century(int(text[6]), year) + year, month, day - _TEST_DAYS if day > _TEST_DAYS else day)
    except ValueError:
        return None


def synthetic_cpr(birth_date: date, sequence: int, gender: Gender | str) -> str:
    """Return the ``sequence``-th test number of that day and gender: day plus 60, with a right check digit.

    The last digit is odd for men and even for women. A day has some 180 to 270 numbers of each gender, counted from 0.
    Raises ValueError when the day has fewer, or lies outside the centuries that a number can name.
    """
    odd = Gender(gender) is Gender.MALE
    beginning = f"{birth_date.day + _TEST_DAYS:02}{birth_date:%m%y}"
    year = birth_date.year % 100
    sevenths = [digit for digit in range(10) if _century(digit, year) + year == birth_date.year]
    left = sequence
    for seventh, serial in product(sevenths, range(100)):
        nine = f"{beginning}{seventh}{serial:02}"
        digit = -sum(weight * int(sign) for weight, sign in zip(_WEIGHTS, nine, strict=True)) % _MODULUS
        if digit == _NO_CHECK_DIGIT or digit % 2 != odd:
            continue
        if left == 0:
            return f"{nine}{digit}"
        left -= 1
    raise ValueError(f"no test number {sequence} for that day and gender")


def _century(seventh: int, year: int) -> int:
    limit, later, earlier = next(rest for first, last, *rest in _CENTURIES if first <= seventh <= last)
    return later if year <= limit else earlier
