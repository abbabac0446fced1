"""Keys that take turns: next, current and previous, private halves sealed at rest.

``next`` is published before it is used, so that services know a key when they first see its work; ``previous`` stays
published while what it signed may be alive. Each process keeps the keys it has read until the version row says that they
have changed; the row is looked at inside a statement that is needed anyway, or at most once a second.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, TypeVar
from weakref import WeakKeyDictionary

from idp.audit import AuditEvent
from idp.store import keys as store
from idp.store.db import may_write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from idp.outside.jose import MadeKey
    from idp.store.base import AnyRow
    from idp.store.db import Database
    from idp.usecases.system import System

REVOKED: Final = "revoked"
PUBLISHED: Final = ("current", "next", "previous")
LOOK_SECONDS: Final = 1.0

Ring = TypeVar("Ring")


@dataclass(frozen=True)
class ListedKey:
    """A key as an operator sees it."""

    kid: str
    use: str
    algorithm: str
    status: str
    created_at: datetime
    current_from: datetime | None
    retired_at: datetime | None


@dataclass(frozen=True)
class _Read(Generic[Ring]):
    ring: Ring
    version: int
    lacks: bool
    looked: float


@dataclass(frozen=True, kw_only=True, eq=False)
class RotatingKeys(Generic[Ring]):
    """The keys of one use (``oidc``, ``saml`` …), one current and one next for each algorithm."""

    use: str
    algorithms: tuple[str, ...]
    make: Callable[[System, str], tuple[MadeKey, str | None]]
    """Makes a key of an algorithm, and its certificate in PEM where the use has one."""
    read: Callable[[int, Sequence[AnyRow], Callable[[AnyRow], bytes]], Ring]
    """Makes of a version, rows and what opens a row's private half what one process keeps in memory."""
    read_after: Callable[[System], timedelta]
    """How long a key is published before it is used."""

    _read: WeakKeyDictionary[Database, _Read[Ring]] = field(default_factory=WeakKeyDictionary, init=False, repr=False)

    @property
    def version(self) -> str:
        """The name of the row that changes whenever the keys do."""
        return "signing-keys-version" if self.use == "oidc" else f"{self.use}-keys-version"

    def ring(self, db: Session, system: System, *, version: int | None = None) -> Ring:
        """Return the keys. No statement at all when ``version``, read in another statement, is that of the cached ones.

        Makes the first keys when there are none, for which ``db`` must be a unit of work that writes.
        """
        known = self._read.get(system.database)
        if known is not None and not (known.lacks and may_write(db)):
            if version is None and time.monotonic() - known.looked < LOOK_SECONDS:
                return known.ring
            if known.version == (version if version is not None else store.version_now(db, self.version)):
                self._read[system.database] = _Read(known.ring, known.version, known.lacks, time.monotonic())
                return known.ring
        return self._read_again(db, system)

    def there_are(self, db: Session, system: System) -> bool:
        """Whether there are keys of every algorithm; an installation that learns a new one has none of it at first."""
        known = self._read.get(system.database)
        if known is not None and not known.lacks:
            return True
        return not set(self.algorithms) - {row.algorithm for row in store.keys_for(db, self.use)}

    def ensure(self, db: Session, system: System) -> bool:
        """Make the first keys, one current and one next for each algorithm; False when they are there.

        Two processes that start together make one set: who comes second waits for the version row and then sees it.
        """
        if not store.claim_version(db, self.version):
            store.raise_version(db, self.version)
        there = {row.algorithm for row in store.keys_for(db, self.use)}
        lacking = [algorithm for algorithm in self.algorithms if algorithm not in there]
        for algorithm in lacking:
            for status in ("current", "next"):
                self._make(db, system, algorithm, status)
        return bool(lacking)

    def next_is_read_from(self, db: Session, system: System) -> datetime | None:
        """Return from when every service has read the next keys, so that one may rotate; None when there are none yet."""
        made = [key.created_at for key in self.listed(db) if key.status == "next"]
        return max(made) + self.read_after(system) if made else None

    def rotate(self, db: Session, system: System) -> tuple[ListedKey, ...]:
        """Move next to current, current to previous and previous out of use, and make a new next, for each algorithm."""
        there = sorted({row.algorithm for row in store.keys_for(db, self.use)})
        self.ensure(db, system)
        if there:
            now = system.now()
            for algorithm in there:
                store.move_keys(db, self.use, algorithm, "previous", status="retired", retired_at=now)
                store.move_keys(db, self.use, algorithm, "current", status="previous")
                store.move_keys(db, self.use, algorithm, "next", status="current", current_from=now)
                self._make(db, system, algorithm, "next")
            system.record(db, AuditEvent.KEY_ROTATED, facts={"use": self.use})
        return self.listed(db)

    def revoke(self, db: Session, system: System, kid: str) -> bool:
        """Take a key that is in wrong hands out of use and out of every set at once; False when there is no such key.

        What it signed is worth nothing from now on, also as a hint of who logged in. Where it was in use, the next one is.
        """
        found = {row.kid: row for row in store.keys_for(db, self.use)}.get(kid)
        if found is None or found.status == REVOKED:
            return False
        store.raise_version(db, self.version)
        store.revoke_key(db, kid, status=REVOKED, now=system.now())
        if found.status == "current":
            store.move_keys(db, self.use, found.algorithm, "next", status="current", current_from=system.now())
        if found.status in {"current", "next"}:
            self._make(db, system, found.algorithm, "next")
        system.record(db, AuditEvent.KEY_REVOKED, facts={"use": self.use, "kid": kid})
        return True

    def listed(self, db: Session) -> tuple[ListedKey, ...]:
        """Return every key, oldest first."""
        return tuple(
            ListedKey(
                kid=row.kid,
                use=self.use,
                algorithm=row.algorithm,
                status=row.status,
                created_at=row.created_at,
                current_from=row.current_from,
                retired_at=row.retired_at,
            )
            for row in store.keys_for(db, self.use)
        )

    def _make(self, db: Session, system: System, algorithm: str, status: str) -> None:
        key, certificate = self.make(system, algorithm)
        now = system.now()
        store.insert_key(
            db,
            {
                "kid": key.kid,
                "use": self.use,
                "algorithm": algorithm,
                "status": status,
                "public_jwk": key.public_jwk,
                "certificate": certificate,
                "private_sealed": system.sealer.seal(key.private, purpose=_purpose(key.kid)),
                "created_at": now,
                "current_from": now if status == "current" else None,
            },
        )
        system.record(db, AuditEvent.KEY_MADE, facts={"use": self.use, "kid": key.kid, "algorithm": algorithm})

    def _read_again(self, db: Session, system: System) -> Ring:
        # The version first: keys that change between the two statements are then newer than it says, and read once more.
        version = store.version_now(db, self.version)
        rows = store.keys_for(db, self.use)
        lacking = set(self.algorithms) - {row.algorithm for row in rows}
        made = bool(lacking) and may_write(db) and self.ensure(db, system)
        if lacking:  # by us, or by whoever came first while we waited
            version = store.version_now(db, self.version)
            rows = store.keys_for(db, self.use)
            lacking = set(self.algorithms) - {row.algorithm for row in rows}
        version = version or 0
        ring = self.read(version, rows, lambda row: system.sealer.open(row.private_sealed, purpose=_purpose(row.kid)))
        if not made:  # keys made in this transaction may yet be rolled back
            self._read[system.database] = _Read(ring, version, bool(lacking), time.monotonic())
        return ring


def _purpose(kid: str) -> str:
    return f"signing-key:{kid}"
