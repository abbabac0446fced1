"""Word codes: two words that a child can read and type, from a list of our own (``data/words.txt``).

``hest-banan`` for mellemtrin, ``Hest-Banan47`` from udskoling on. The hyphen keeps the eye from reading a third word
across the seam. What is typed must be what was shown, hyphen and capitals included: a code that a person chooses
later passes the same door, and a door that forgives in one place is hard to describe and to keep strong. Only the
Unicode form is evened out, and blanks around it (:func:`policies.codes.normalise_text`).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from policies.avoided import is_avoided
from policies.rules import WordList
from policies.vocabulary import CodeShape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["WordList", "assigned_lengths", "read_words", "two_words", "two_words_two_digits", "word_faults"]

SEAM: Final = "-"
LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzæøå")
_DIGITS: Final = 2
_LOOKS_LIKE: Final = (("å", "a"), ("ø", "o"), ("æ", "a"), ("rn", "m"), ("vv", "w"), ("cl", "d"), ("j", "i"), ("l", "i"))


def read_words(text: str) -> tuple[str, ...]:
    """Return the words of a list: separated by blanks, many to a line; a line that begins with # is a remark."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return tuple(word for line in lines for word in line.split())


def two_words(words: WordList, draw: Callable[[int], int]) -> str:
    """Return two different words in lower case, ``hest-banan``; ``draw(n)`` gives a uniform whole number below ``n``."""
    return SEAM.join(_pair(words, draw))


def two_words_two_digits(words: WordList, draw: Callable[[int], int]) -> str:
    """Return two different capitalised words and two digits, ``Hest-Banan47``."""
    numbers = [number for number in range(10**_DIGITS) if number not in words.digits_avoided]
    pair = SEAM.join(word.capitalize() for word in _pair(words, draw))
    return f"{pair}{numbers[draw(len(numbers))]:0{_DIGITS}}"


def assigned_lengths(words: WordList, shape: CodeShape) -> tuple[int, int]:
    """Return the least and most characters that a code assigned in ``shape`` can have."""
    lengths = sorted(len(word) for word in words.words)
    more = len(SEAM) + (_DIGITS if shape is CodeShape.TWO_WORDS_TWO_DIGITS else 0)
    return 2 * lengths[0] + more, 2 * lengths[-1] + more


def word_faults(words: WordList, *, least: int) -> Iterator[str]:
    """Yield what is wrong with the list, one sentence each."""
    if len(words.words) < least:
        yield f"{len(words.words)} words, and at least {least} are needed"
    rude = is_avoided("\n".join(words.words))
    for word, times in Counter(words.words).items():
        if times > 1:
            yield f"{word!r} stands {times} times"
        if not set(word) <= LETTERS:
            yield f"{word!r} has more than the letters a to å in it"
        if rude and is_avoided(word):
            yield f"{word!r} shows something rude"
    alike: dict[str, str] = {}
    for word in dict.fromkeys(words.words):
        if (other := alike.setdefault(_as_seen(word), word)) != word:
            yield f"{word!r} looks like {other!r}"


def _pair(words: WordList, draw: Callable[[int], int]) -> tuple[str, str]:
    """Draw two different words; the few pairs that would show something rude across the seam are drawn again."""
    while True:
        first = draw(len(words.words))
        second = draw(len(words.words) - 1)
        pair = words.words[first], words.words[second if second < first else second + 1]
        if not is_avoided("".join(pair)):
            return pair


def _as_seen(word: str) -> str:
    for sign, like in _LOOKS_LIKE:
        word = word.replace(sign, like)
    return word
