"""The next state of a counter of failures, as a function of (rule, state, now) (decision 13, ``data/lockout.toml``).

Counters stand side by side, each a row of its own. A person's known device has one and depends on nothing else. All
other browsers are strangers, and depend on three: the account's, their network's, and the one of all strangers
everywhere. A try is made only when each allows it. No state is permanent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from policies.decision import Allow, Deny
from policies.rules import LockoutRule
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from policies.rules import Rules
    from policies.vocabulary import CodeKind

__all__ = [
    "Attempts",
    "LockoutRule",
    "after_failure",
    "counts_everywhere",
    "credit",
    "everywhere",
    "is_within_credit",
    "known_device",
    "may_try",
    "network",
    "second_factor",
    "strangers",
]


@dataclass(frozen=True, slots=True)
class Attempts:
    """One counter: failures since ``first_at``, and until when no try is allowed. Times are aware UTC."""

    failures: int = 0
    first_at: datetime | None = None
    blocked_until: datetime | None = None


def known_device(rules: Rules) -> LockoutRule:
    """Return the rule for a browser that carries the person's device cookie."""
    return rules.lockout.known_device


def strangers(rules: Rules, kind: CodeKind) -> LockoutRule:
    """Return the rule that all other browsers share, per account; for a name nobody has, pass the kind it is shown."""
    return rules.lockout.strangers[kind]


def second_factor(rules: Rules) -> LockoutRule:
    """Return the rule for one-time codes, recovery codes and passes, per person."""
    return rules.lockout.second_factor


def network(rules: Rules) -> LockoutRule:
    """Return the rule for one network address."""
    return rules.lockout.network


def everywhere(rules: Rules, codes: int) -> LockoutRule:
    """Return the rule for one of the parts that all strangers' failures are spread over, where so many codes are live."""
    rule = rules.lockout.everywhere
    free = max(rule.free_failures_least, codes // rule.free_failures_one_in) // rule.parts
    return LockoutRule(free, rule.delays, rule.window, None, forgiven_by_success=False)


def credit(rules: Rules, people: int) -> int:
    """Return how many of a network's failures stay its own, where so many people have logged in from it lately."""
    return min(people, rules.lockout.network.free_failures)


def is_within_credit(rules: Rules, network: Attempts, people: int, now: datetime) -> bool:
    """Say whether a network has credit left, so that strangers from it do not wait for strangers everywhere."""
    return _current(rules.lockout.network, network, now).failures < credit(rules, people)


def counts_everywhere(rules: Rules, network: Attempts, people: int) -> bool:
    """Say whether the last failure of a network counts for strangers everywhere: beyond its credit, up to a bound."""
    beyond = network.failures - credit(rules, people)
    return 0 < beyond <= rules.lockout.everywhere.most_of_one_network


def after_failure(rule: LockoutRule, attempts: Attempts, now: datetime) -> Attempts:
    """Return the counter after a wrong code at ``now``: grown, or begun anew when its window has passed.

    A block that still runs is never shortened, whoever counts while it does (two tabs at once).
    """
    attempts = _current(rule, attempts, now)
    failures = attempts.failures + 1
    first_at = attempts.first_at or now
    ends = [end for end in (_running(attempts, now),) if end is not None]
    if failures >= rule.free_failures:
        delay = rule.delays[min(failures - rule.free_failures, len(rule.delays) - 1)]
        ends.append(now + timedelta(seconds=delay))
    if _is_spent(rule, failures):
        ends.append(first_at + timedelta(seconds=rule.window))
    return Attempts(failures, first_at, max(ends, default=None))


def may_try(attempts: Attempts, now: datetime, rule: LockoutRule | None = None) -> Allow | Deny:
    """Say whether a code may be tried at ``now``; ``attempts.blocked_until`` tells when again.

    With ``rule``, a spent budget is told apart from a delay: ASK_YOUR_TEACHER instead of WAIT_BEFORE_TRYING.
    """
    if _running(attempts, now) is None:
        return Allow()
    spent = rule is not None and _is_spent(rule, attempts.failures)
    return Deny(Reason.ASK_YOUR_TEACHER if spent else Reason.WAIT_BEFORE_TRYING)


def _current(rule: LockoutRule, attempts: Attempts, now: datetime) -> Attempts:
    """Return the counter, or an empty one begun now when its window has passed; a delay that runs goes on."""
    if attempts.first_at is None or now >= attempts.first_at + timedelta(seconds=rule.window):
        return Attempts(first_at=now, blocked_until=_running(attempts, now))
    return attempts


def _is_spent(rule: LockoutRule, failures: int) -> bool:
    return rule.budget is not None and failures >= rule.budget


def _running(attempts: Attempts, now: datetime) -> datetime | None:
    blocked_until = attempts.blocked_until
    return blocked_until if blocked_until is not None and now < blocked_until else None
