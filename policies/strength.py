"""How strong an assigned code is, in bits, for administrators who weigh one policy against another.

The bits of a code that is drawn at random: each more doubles the work of a guesser who knows exactly how codes are made.
Nothing is said of self-chosen codes here; nobody knows how a person chose. Their author gets a hint in words, from
``idp/static/choose_code.js``, in the browser alone.
"""

from __future__ import annotations

from math import floor, log2
from typing import TYPE_CHECKING, Final

from policies.pictures import code_space
from policies.vocabulary import CodeShape

if TYPE_CHECKING:
    from policies.rules import Rules
    from policies.vocabulary import Stage

_NUMBERS: Final = 100


def assigned_codes(rules: Rules, stage: Stage) -> int:
    """Return how many different codes may be assigned to people of ``stage``.

    The few pairs of words that are never drawn (:mod:`policies.avoided`) are counted: they are under one in a hundred.
    """
    words = len(rules.words.words)
    match rules.codes[stage].shape:
        case CodeShape.PICTURES:
            return code_space(len(rules.pictures.alphabet), rules.pictures.length)
        case CodeShape.TWO_WORDS:
            return words * (words - 1)
        case CodeShape.TWO_WORDS_TWO_DIGITS:
            return words * (words - 1) * (_NUMBERS - len(rules.words.digits_avoided))


def assigned_bits(rules: Rules, stage: Stage) -> float:
    """Return the strength of a code assigned to people of ``stage``, in bits with one decimal, rounded down."""
    return floor(10 * log2(assigned_codes(rules, stage))) / 10
