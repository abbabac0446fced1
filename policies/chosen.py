"""What is wrong with a code that a person chooses.

Everything is accepted as it is typed, in any script, with blanks and signs inside, up to the length of the stage's rule;
:func:`faults_of` names what is not: too short, what everybody knows about the person, what everybody chooses, what is no
code at all. A code that nobody could type again is refused as well, so that an accepted code is heard at each login
exactly as it was chosen: ``normalise_text`` changes nothing in it but its Unicode form.

Whether the code was had before is not known here: earlier codes are hashes (``Reason.CODE_USED_BEFORE``).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from policies.codes import normalise_text
from policies.spelling import parts_of, spellings, words_of
from policies.vocabulary import Reason, SignKind

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator
    from datetime import date

    from policies.rules import ChosenWords, CodeRule

_LONG_ENOUGH_ANYWHERE: Final = 4
"""Names of so many letters are refused anywhere in a code; Bo and Mia as a word of their own only, not in robot or mias."""
_LONG_STEM: Final = 5
_FEWEST_SIGNS: Final = 5
_SHORTEST_RUN: Final = 3
_SHORTEST_ROW: Final = 4  # tre and ret lie on the keyboard too
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyzæøå",
    "01234567890",
    "qwertyuiopå",
    "asdfghjklæø",
    "zxcvbnm",
    "qazwsxedcrfvtgbyhnujmik",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    '!"#¤%&/()=',
    "!@#$%^&*()",
)
_INVISIBLE: Final = frozenset(
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\u3164\ufeff\uffa0"
    "\ufff9\ufffa\ufffb\ufffd"
)
"""Marks of direction, breaks and fillers; U+FFFD is what is left of a sign that came broken. Joiners, which hold emoji
and some scripts together, are not among them."""
_SIGNS: Final[dict[SignKind, tuple[Reason, Callable[[str], bool]]]] = {
    SignKind.UPPER: (Reason.CODE_NEEDS_UPPER, lambda sign: sign.isupper() or unicodedata.category(sign) == "Lo"),
    SignKind.LOWER: (Reason.CODE_NEEDS_LOWER, lambda sign: sign.islower() or unicodedata.category(sign) == "Lo"),
    SignKind.DIGIT: (Reason.CODE_NEEDS_DIGIT, str.isdecimal),
}
"""A letter of a script that has no capitals (Lo) stands for both, or nobody could choose a code in Arabic."""
_PARTICLES: Final = frozenset(["af", "al", "de", "del", "den", "der", "di", "du", "el", "la", "le", "van", "von"])
"""Parts of names that are in the way of half the language, and tell nobody apart."""
_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[ ./_-](?=\d)")
_DIGITS: Final = re.compile(r"\d+")
_DAY_AND_MONTH: Final = 4


@dataclass(frozen=True, slots=True)
class About:
    """What is known of the person, and must not stand in the code.

    names     given and family names, alias, call name: whole or in parts, as they are written
    username  the name for logging in
    born      the birth date
    schools   names of the institutions the person is at
    """

    names: tuple[str, ...] = ()
    username: str | None = None
    born: date | None = None
    schools: tuple[str, ...] = ()


def faults_of(
    rule: CodeRule, code: str, about: About, *, words: ChosenWords, frequent: Container[str]
) -> tuple[Reason, ...]:
    """Return why ``code`` is refused, all of it, always in the same order; nothing when it is accepted.

    ``code`` is what was typed, not yet normalised; ``words`` are ``rules.chosen`` and ``frequent`` the
    :class:`policies.frequent_codes.FrequentCodes`. Length is counted in code points after NFC.
    """
    if not rule.self_chosen:
        return (Reason.CODE_NOT_YOURS_TO_CHOOSE,)
    normal = unicodedata.normalize("NFC", code)
    if len(normal) > rule.chosen_most:  # nothing else is looked for in a megabyte
        return (Reason.CODE_TOO_LONG,)
    return (
        *_faults_of_form(rule, normal),
        *_faults_of_content(normal, about, words),
        *_faults_of_strength(normal, words, frequent),
    )


def shows_the_person(code: str, about: About, words: ChosenWords) -> bool:
    """Say whether something that others know of the person stands in ``code``; for codes that are about to be assigned."""
    return any(_faults_of_content(code, about, words))


def _faults_of_form(rule: CodeRule, code: str) -> Iterator[Reason]:
    if len(code) < rule.chosen_least:
        yield Reason.CODE_TOO_SHORT
    if normalise_text(code) != code:
        yield Reason.CODE_BLANK_AT_END
    if any(sign in _INVISIBLE or unicodedata.category(sign) in {"Cc", "Cs"} for sign in code):
        yield Reason.CODE_HIDDEN_SIGN
    for kind in SignKind:
        reason, has = _SIGNS[kind]
        if kind in rule.chosen_signs and not any(has(sign) for sign in code):
            yield reason


def _faults_of_content(code: str, about: About, words: ChosenWords) -> Iterator[Reason]:
    whole, alone = spellings(code), words_of(code)
    names = [part for name in about.names for part in parts_of(name) if part.casefold() not in _PARTICLES]
    if _shows(names, whole, alone):
        yield Reason.CODE_HAS_NAME
    if about.username and _shows((about.username,), whole, alone):
        yield Reason.CODE_HAS_USERNAME
    if about.born and _shows_date(about.born, code):
        yield Reason.CODE_HAS_BIRTH_DATE
    if _shows_school(about.schools, words, whole, alone):
        yield Reason.CODE_HAS_SCHOOL
    if _anywhere(words.calendar, whole) or _alone(words.calendar_alone, alone):
        yield Reason.CODE_HAS_CALENDAR


def _faults_of_strength(code: str, words: ChosenWords, frequent: Container[str]) -> Iterator[Reason]:
    if code in frequent or _anywhere(words.frequent, spellings(code)):
        yield Reason.CODE_TOO_COMMON
    if signs_that_count(code) < _FEWEST_SIGNS:
        yield Reason.CODE_TOO_PLAIN


def signs_that_count(code: str) -> int:
    """Return how many signs are left of a code when each run counts as one: abcd1234 has two, hesthest four.

    A run is three or more signs that repeat one another or digits in a row, or four or more that follow one another in
    the alphabet or on the keyboard, forwards or backwards. A code that is one piece over and over counts as that piece.
    """
    text = code.casefold()
    piece = next((text[:size] for size in range(1, len(text) + 1) if _is_repeated(text, size)), text)
    count = at = 0
    while at < len(piece):
        at += max(_same(piece, at), *(_run(piece, at, row) for row in _ROWS))
        count += 1
    return count


def _is_repeated(text: str, size: int) -> bool:
    return text == (text[:size] * (len(text) // size + 1))[: len(text)]


def _run(text: str, at: int, row: str) -> int:
    """Return how many signs from ``at`` on follow one another in ``row``, forwards or backwards; 1 if they are too few."""
    longest = 1
    for line in (row, row[::-1]):
        end = at + 1
        while end < len(text) and text[at : end + 1] in line:
            end += 1
        longest = max(longest, end - at)
    return longest if longest >= (_SHORTEST_ROW if row[0].isalpha() else _SHORTEST_RUN) else 1


def _same(text: str, at: int) -> int:
    end = at + 1
    while end < len(text) and text[end] == text[at]:
        end += 1
    return end - at if end - at >= _SHORTEST_RUN else 1


def _shows(names: Iterable[str], whole: frozenset[str], alone: frozenset[str]) -> bool:
    names = tuple(names)
    return _anywhere((name for name in names if len(name) >= _LONG_ENOUGH_ANYWHERE), whole) or _alone(
        (name for name in names if 1 < len(name) < _LONG_ENOUGH_ANYWHERE), alone
    )


def _anywhere(words: Iterable[str], whole: frozenset[str]) -> bool:
    return any(form in spelled for word in words for form in spellings(word) for spelled in whole)


def _alone(words: Iterable[str], alone: frozenset[str]) -> bool:
    return any(not spellings(word).isdisjoint(alone) for word in words)


def _shows_school(schools: Iterable[str], words: ChosenWords, whole: frozenset[str], alone: frozenset[str]) -> bool:
    """Look for the name as a whole, its words, and what is left of a word without "skole": Skovbakkeskolen, skovbakke.

    Short stems only as a word of their own, or the pupils of Skovskolen could write nothing of woods.
    """
    plain = set(words.school_words)
    endings = sorted(plain, key=len, reverse=True)
    anywhere: set[str] = set()
    by_themselves: set[str] = set()
    for school in schools:
        parts = [part.casefold() for part in parts_of(school)]
        anywhere.add("".join(parts))
        for part in parts:
            stem = next((part.removesuffix(end) for end in endings if part.endswith(end)), part)
            if part not in plain and len(part) > len(stem):
                anywhere.add(part)
            (anywhere if len(stem) >= _LONG_STEM else by_themselves).add(stem)
    anywhere = {name for name in anywhere if len(name) >= _LONG_ENOUGH_ANYWHERE and name not in plain}
    by_themselves = {name for name in by_themselves if len(name) > 2 and name not in plain}  # noqa: PLR2004 (af, og, St)
    return _anywhere(anywhere, whole) or _alone(by_themselves, alone)


def _shows_date(born: date, code: str) -> bool:
    """Look for the date in digits, day or year first, with or without dividers, noughts and century.

    Day and month without a year only where nothing but they stand in a row of digits.
    """
    day, month, year = born.day, born.month, born.year
    days, months, years = {f"{day}", f"{day:02}"}, {f"{month}", f"{month:02}"}, {f"{year}", f"{year % 100:02}"}
    short = {d + m for d in days for m in months} | {m + d for d in days for m in months}
    full = {f"{d}{m}{y}" for d in days for m in months for y in years}
    full |= {f"{y}{m}{d}" for d in days for m in months for y in years}
    full |= {f"{m}{d}{y}" for d in days for m in months for y in years}
    short = {spelled for spelled in short | full if len(spelled) == _DAY_AND_MONTH}
    full = {spelled for spelled in full if len(spelled) > _DAY_AND_MONTH}
    joined = _BETWEEN_DIGITS.sub("", code)
    for run in (*_DIGITS.findall(joined), *_DIGITS.findall(code)):
        if run in short or any(spelled in run for spelled in full):
            return True
    return False
