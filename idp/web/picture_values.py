"""What a page sends for each picture: fresh for every page, good for one login only, and checked without a store.

A value is a random page number and a keyed digest over the login's handle, the page number and the picture's name.
Two tabs of one login both work; a form recorded in another login means nothing here.
"""

from __future__ import annotations

import binascii
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Final

from idp.outside.sealing import keyed_digest, same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PAGE_BYTES: Final = 9
_DIGEST_BYTES: Final = 9
_LENGTH: Final = (_PAGE_BYTES + _DIGEST_BYTES) * 4 // 3


def fresh_values(key: bytes, handle: str, names: Sequence[str]) -> Mapping[str, str]:
    """Return name -> value for one page."""
    number = secrets.token_bytes(_PAGE_BYTES)
    return {name: urlsafe_b64encode(number + _digest(key, handle, number, name)).decode() for name in names}


def names_of(key: bytes, handle: str, values: Sequence[str], names: Sequence[str]) -> tuple[str, ...] | None:
    """Return the names behind the values of one page of this login, in their order; None when any is not from it."""
    numbers = set()
    found = []
    for value in values:
        raw = _raw(value)
        number, digest = raw[:_PAGE_BYTES], raw[_PAGE_BYTES:]
        numbers.add(number)
        found += [name for name in names if same(digest, _digest(key, handle, number, name))]
    return tuple(found) if len(found) == len(values) and len(numbers) == 1 else None


def _digest(key: bytes, handle: str, number: bytes, name: str) -> bytes:
    return keyed_digest(key, "picture-value", handle, number, name)[:_DIGEST_BYTES]


def _raw(value: str) -> bytes:
    if len(value) != _LENGTH or not value.isascii():
        return b""
    try:
        return urlsafe_b64decode(value)
    except (binascii.Error, ValueError):
        return b""
