"""The keys we sign ID Tokens with: next, current and previous, private halves sealed at rest.

``next`` is published before it is used, so that services know a key when they first see its signature; ``previous`` stays
published while its signatures may be alive. Each process keeps the keys it has read until the version row says that they
have changed; the row is looked at inside a statement that is needed anyway, or at most once a second.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from idp.audit import AuditEvent
from idp.outside.jose import ALGORITHMS, Signer, make_key, signer
from idp.store import keys as store
from idp.store.db import may_write

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.db import Database
    from idp.usecases.system import System

VERSION: Final = "signing-keys-version"
USE: Final = "oidc"
REVOKED: Final = "revoked"
PUBLISHED: Final = ("current", "next", "previous")
LOOK_SECONDS: Final = 1.0
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


@dataclass(frozen=True)
class ListedKey:
    """A key as an operator sees it."""

    kid: str
    algorithm: str
    status: str
    created_at: datetime
    current_from: datetime | None
    retired_at: datetime | None


_read: WeakKeyDictionary[Database, tuple[KeyRing, float]] = WeakKeyDictionary()


def key_ring(db: Session, system: System, *, version: int | None = None) -> KeyRing:
    """Return the keys. No statement at all when ``version``, read in another statement, is that of the cached ones.

    Makes the first keys when there are none, for which ``db`` must be a unit of work that writes.
    """
    known = _read.get(system.database)
    if known is not None and not (known[0].lacks and may_write(db)):
        ring, looked = known
        if version is None and time.monotonic() - looked < LOOK_SECONDS:
            return ring
        if ring.version == (version if version is not None else store.version_now(db, VERSION)):
            _read[system.database] = (ring, time.monotonic())
            return ring
    return _read_again(db, system)


def has_keys(db: Session, system: System) -> bool:
    """Whether there are keys of every algorithm; an installation that learns a new one has none of it at first."""
    known = _read.get(system.database)
    if known is not None and not known[0].lacks:
        return True
    return not set(ALGORITHMS) - {row.algorithm for row in store.keys_for(db, USE)}


def ensure_keys(db: Session, system: System) -> bool:
    """Make the first keys, one current and one next for each algorithm; False when they are there.

    Two processes that start together make one set: who comes second waits for the version row and then sees it.
    """
    if not store.claim_version(db, VERSION):
        store.raise_version(db, VERSION)
    there = {row.algorithm for row in store.keys_for(db, USE)}
    lacking = [algorithm for algorithm in ALGORITHMS if algorithm not in there]
    for algorithm in lacking:
        for status in ("current", "next"):
            _make(db, system, algorithm, status)
    return bool(lacking)


def next_is_read_from(db: Session) -> datetime | None:
    """Return from when every service has read the next keys, so that one may rotate; None when there are none yet."""
    made = [key.created_at for key in listed_keys(db) if key.status == "next"]
    return max(made) + READ_AFTER if made else None


def rotate(db: Session, system: System) -> tuple[ListedKey, ...]:
    """Move next to current, current to previous and previous out of use, and make a new next, for each algorithm."""
    there = sorted({row.algorithm for row in store.keys_for(db, USE)})
    ensure_keys(db, system)
    if there:
        now = system.now()
        for algorithm in there:
            store.move_keys(db, USE, algorithm, "previous", status="retired", retired_at=now)
            store.move_keys(db, USE, algorithm, "current", status="previous")
            store.move_keys(db, USE, algorithm, "next", status="current", current_from=now)
            _make(db, system, algorithm, "next")
        system.record(db, AuditEvent.KEY_ROTATED, facts={"use": USE})
    return listed_keys(db)


def revoke(db: Session, system: System, kid: str) -> bool:
    """Take a key that is in wrong hands out of use and out of every set at once; False when there is no such key.

    What it signed is worth nothing from now on, also as a hint of who logged in. Where it was in use, the next one is.
    """
    found = {row.kid: row for row in store.keys_for(db, USE)}.get(kid)
    if found is None or found.status == REVOKED:
        return False
    store.raise_version(db, VERSION)
    store.revoke_key(db, kid, status=REVOKED, now=system.now())
    if found.status == "current":
        store.move_keys(db, USE, found.algorithm, "next", status="current", current_from=system.now())
    if found.status in {"current", "next"}:
        _make(db, system, found.algorithm, "next")
    system.record(db, AuditEvent.KEY_REVOKED, facts={"use": USE, "kid": kid})
    return True


def listed_keys(db: Session) -> tuple[ListedKey, ...]:
    """Return every key, oldest first."""
    return tuple(
        ListedKey(
            kid=row.kid,
            algorithm=row.algorithm,
            status=row.status,
            created_at=row.created_at,
            current_from=row.current_from,
            retired_at=row.retired_at,
        )
        for row in store.keys_for(db, USE)
    )


def _make(db: Session, system: System, algorithm: str, status: str) -> None:
    key = make_key(algorithm)
    now = system.now()
    store.insert_key(
        db,
        {
            "kid": key.kid,
            "use": USE,
            "algorithm": algorithm,
            "status": status,
            "public_jwk": key.public_jwk,
            "private_sealed": system.sealer.seal(key.private, purpose=_purpose(key.kid)),
            "created_at": now,
            "current_from": now if status == "current" else None,
        },
    )
    system.record(db, AuditEvent.KEY_MADE, facts={"use": USE, "kid": key.kid, "algorithm": algorithm})


def _read_again(db: Session, system: System) -> KeyRing:
    rows = store.keys_for(db, USE)
    lacking = set(ALGORITHMS) - {row.algorithm for row in rows}
    made = bool(lacking) and may_write(db) and ensure_keys(db, system)
    if lacking:  # by us, or by whoever came first while we waited
        rows = store.keys_for(db, USE)
    version = store.version_now(db, VERSION) or 0
    ring = KeyRing(
        version=version,
        signers={
            row.algorithm: signer(
                row.kid, row.algorithm, system.sealer.open(row.private_sealed, purpose=_purpose(row.kid))
            )
            for row in rows
            if row.status == "current"
        },
        published={
            "keys": [row.public_jwk for status in PUBLISHED for row in rows if row.status == status],
        },
        ever={"keys": [row.public_jwk for row in rows if row.status != REVOKED]},
    )
    if not made:  # keys made in this transaction may yet be rolled back
        _read[system.database] = (ring, time.monotonic())
    return ring


def _purpose(kid: str) -> str:
    return f"signing-key:{kid}"
