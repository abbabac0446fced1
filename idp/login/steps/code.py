"""The code: four pictures or a text, checked between two short units of work so that no lock is held meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp.audit import AuditEvent
from idp.errors import HashingBusy
from idp.login.attempt import before_the_code, prove, save
from idp.login.dispatch import CARRIED, is_orphan
from idp.store.code_stages import stage_left
from idp.usecases import guesses
from idp.usecases.cards import is_live
from idp.usecases.codes import renew_verifier
from idp.usecases.sessions import ProvenFactor
from policies.vocabulary import CodeKind, Factor, Reason

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.dispatch import Position
    from idp.outside.hashing import Verification, Verifier
    from idp.usecases.guesses import Charge
    from idp.usecases.system import System


def unreadable(db: Session, attempt: Attempt) -> Attempt:
    """Say that no code came: what came can be nobody's, so it is neither counted nor hashed."""
    after = replace(attempt, error=Reason.CODE_MISSING)
    save(db, after)
    return after


def begin(db: Session, system: System, at: Position) -> Charge | None:
    """Count the try before the code is looked at; None when none may be made now."""
    if at.counters is None:
        return None
    paid = guesses.charge(db, system, at.counters)
    return paid if isinstance(paid, guesses.Charge) else None


def check(system: System, at: Position, code: str) -> tuple[Verification, Verifier | None]:
    """Check the code, at the same cost for a name that nobody has; outside every unit of work.

    With a right code whose verifier is outdated comes the one to keep instead, unless the gate is busy. Raises
    :class:`idp.errors.HashingBusy`.
    """
    verification = system.hasher.check(at.account.verifier if at.account else None, code)
    if not verification.outdated:
        return verification, None
    try:
        return verification, system.hasher.verifier_of(code)
    except HashingBusy:
        return verification, None  # whoever gave the right code goes on; the next login renews it


def take_back(db: Session, at: Position, paid: Charge) -> None:
    """Nobody looked at the code: the try does not count."""
    if at.counters is not None:
        guesses.refund(db, at.counters, paid)


def settle(
    db: Session,
    system: System,
    attempt: Attempt,
    at: Position,
    browser: Browser,
    paid: Charge,
    verification: Verification,
    renewed: Verifier | None,
    *,
    asked_at: datetime,
) -> tuple[Attempt, Browser]:
    """Write what came of the try: a factor that this browser has proven, or a failure that stays counted."""
    if at.account is None or at.counters is None:
        raise AssertionError("a code was checked for nobody")
    if not verification.right:
        _record_failure(db, system, attempt, at, paid)
        after = replace(before_the_code(attempt), error=Reason.WRONG_NAME_OR_CODE, turn_at=None)
        save(db, after)
        return after, browser
    guesses.forgive(db, at.counters, paid)
    if renewed is not None:
        renew_verifier(db, system, at.account, renewed)
    factor = Factor.PICTURES if at.account.kind is CodeKind.PICTURES else Factor.PASSWORD
    if at.account.outgrown_unnoted and at.account.code_id is not None:
        stage_left(db, [at.account.code_id], system.now())
    after = replace(
        before_the_code(attempt), code_expired=at.account.code_expired, seen=False, error=None, turn_at=None
    )
    if is_orphan(db, system, attempt, browser):  # from here on it is a login of its own
        after = replace(after, scratch={name: kept for name, kept in after.scratch.items() if name != CARRIED})
    by_card = after.by_card if after.card_id is not None and is_live(db, after.card_id) else ()
    after, browser = prove(after, browser, *by_card, ProvenFactor(factor, asked_at))
    save(db, after)
    return after, browser


def _record_failure(db: Session, system: System, attempt: Attempt, at: Position, paid: Charge) -> None:
    if at.account is None or at.counters is None:
        return
    guesses.count_for_all(db, system, at.counters)
    person_id, service_id = at.account.person_id, attempt.service.id
    facts: dict[str, str | int | bool | None] = {"counter": at.counters.scope, "failures": paid.counted}
    system.record(db, AuditEvent.LOGIN_FAILED, subject_id=person_id, service_id=service_id, facts=facts)
    if paid.blocked_until is not None and paid.blocked_until > system.now():
        facts |= {"until": paid.blocked_until.isoformat()}
        system.record(db, AuditEvent.LOGIN_BLOCKED, subject_id=person_id, service_id=service_id, facts=facts)
