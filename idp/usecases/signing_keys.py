"""The keys we sign ID Tokens with; how they take turns stands in :mod:`idp.usecases.rotating_keys`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from idp.outside.jose import ALGORITHMS, MadeKey, Signer, make_key, signer
from idp.usecases.rotating_keys import PUBLISHED, REVOKED, RotatingKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from idp.store.base import AnyRow
    from idp.usecases.system import System

READ_AFTER: Final = timedelta(hours=1)
"""How long a key is published before it signs. Services keep what they read for minutes, by our word."""


@dataclass(frozen=True, repr=False)
class KeyRing:
    """The keys as one process has read them."""

    version: int
    signers: dict[str, Signer]
    """Algorithm -> what signs with the current key."""
    published: dict[str, Any]
    """The JWK Set that everybody may read, the current keys first."""
    ever: dict[str, Any]
    """The JWK Set of every key there ever was but revoked ones, for hints that may be old."""

    @property
    def lacks(self) -> bool:
        """Whether there is an algorithm that nothing signs with."""
        return len(self.signers) < len(ALGORITHMS)

    def __repr__(self) -> str:
        """Never show a key."""
        return f"KeyRing({self.version})"


def _make(_: System, algorithm: str) -> tuple[MadeKey, None]:
    return make_key(algorithm), None


def _read(version: int, rows: Sequence[AnyRow], opened: Callable[[AnyRow], bytes]) -> KeyRing:
    return KeyRing(
        version=version,
        signers={row.algorithm: signer(row.kid, row.algorithm, opened(row)) for row in rows if row.status == "current"},
        published={
            "keys": [row.public_jwk for status in PUBLISHED for row in rows if row.status == status],
        },
        ever={"keys": [row.public_jwk for row in rows if row.status != REVOKED]},
    )


KEYS: Final[RotatingKeys[KeyRing]] = RotatingKeys(
    use="oidc", algorithms=ALGORITHMS, make=_make, read=_read, read_after=lambda _: READ_AFTER
)
key_ring = KEYS.ring
has_keys = KEYS.there_are
ensure_keys = KEYS.ensure
rotate = KEYS.rotate
revoke = KEYS.revoke
listed_keys = KEYS.listed
