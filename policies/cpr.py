"""CPR numbers: their form, the day they name, and synthetic ones for demo and tests.

Ten digits: day, month, year, and four whose first tells the century. A test number has 60 added to the day (STIL's rule
for test users), so it can belong to nobody. The old check digit is not demanded: numbers without it exist since 2007.
Nothing here is ever put in a message.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from policies.vocabulary import Gender

_TEN_DIGITS: Final = re.compile(r"[0-9]{10}", re.ASCII)
_TEST_DAYS: Final = 60
_MODULUS: Final = 11
_WEIGHTS: Final = (4, 3, 2, 7, 6, 5, 4, 3, 2)

# (first and last value of the seventh digit, last year of the later century, later century, earlier century)
_CENTURIES: Final = (
    (0, 3, -1, 2000, 1900),
    (4, 4, 36, 2000, 1900),
    (5, 8, 57, 2000, 1800),
    (9, 9, 36, 2000, 1900),
)


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
    day, month, year, seventh = int(text[:2]), int(text[2:4]), int(text[4:6]), int(text[6])
    for first, last, limit, later, earlier in _CENTURIES:
        if first <= seventh <= last:
            year += later if year <= limit else earlier
            break
    try:
        return date(year, month, day - _TEST_DAYS if day > _TEST_DAYS else day)
    except ValueError:
        return None


def synthetic_cpr(birth_date: date, sequence: int, gender: Gender | str) -> str:
    """Return the ``sequence``-th test number of that day and gender: day plus 60, with a right check digit.

    The last digit is odd for men and even for women. A day has some 150 to 270 numbers of each gender, counted from 0.
    Raises ValueError when the day has fewer.
    """
    odd = Gender(gender) is Gender.MALE
    beginning = f"{birth_date.day + _TEST_DAYS:02}{birth_date:%m%y}"
    left = sequence
    for serial in range(1000):
        nine = f"{beginning}{serial:03}"
        digit = -sum(weight * int(sign) for weight, sign in zip(_WEIGHTS, nine, strict=True)) % _MODULUS
        if digit > 9 or digit % 2 != odd or cpr_birth_date(f"{nine}{digit}") != birth_date:  # noqa: PLR2004
            continue
        if left == 0:
            return f"{nine}{digit}"
        left -= 1
    raise ValueError(f"no test number {sequence} for that day and gender")
