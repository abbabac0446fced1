"""Compare what is known with what a delivery wants, row by row, by key and digest. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Key = tuple[str, ...]
DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Difference:
    """Keys that are new, that say something else, and that are gone; each list in order."""

    added: tuple[Key, ...]
    changed: tuple[Key, ...]
    ended: tuple[Key, ...]


def compare(before: Mapping[Key, tuple[int, bytes]], after: Mapping[Key, bytes]) -> Difference:
    """Compare rows that are (id, digest) with digests that are wanted."""
    return Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(key for key, digest in after.items() if key in before and before[key][1] != digest)),
        ended=tuple(sorted(before.keys() - after.keys())),
    )


def digest(packed: str) -> bytes:
    """Return BLAKE2b-128 over a body that was packed."""
    return hashlib.blake2b(packed.encode(), digest_size=DIGEST_BYTES).digest()
