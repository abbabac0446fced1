"""One more factor after the code: a code from an app, a recovery code, or a passkey.

Every try is counted for the person before it is looked at, but for a passkey, which nobody guesses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from idp.audit import AuditEvent
from idp.login.attempt import prove, save
from idp.usecases import factors, guesses
from idp.usecases.recovery_codes import find_candidate, use_candidate
from idp.usecases.sessions import ProvenFactor
from policies.vocabulary import Factor, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.usecases.guesses import Charge, Counters
    from idp.usecases.recovery_codes import Candidate
    from idp.usecases.system import System


@dataclass(frozen=True)
class Try:
    """One try that has been counted."""

    counters: Counters
    paid: Charge


def begin(db: Session, system: System, attempt: Attempt) -> Try | None:
    """Count a try before it is looked at; None when none may be made now."""
    which = guesses.counters_of_factor(system, person_id=person(attempt))
    paid = guesses.charge(db, system, which)
    return Try(which, paid) if isinstance(paid, guesses.Charge) else None


def take_back(db: Session, tried: Try) -> None:
    """Nobody looked at it: the try does not count."""
    guesses.refund(db, tried.counters, tried.paid)


def by_app(db: Session, system: System, attempt: Attempt, browser: Browser, typed: str) -> tuple[Attempt, Browser]:
    """Take a code from an app."""
    return _at_once(
        db,
        system,
        attempt,
        browser,
        lambda: factors.prove_one_time_code(db, system, person_id=person(attempt), typed=typed),
    )


def by_two_codes(
    db: Session, system: System, attempt: Attempt, browser: Browser, first: str, second: str
) -> tuple[Attempt, Browser]:
    """Take two codes in a row from an app whose clock is off."""
    return _at_once(
        db,
        system,
        attempt,
        browser,
        lambda: factors.repair_clock(db, system, person_id=person(attempt), first=first, second=second),
    )


def candidate(db: Session, attempt: Attempt, typed: str) -> Candidate:
    """Return the recovery code that was typed, to be checked outside of every unit of work."""
    return find_candidate(db, person(attempt), typed)


def by_recovery_code(
    db: Session, system: System, attempt: Attempt, browser: Browser, tried: Try, found: Candidate, *, right: bool
) -> tuple[Attempt, Browser]:
    """Write what came of a recovery code."""
    factor_id = use_candidate(db, system, person(attempt), found) if right else None
    return settle(db, system, attempt, browser, tried, Factor.RECOVERY_CODE, factor_id)


def settle(
    db: Session,
    system: System,
    attempt: Attempt,
    browser: Browser,
    tried: Try,
    kind: Factor,
    factor_id: int | None,
) -> tuple[Attempt, Browser]:
    """Write what came of a try: one more factor that this browser has proven, or a failure that stays counted."""
    if factor_id is None:
        refuse(db, system, attempt, tried, kind=kind.value)
        return fail(db, attempt, Reason.FACTOR_WRONG_CODE), browser
    guesses.forgive(db, tried.counters, tried.paid)
    return add(db, system, attempt, browser, kind, factor_id)


def add(
    db: Session, system: System, attempt: Attempt, browser: Browser, kind: Factor, factor_id: int
) -> tuple[Attempt, Browser]:
    """Write that this browser has proven one more factor."""
    proven = ProvenFactor(kind, system.now(), enrolled_id=factor_id)
    after, browser = prove(replace(attempt, error=None), browser, *attempt.factors, proven)
    save(db, after)
    return after, browser


def fail(db: Session, attempt: Attempt, reason: Reason) -> Attempt:
    """Say on the page what was wrong."""
    after = replace(attempt, error=reason)
    save(db, after)
    return after


def refuse(db: Session, system: System, attempt: Attempt, tried: Try, *, kind: str) -> None:
    """Put a try that was wrong on record."""
    facts: dict[str, str | int | bool | None] = {"kind": kind, "failures": tried.paid.counted}
    subject_id, service_id = attempt.person_id, attempt.service.id
    system.record(db, AuditEvent.FACTOR_REFUSED, subject_id=subject_id, service_id=service_id, facts=facts)
    until = tried.paid.blocked_until
    if until is not None and until > system.now():
        facts |= {"counter": tried.counters.scope, "until": until.isoformat()}
        system.record(db, AuditEvent.LOGIN_BLOCKED, subject_id=subject_id, service_id=service_id, facts=facts)


def person(attempt: Attempt) -> int:
    """Return whose login it is. A second factor is asked after the code alone, so it is somebody's."""
    if attempt.person_id is None:
        raise AssertionError("a second factor was asked of nobody")
    return attempt.person_id


def _at_once(
    db: Session, system: System, attempt: Attempt, browser: Browser, look: Callable[[], int | None]
) -> tuple[Attempt, Browser]:
    tried = begin(db, system, attempt)
    if tried is None:
        return attempt, browser
    return settle(db, system, attempt, browser, tried, Factor.TOTP, look())
