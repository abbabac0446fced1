"""Argon2id behind a keyed pepper and a gate: one hash at a time in each process (decisions 16 and 54).

A code is NFC-normalised by the caller. Stored is the PHC string of Argon2id over ``HMAC-SHA-256(pepper, code)``, so
that a stolen database tells nothing without the pepper, which lies outside it.

Hashes are made in one thread of their own. glibc keeps the 19 MiB of a hash in the thread that made it, so they are kept
once; and that thread gives way to the others, so that a morning of logins leaves single sign-on its share.
"""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from idp.errors import HashingBusy
from idp.outside.sealing import keyed_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from idp.keyring import NamedKeys
    from idp.settings import HashingSettings

Made = TypeVar("Made")

LONGEST_WAIT: Final = 2.0
"""Seconds that a code waits to be hashed; then it is typed again (performance, goal 6)."""
_GIVES_WAY: Final = 3
"""Niceness of the thread that hashes: beside a busy thread it gets a third of a core, alone all of it."""
_NEWEST_COUNTS: Final = 0.1
_ASIDE: Final = 2
"""How many people may choose codes and make recovery codes at the same moment."""


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
    lost_pepper: str | None = None
    """The name of the pepper under the verifier when the secrets file no longer has it: then no code is right."""


class CodeHasher:
    """Makes and checks verifiers of codes."""

    def __init__(self, settings: HashingSettings, pepper: NamedKeys) -> None:
        """Set every Argon2id parameter explicitly: 19 MiB, 2 passes, 1 lane by default."""
        self._argon2 = PasswordHasher(
            time_cost=settings.passes, memory_cost=settings.memory_kib, parallelism=1, hash_len=32, salt_len=16
        )
        self._pepper = pepper
        self._room = threading.BoundedSemaphore(settings.queue)
        self._room_aside = threading.BoundedSemaphore(_ASIDE)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hashing", initializer=_give_way)
        begun = perf_counter()
        self._decoy = self._verifier_of("a code that nobody has")
        self._seconds = perf_counter() - begun

    def seconds(self) -> float:
        """Return how long a hash takes at present, beside everything else that the machine does."""
        return self._seconds

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Make room for hashes that a person who is in asks for, some in a row: choosing a code, making recovery codes.

        Few do so at once, so that nobody fills the places of those who wait to log in. Raises :class:`HashingBusy`.
        """
        if not self._room_aside.acquire(blocking=False):
            raise HashingBusy
        try:
            yield
        finally:
            self._room_aside.release()

    def verifier_of(self, code: str) -> Verifier:
        """Make a verifier. Raises :class:`HashingBusy` when the queue is full."""
        return self._in_turn(lambda: self._verifier_of(code))

    def check(self, verifier: Verifier | None, code: str) -> Verification:
        """Check a code at the same cost whether or not there is a verifier (decision 14).

        Raises :class:`HashingBusy` when the queue is full.
        """
        known = verifier or self._decoy
        pepper = self._pepper.keys.get(known.pepper)
        digest = keyed_digest(pepper or b"", code)
        right = self._in_turn(lambda: self._is_right(known.phc, digest)) and pepper is not None
        if verifier is None or not right:
            return Verification(right=False, outdated=False, lost_pepper=known.pepper if pepper is None else None)
        outdated = known.pepper != self._pepper.current_name or self._argon2.check_needs_rehash(known.phc)
        return Verification(right=True, outdated=outdated)

    def _verifier_of(self, code: str) -> Verifier:
        phc = self._argon2.hash(keyed_digest(self._pepper.current, code))
        return Verifier(phc=phc, pepper=self._pepper.current_name)

    def _is_right(self, phc: str, digest: bytes) -> bool:
        try:
            return self._argon2.verify(phc, digest)
        except (VerifyMismatchError, InvalidHashError):
            return False

    def _in_turn(self, make: Callable[[], Made]) -> Made:
        """Let the hashing thread make something, after those who came before."""
        if not self._room.acquire(blocking=False):
            raise HashingBusy
        try:
            made = self._thread.submit(self._measured, make)
            try:
                return made.result(LONGEST_WAIT)
            except TimeoutError:
                if made.cancel():
                    raise HashingBusy from None
                return made.result()  # it has just begun
        finally:
            self._room.release()

    def _measured(self, make: Callable[[], Made]) -> Made:
        begun = perf_counter()
        try:
            return make()
        finally:
            self._seconds += _NEWEST_COUNTS * (perf_counter() - begun - self._seconds)


def _give_way() -> None:
    """Let the threads that answer requests come first. Only Linux knows the niceness of a thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, 0, _GIVES_WAY)
