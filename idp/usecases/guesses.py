"""Wrong codes, counted (decision 13): the known device or the name among strangers, and the network.

A try is counted *before* its code is looked at and taken back when the code was right, so that a hundred tries at
once are a hundred tries. Keys are keyed digests: names nobody has are counted like others, and no address is kept.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from idp.outside.sealing import keyed_digest
from idp.store.guesses import change_guesses, ensure_guesses, forget_guesses, read_guesses, take_back
from policies.decision import Allow, Deny
from policies.lockout import (
    Attempts,
    LockoutRule,
    after_failure,
    known_device,
    may_try,
    network,
    second_factor,
    strangers,
)
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from idp.usecases.system import System
    from policies.vocabulary import CodeKind

_PREFIX_V6: Final = 64


@dataclass(frozen=True)
class Counters:
    """The two counters that one try depends on: its own (``device`` or ``name``) and its network's."""

    scope: str
    own: bytes
    own_rule: LockoutRule
    network: bytes
    network_rule: LockoutRule


@dataclass(frozen=True)
class Standing:
    """Whether a try may be made now, and if not, from when."""

    lock: Allow | Deny
    until: datetime | None = None


@dataclass(frozen=True)
class Charge:
    """One try that was counted beforehand, with what is needed to take it back."""

    counted: int
    blocked_before: datetime | None
    blocked_until: datetime | None


def counters(system: System, *, name: str, kind: CodeKind, address: str, device_id: int | None) -> Counters:
    """Return the counters for a try at ``name`` (normalised) from ``address``, by a known device of the person or not."""
    key = system.keyring.tokens.current
    if device_id is None:
        scope, own, rule = "name", keyed_digest(key, "guesses:name", name), strangers(system.rules, kind)
    else:
        scope, own, rule = "device", keyed_digest(key, "guesses:device", str(device_id)), known_device(system.rules)
    whole = keyed_digest(key, "guesses:network", network_of(address))
    return Counters(scope, own, rule, whole, network(system.rules))


def counters_of_factor(system: System, *, person_id: int, address: str) -> Counters:
    """Return the counters for a try at a person's second factor, from wherever it comes."""
    key = system.keyring.tokens.current
    own = keyed_digest(key, "guesses:second-factor", str(person_id))
    whole = keyed_digest(key, "guesses:network", network_of(address))
    return Counters("second-factor", own, second_factor(system.rules), whole, network(system.rules))


def network_of(address: str) -> str:
    """Return what counts as one network: an IPv4 address, or the /64 around an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _PREFIX_V6), strict=False))


def standing(db: Session, system: System, which: Counters) -> Standing:
    """Say whether a try may be made now: one statement."""
    rows = {row.key: row for row in read_guesses(db, [which.own, which.network])}
    own, whole = _attempts(rows.get(which.own)), _attempts(rows.get(which.network))
    return _standing(which, own or Attempts(), whole or Attempts(), system.now())


def charge(db: Session, system: System, which: Counters) -> Standing | Charge:
    """Count a try before its code is looked at. Returns the Standing instead when none may be made now."""
    now = system.now()
    own = _held(db, which.own, which.scope, now)
    # The network's row is not held: a whole school shares it.
    whole = _attempts(next(iter(read_guesses(db, [which.network])), None))
    found = _standing(which, own, whole or Attempts(), now)
    if isinstance(found.lock, Deny):
        return found
    after = after_failure(which.own_rule, own, now)
    _write(db, which.own, after, now)
    return Charge(after.failures, own.blocked_until, after.blocked_until)


def refund(db: Session, which: Counters, paid: Charge) -> None:
    """Take a counted try back: the code was right, or nobody looked at it."""
    take_back(db, which.own, counted=paid.counted, blocked_until=paid.blocked_before)


def forgive(db: Session, which: Counters, paid: Charge) -> None:
    """After a right code: clear the device's counter; strangers keep theirs but for this try."""
    if which.own_rule.forgiven_by_success:
        forget_guesses(db, which.own)
    else:
        refund(db, which, paid)


def count_for_network(db: Session, system: System, which: Counters) -> None:
    """Count a wrong code for the network it came from."""
    now = system.now()
    before = _held(db, which.network, "network", now)
    _write(db, which.network, after_failure(which.network_rule, before, now), now)


def _held(db: Session, key: bytes, scope: str, now: datetime) -> Attempts:
    """Return a counter and hold its row, so that tries at once are counted one after the other."""
    rows = read_guesses(db, [key], lock=True)
    if not rows:
        ensure_guesses(db, key, scope, now)
        rows = read_guesses(db, [key], lock=True)
    return _attempts(rows[0]) or Attempts()


def _attempts(row: Row[Any] | None) -> Attempts | None:
    return None if row is None else Attempts(row.failures, row.first_at, row.blocked_until)


def _write(db: Session, key: bytes, after: Attempts, now: datetime) -> None:
    change_guesses(
        db,
        key,
        failures=after.failures,
        first_at=after.first_at or now,
        at=now,
        blocked_until=after.blocked_until,
    )


def _standing(which: Counters, own: Attempts, whole: Attempts, now: datetime) -> Standing:
    answer = may_try(own, now, which.own_rule)
    if isinstance(answer, Deny):
        return Standing(answer, own.blocked_until)
    if isinstance(may_try(whole, now), Deny):
        return Standing(Deny(Reason.NETWORK_MUST_WAIT), whole.blocked_until)
    return Standing(Allow())
