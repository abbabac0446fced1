"""A passkey: in the place of username and code, or as one more factor of somebody who has given a code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp.login.attempt import prove, save
from idp.login.steps.second_factor import add, fail
from idp.usecases import factors
from idp.usecases.people import account_of
from idp.usecases.sessions import ProvenFactor
from policies.vocabulary import CodeKind, Factor, Reason

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.usecases.system import System


def challenge(system: System, attempt: Attempt, purpose: str) -> bytes:
    """Return what a passkey must sign now: another one for each login, and after each answer."""
    return factors.challenge(system, purpose, attempt.handle, str(attempt.answers))


def log_in(db: Session, system: System, attempt: Attempt, browser: Browser, answer: str) -> tuple[Attempt, Browser]:
    """Log in whoever the passkey is for; no name is typed, and no code."""
    found = factors.prove_passkey(db, system, answer, challenge=challenge(system, attempt, "log-in"))
    attempt = answered(attempt)
    if found is None:
        return fail(db, attempt, Reason.FACTOR_WRONG_PASSKEY), browser
    account = account_of(db, system, found.person_id, CodeKind.TEXT)
    named = attempt.with_name(found.username, person_id=found.person_id, kind=account.kind)
    proven = ProvenFactor(Factor.PASSKEY, system.now(), enrolled_id=found.factor_id)
    after, browser = prove(named, browser, proven)
    save(db, after)
    return after, browser


def as_second(db: Session, system: System, attempt: Attempt, browser: Browser, answer: str) -> tuple[Attempt, Browser]:
    """Take a passkey of the person who has given a code."""
    found = factors.prove_passkey(
        db, system, answer, challenge=challenge(system, attempt, "second-factor"), person_id=attempt.person_id
    )
    attempt = answered(attempt)
    if found is None:
        return fail(db, attempt, Reason.FACTOR_WRONG_PASSKEY), browser
    return add(db, system, attempt, browser, Factor.PASSKEY, found.factor_id)


def answered(attempt: Attempt) -> Attempt:
    """Return the attempt after an answer: the next one must sign something else."""
    return replace(attempt, answers=attempt.answers + 1)
