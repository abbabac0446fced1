"""Wrong codes, counted (decisions 13 and 51): by known device, or among strangers by name, by network and everywhere.

A try is counted *before* its code is looked at and taken back when the code was right, so that a hundred tries at
once are a hundred tries. Keys are keyed digests: names nobody has are counted like others, and no address is kept.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from idp.audit import AuditEvent
from idp.outside.sealing import keyed_digest
from idp.store.guesses import change_guesses, ensure_guesses, forget_guesses, read_guesses, take_back
from idp.store.windows import people_in_network
from idp.usecases.people import live_codes
from policies.decision import Allow, Deny
from policies.lockout import (
    Attempts,
    LockoutRule,
    after_failure,
    counts_everywhere,
    everywhere,
    is_within_credit,
    known_device,
    may_try,
    network,
    second_factor,
    strangers,
)
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from idp.usecases.system import System
    from policies.vocabulary import CodeKind

_PREFIX_V6: Final = 64
_PREFIX_OF_A_LINE: Final = 48


@dataclass(frozen=True)
class Counters:
    """The counters that one try depends on: its own, and for a stranger what strangers share."""

    scope: str
    """``device``, ``name``, ``second-factor``, ``card``, ``scans`` or ``user-codes``."""
    own: bytes
    own_rule: LockoutRule
    shared: Shared | None


@dataclass(frozen=True)
class Shared:
    """What strangers share: the counter of their network, and one part of the counter of strangers everywhere."""

    network: bytes
    part: bytes


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
    key, rules = system.keyring.tokens.current, system.rules
    if device_id is not None:
        return Counters("device", keyed_digest(key, "guesses:device", str(device_id)), known_device(rules), None)
    own = keyed_digest(key, "guesses:name", name)
    part = keyed_digest(key, "guesses:everywhere", str(own[0] % rules.lockout.everywhere.parts))
    return Counters("name", own, strangers(rules, kind), Shared(network_digest(system, address), part))


def locked_among(db: Session, system: System, names: Mapping[str, CodeKind]) -> frozenset[str]:
    """Return those of some usernames (normalised) at which strangers may not try a code now: one statement.

    The person's own devices have counters of their own, and may (decision 13).
    """
    key, now = system.keyring.tokens.current, system.now()
    own = {keyed_digest(key, "guesses:name", name): name for name in names}
    held = _read(db, *own) if own else {}
    return frozenset(
        name
        for digest, name in own.items()
        if isinstance(may_try(held[digest], now, strangers(system.rules, names[name])), Deny)
    )


def network_digest(system: System, address: str) -> bytes:
    """Return what is kept of the network that a browser is in."""
    return keyed_digest(system.keyring.tokens.current, "guesses:network", network_of(address))


def counters_of_factor(system: System, *, person_id: int) -> Counters:
    """Return the counters for a try at a person's second factor, from wherever it comes; the code has been proven."""
    own = keyed_digest(system.keyring.tokens.current, "guesses:second-factor", str(person_id))
    return Counters("second-factor", own, second_factor(system.rules), None)


def counters_of_card(system: System, *, card_id: int) -> Counters:
    """Return the counters for a try at the code after a school card: the card's own, wherever it is tried."""
    own = keyed_digest(system.keyring.tokens.current, "guesses:card", str(card_id))
    return Counters("card", own, system.rules.cards.guesses, None)


def counters_of_scans(system: System, *, address: str) -> Counters:
    """Return the counters for scanning cards in a network: no card pays for others that do not work (decision 63)."""
    own = keyed_digest(system.keyring.tokens.current, "guesses:scans", network_of(address))
    return Counters("scans", own, network(system.rules), None)


def counters_of_user_codes(system: System, *, address: str) -> Counters:
    """Return the counters for typing codes of other screens (RFC 8628 5.1): the network's own, and one for everywhere.

    A network that must wait with the codes of logins waits here too. What is mistyped here counts for none of those: a
    class that reads the board wrongly keeps nobody from logging in.
    """
    key, rules = system.keyring.tokens.current, system.rules
    own = keyed_digest(key, "guesses:user-codes", network_of(address))
    part = keyed_digest(key, "guesses:user-codes-everywhere", str(own[0] % rules.lockout.everywhere.parts))
    return Counters("user-codes", own, network(rules), Shared(network_digest(system, address), part))


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


def line_of(address: str) -> str:
    """Return what one subscriber has at most: an IPv4 address, or the /48 around an IPv6 address."""
    network = network_of(address)
    return str(ipaddress.IPv6Network(network).supernet(new_prefix=_PREFIX_OF_A_LINE)) if "/" in network else network


def standing(db: Session, system: System, which: Counters) -> Standing:
    """Say whether a try may be made now: one statement, and one more while strangers everywhere must wait."""
    shared = (which.shared.network, which.shared.part) if which.shared else ()
    found = _read(db, which.own, *shared)
    return _standing(db, system, which, found[which.own], found)


def charge(db: Session, system: System, which: Counters) -> Standing | Charge:
    """Count a try before its code is looked at. Returns the Standing instead when none may be made now."""
    now = system.now()
    own = _held(db, which.own, which.scope, now)
    # What strangers share is not held: a whole school, and the whole country, waits for the same rows.
    found = _read(db, which.shared.network, which.shared.part) if which.shared else {}
    answer = _standing(db, system, which, own, found)
    if isinstance(answer.lock, Deny):
        return answer
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


def count(db: Session, system: System, which: Counters) -> None:
    """Count a failure afterwards, where many at once gain nothing: a card's token cannot be guessed."""
    now = system.now()
    _write(db, which.own, after_failure(which.own_rule, _held(db, which.own, which.scope, now), now), now)


def count_for_all(db: Session, system: System, which: Counters) -> None:
    """Count a stranger's wrong code for the network it came from and, beyond what that is good for, for everywhere."""
    if which.shared is None:
        return
    now, rules = system.now(), system.rules
    whole = after_failure(network(rules), _held(db, which.shared.network, "network", now), now)
    _write(db, which.shared.network, whole, now)
    _tell_of_many(db, system, "network", network(rules), whole)
    _count_everywhere(db, system, which.shared, whole)


def count_everywhere(db: Session, system: System, which: Counters, paid: Charge) -> None:
    """Count a failure everywhere whose network was charged for it beforehand and is not given it back."""
    if which.shared is not None:
        _count_everywhere(db, system, which.shared, Attempts(paid.counted))


def _count_everywhere(db: Session, system: System, shared: Shared, whole: Attempts) -> None:
    now, rules = system.now(), system.rules
    if not counts_everywhere(rules, whole, _people_in(db, system, shared.network)):
        return
    rule = everywhere(rules, live_codes(db, system))
    part = after_failure(rule, _held(db, shared.part, "everywhere", now), now)
    _write(db, shared.part, part, now)
    _tell_of_many(db, system, "everywhere", rule, part)


def _tell_of_many(db: Session, system: System, scope: str, rule: LockoutRule, after: Attempts) -> None:
    """Put on record, once in a window, that strangers are slowed down; no network is named (decision 7)."""
    if after.failures == rule.free_failures:
        system.record(db, AuditEvent.STRANGERS_SLOWED, facts={"counter": scope, "failures": after.failures})


def _people_in(db: Session, system: System, network: bytes) -> int:
    since = system.now() - timedelta(days=system.rules.lockout.everywhere.familiar_days)
    return people_in_network(db, network, since, at_most=system.rules.lockout.network.free_failures)


def _held(db: Session, key: bytes, scope: str, now: datetime) -> Attempts:
    """Return a counter and hold its row, so that tries at once are counted one after the other."""
    rows = read_guesses(db, [key], lock=True)
    if not rows:
        ensure_guesses(db, key, scope, now)
        rows = read_guesses(db, [key], lock=True)
    return _attempts(rows[0])


def _read(db: Session, *keys: bytes) -> Mapping[bytes, Attempts]:
    return dict.fromkeys(keys, Attempts()) | {row.key: _attempts(row) for row in read_guesses(db, keys)}


def _attempts(row: Row[Any]) -> Attempts:
    return Attempts(row.failures, row.first_at, row.blocked_until)


def _write(db: Session, key: bytes, after: Attempts, now: datetime) -> None:
    change_guesses(
        db,
        key,
        failures=after.failures,
        first_at=after.first_at or now,
        at=now,
        blocked_until=after.blocked_until,
    )


def _standing(
    db: Session, system: System, which: Counters, own: Attempts, shared: Mapping[bytes, Attempts]
) -> Standing:
    now = system.now()
    answer = may_try(own, now, which.own_rule)
    if isinstance(answer, Deny):
        return Standing(answer, own.blocked_until)
    if which.shared is None:
        return Standing(Allow())
    whole, part = shared[which.shared.network], shared[which.shared.part]
    if isinstance(may_try(whole, now), Deny):
        return Standing(Deny(Reason.NETWORK_MUST_WAIT), whole.blocked_until)
    if isinstance(may_try(part, now), Deny) and not is_within_credit(
        system.rules, whole, _people_in(db, system, which.shared.network), now
    ):
        return Standing(Deny(Reason.STRANGERS_MUST_WAIT), part.blocked_until)
    return Standing(Allow())
