"""Screens without a keyboard that ask to be logged in (RFC 8628): the codes, what a person decides, and the device's asking.

A user code has eight of the twenty consonants of RFC 8628 6.1, shown as ``WDJB-MJHT``: no vowels, so no words; nothing that
looks like something else; letters alone, so that a child finds every key; capitals, small letters, blanks and dashes read
the same. That is 20^8 = 2.56e10 codes, 34 bits. Each lives ten minutes, and typing wrong ones is throttled like the codes
of logins (``policies/data/lockout.toml``): some 300 an hour from one network before it waits, and in a country of 800,000
people 54,000 a day from everywhere together. Against one waiting screen that is at most 375 guesses while its code lives, a
chance of 1 in 68 million; if 10,000 screens wait at every moment, somebody guesses one of them every 47 days. Who does has
gained little: the other screen would be logged in as the guesser. Nobody is logged in as somebody else by guessing.

The device code has 256 random bits and is kept as a digest only; it becomes the code of the grant when a person allows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from idp.audit import AuditEvent
from idp.outside.sealing import keyed_digest, new_token, token_digest
from idp.store import device_authorizations as store
from idp.usecases import guesses
from idp.usecases.grants import begin_grant_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.grants import CodeRequest
    from idp.usecases.sessions import LiveSession
    from idp.usecases.system import System
    from policies.vocabulary import Reason

LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH: Final = 8
INTERVAL: Final = 5
"""Seconds between two questions of a device, and what is added for one that asks sooner (RFC 8628 3.5)."""
LONGEST_TYPED: Final = 64


@dataclass(frozen=True, kw_only=True, repr=False)
class Begun:
    """The two codes, which nobody can read again."""

    device_code: str
    user_code: str
    seconds: int

    def __repr__(self) -> str:
        """Never show the codes."""
        return f"Begun(***, {self.seconds})"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A device that waits for a person, found by its user code."""

    id: int
    service_id: int
    scope: str
    acr_values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Polled:
    """What a device hears: ``error`` of RFC 8628 3.5, or None when a person has allowed it."""

    id: int
    error: str | None


def read_code(typed: str) -> str | None:
    """Return a user code as it is shown, however it was typed; None when it cannot be one."""
    letters = "".join(sign for sign in typed[:LONGEST_TYPED].upper() if sign.isalnum())
    if len(letters) != LENGTH or not set(letters) <= set(LETTERS):
        return None
    return f"{letters[: LENGTH // 2]}-{letters[LENGTH // 2 :]}"


def begin(
    db: Session,
    system: System,
    *,
    service_id: int,
    scope: str,
    acr_values: str | None,
    claims_request: Mapping[str, Any] | None = None,
) -> Begun:
    """Let a device wait, and return its codes."""
    now, seconds = system.now(), system.settings.oidc.device_seconds
    device_code, user_code = new_token(), _fresh_code(db, system)
    store.insert_device(
        db,
        {
            "service_id": service_id,
            "device_code_digest": token_digest(device_code),
            "user_code_digest": _digest(system, user_code),
            "scope": scope,
            "claims_request": dict(claims_request or {}),
            "acr_values": acr_values,
            "created_at": now,
            "expires_at": now + timedelta(seconds=seconds),
            "interval_seconds": INTERVAL,
        },
    )
    return Begun(device_code=device_code, user_code=user_code, seconds=seconds)


def find(db: Session, system: System, user_code: str, *, address: str) -> Waiting | guesses.Standing | None:
    """Return the device that shows this code now, None when none does, or the wait of a network that guesses.

    The try is counted before it is looked at, and taken back when the code was right.
    """
    which = guesses.counters_of_user_codes(system, address=address)
    paid = guesses.charge(db, system, which)
    if isinstance(paid, guesses.Standing):
        return paid
    row = store.row_of_user_code(db, _digest(system, user_code))
    if row is None or row.decided_at is not None or row.expires_at <= system.now():
        guesses.count_everywhere(db, system, which, paid)
        return None
    guesses.refund(db, which, paid)
    return Waiting(
        id=row.id, service_id=row.service_id, scope=row.scope, acr_values=tuple((row.acr_values or "").split())
    )


def allow(db: Session, system: System, authorization_id: int, session: LiveSession, asked: CodeRequest) -> bool:
    """Grant the device what it waits for; False when it waits no more, or its service has been disabled.

    A button pressed twice in one session has allowed it once.
    """
    row = store.row_of_id(db, authorization_id)
    if row is not None and row.allowed and row.session_id == session.id:
        return True
    if row is None or row.decided_at is not None or row.expires_at <= system.now():
        return False
    grant_id = begin_grant_of(db, system, session, asked, row.device_code_digest, row.expires_at)
    if grant_id is None:
        return False
    decided = store.decide(
        db,
        row.id,
        system.now(),
        allowed=True,
        session_id=session.id,
        person_id=session.person_id,
        grant_id=grant_id,
    )
    if not decided:
        raise AssertionError("a device was decided about within one unit of work")
    system.record(
        db,
        AuditEvent.DEVICE_ALLOWED,
        actor_id=session.person_id,
        subject_id=session.person_id,
        service_id=row.service_id,
        session_id=session.id,
        facts={"grant": grant_id, "device": row.id},
    )
    return True


def refuse(db: Session, system: System, authorization_id: int, reason: Reason) -> None:
    """Tell a device no, if it still waits."""
    row = store.row_of_id(db, authorization_id)
    decided = row is not None and store.decide(db, row.id, system.now(), allowed=False, session_id=None, person_id=None)
    if row is not None and decided:
        facts: dict[str, str | int | bool | None] = {"why": reason.value, "device": row.id}
        system.record(db, AuditEvent.DEVICE_REFUSED, service_id=row.service_id, facts=facts)


def poll(db: Session, system: System, device_code: str, *, service_id: int) -> Polled | None:
    """Answer a device that asks, and write that it did; None when the device code is not one of this service's."""
    row = store.row_of_device_code(db, token_digest(device_code))
    if row is None or row.service_id != service_id:
        return None
    return Polled(id=row.id, error=_heard(db, system, row))


def use(db: Session, system: System, authorization_id: int) -> bool:
    """Use a device code up; False when somebody was quicker."""
    return store.use_device(db, authorization_id, system.now())


def _heard(db: Session, system: System, row: AnyRow) -> str | None:
    now = system.now()
    if row.expires_at <= now:
        return "expired_token"
    if row.decided_at is not None:
        return None if row.allowed else "access_denied"
    too_soon = row.last_polled_at is not None and now < row.last_polled_at + timedelta(seconds=row.interval_seconds)
    store.polled(db, row.id, now, row.interval_seconds + (INTERVAL if too_soon else 0))
    return "slow_down" if too_soon else "authorization_pending"


def _fresh_code(db: Session, system: System) -> str:
    """Draw a code that no device has; rows of those that are over stay for a day."""
    while True:
        letters = "".join(LETTERS[system.draw(len(LETTERS))] for _ in range(LENGTH))
        code = f"{letters[: LENGTH // 2]}-{letters[LENGTH // 2 :]}"
        if store.row_of_user_code(db, _digest(system, code)) is None:
            return code


def _digest(system: System, user_code: str) -> bytes:
    return keyed_digest(system.keyring.tokens.current, "user-code", user_code)
