"""The codes that very many people choose, kept small: 30,000 of them in a quarter of a megabyte.

Each is kept as the first eight bytes of a digest, sorted in one run of bytes. A code that is not on the list is taken
for one that is with a chance of one in 10^14.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Final

from policies.spelling import spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BYTES: Final = 8
_MOST_ADDED: Final = 4
_MOST_ADDED_TO_A_WORD: Final = 6
_SHORTEST: Final = 3


@dataclass(frozen=True, slots=True)
class FrequentCodes:
    """A set of codes. Make one with :meth:`of`, once, and hand it to :func:`policies.chosen.faults_of`."""

    _digests: bytes = field(repr=False)

    @classmethod
    def of(cls, codes: Iterable[str]) -> FrequentCodes:
        """Keep ``codes``, in all their spellings."""
        digests = {_digest(form) for code in codes for form in spellings(code)}
        return cls(b"".join(sorted(digests)))

    def __len__(self) -> int:
        return len(self._digests) // _BYTES

    def __contains__(self, code: object) -> bool:
        """Say whether ``code`` is one of these, or one of these with at most four digits and signs around it.

        Around a single word there may be six: monkey123!!! is monkey.
        """
        return isinstance(code, str) and any(self._has(form) for core in _cores(code) for form in spellings(core))

    def _has(self, form: str) -> bool:
        wanted = _digest(form)
        at = bisect_left(_Slices(self._digests), wanted)
        return self._digests[at * _BYTES : (at + 1) * _BYTES] == wanted


class _Slices:
    """The digests as a sequence, for the search by halves."""

    def __init__(self, digests: bytes) -> None:
        self._digests = digests

    def __len__(self) -> int:
        return len(self._digests) // _BYTES

    def __getitem__(self, at: int) -> bytes:
        return self._digests[at * _BYTES : (at + 1) * _BYTES]


def _cores(code: str) -> Iterator[str]:
    word = "".join(filter(str.isalpha, code))
    if word in code and len(word) >= _SHORTEST and len(code) - len(word) <= _MOST_ADDED_TO_A_WORD:
        yield word
    before, behind = (_others(code[:_MOST_ADDED]), _others(code[: -_MOST_ADDED - 1 : -1]))
    for first, last in product(range(before + 1), range(behind + 1)):
        if first + last <= _MOST_ADDED and len(code) - first - last >= _SHORTEST:
            yield code[first : len(code) - last]


def _others(signs: str) -> int:
    """Return how many signs come before the first letter."""
    return next((at for at, sign in enumerate(signs) if sign.isalpha()), len(signs))


def _digest(form: str) -> bytes:
    return hashlib.blake2b(form.encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()
