"""Argon2id behind a keyed pepper and a gate: one hash at a time in each process (decision 16, performance 3-4).

A code is NFC-normalised by the caller. Stored is the PHC string of Argon2id over ``HMAC-SHA-256(pepper, code)``, so
that a stolen database tells nothing without the pepper, which lies outside it.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from idp.errors import HashingBusy
from idp.outside.sealing import keyed_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp.keyring import NamedKeys
    from idp.settings import HashingSettings

GATE_SECONDS = 5.0


@dataclass(frozen=True)
class Verifier:
    """What is stored of a code: the PHC string and the name of the pepper under it."""

    phc: str
    pepper: str


@dataclass(frozen=True)
class Verification:
    """Whether the code was right, and whether its verifier should be made anew with today's parameters."""

    right: bool
    outdated: bool


class CodeHasher:
    """Makes and checks verifiers of codes."""

    def __init__(self, settings: HashingSettings, pepper: NamedKeys) -> None:
        """Set every Argon2id parameter explicitly: 19 MiB, 2 passes, 1 lane by default."""
        self._argon2 = PasswordHasher(
            time_cost=settings.passes, memory_cost=settings.memory_kib, parallelism=1, hash_len=32, salt_len=16
        )
        self._pepper = pepper
        self._gate = threading.Semaphore(1)
        self._room = threading.BoundedSemaphore(settings.queue)
        self._decoy = self.verifier_of("a code that nobody has")

    def verifier_of(self, code: str) -> Verifier:
        """Make a verifier. Raises :class:`HashingBusy` when the queue is full."""
        with self._through_the_gate():
            phc = self._argon2.hash(keyed_digest(self._pepper.current, code))
        return Verifier(phc=phc, pepper=self._pepper.current_name)

    def check(self, verifier: Verifier | None, code: str) -> Verification:
        """Check a code at the same cost whether or not there is a verifier (decision 14).

        Raises :class:`HashingBusy` when the queue is full.
        """
        known = verifier or self._decoy
        pepper = self._pepper.keys.get(known.pepper)
        right = pepper is not None
        with self._through_the_gate():
            try:
                self._argon2.verify(known.phc, keyed_digest(pepper or b"", code))
            except (VerifyMismatchError, InvalidHashError):
                right = False
        if verifier is None or not right:
            return Verification(right=False, outdated=False)
        outdated = known.pepper != self._pepper.current_name or self._argon2.check_needs_rehash(known.phc)
        return Verification(right=True, outdated=outdated)

    @property
    def is_full(self) -> bool:
        """Whether a code that came now would find no room; the pages then let people wait before they type one."""
        if not self._room.acquire(blocking=False):
            return True
        self._room.release()
        return False

    @contextmanager
    def _through_the_gate(self) -> Iterator[None]:
        if not self._room.acquire(blocking=False):
            raise HashingBusy
        try:
            if not self._gate.acquire(timeout=GATE_SECONDS):
                raise HashingBusy
            try:
                yield
            finally:
                self._gate.release()
        finally:
            self._room.release()
