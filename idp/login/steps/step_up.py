"""An adult vouches: the pupil waits, and the login goes on by itself when somebody has said yes (decision 10)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from idp.login.attempt import save
from idp.login.proofs import BY_CODE
from idp.outside.sealing import same, token_digest
from idp.store.people import hold_person
from idp.store.step_up import request_state
from idp.usecases import lessons, step_up
from idp.usecases.sessions import ProvenFactor
from policies.vocabulary import Assurance, Factor, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.dispatch import Position
    from idp.usecases.people import Account
    from idp.usecases.step_up import StepUp
    from idp.usecases.system import System


_MAY_HANG_ON_IT: Final = frozenset({Assurance.VOKSEN_VERIFICERET, Assurance.TO_FAKTOR})


def of_attempt(db: Session, system: System, attempt: Attempt, account: Account | None) -> StepUp | None:
    """Return what this login has asked of an adult; nothing is read where it does not hang on it."""
    by_code = [proven.proven_at for proven in attempt.factors if proven.factor in BY_CODE]
    hangs = attempt.request.assurance in _MAY_HANG_ON_IT
    if attempt.person_id is None or account is None or account.pupil_at is None or not by_code or not hangs:
        return None
    if not comes_as_pupil(attempt, account):
        return None
    return step_up.step_up_of(db, system, attempt_id=attempt.id, person_id=attempt.person_id, proven_at=max(by_code))


def comes_as_pupil(attempt: Attempt, account: Account) -> bool:
    """Say whether the person comes as a pupil, or has not said yet as whom. No adult vouches for a pupil's mother."""
    return attempt.acting is None or attempt.acting in account.as_pupil


def vouched_for(attempt: Attempt, account: Account | None, asked: StepUp | None) -> tuple[Attempt, Account | None]:
    """Return the attempt with an adult's word among what has been proven, if there is one; then the person acts as a pupil."""
    if account is None or asked is None or asked.answered_at is None or not asked.approved:
        return attempt, account
    word = ProvenFactor(Factor.ADULT, asked.answered_at, asked.level_until, step_up_id=asked.id)
    choices = tuple(each for each in account.choices if each in account.as_pupil)
    return replace(attempt, factors=(*attempt.factors, word)), replace(account, choices=choices)


def waits(request_id: int) -> str:
    """Return the state of a request that waits, in a word."""
    return f"{request_id}-waiting"


def state(db: Session, system: System, handle: str, secret: str) -> str | None:
    """Return in a word how a login's request stands; None when the login is not this browser's. One statement."""
    row = request_state(db, token_digest(handle))
    if row is None or not same(row.browser_digest, token_digest(secret)):
        return None
    if row.finished_at is not None:
        return "finished"
    if row.id is None:
        return "nothing"
    if row.answer is None and row.expires_at > system.now():
        return waits(row.id)
    return f"{row.id}-{row.answer or 'lapsed'}"


def use(
    db: Session, system: System, factors: Sequence[ProvenFactor], *, session_id: int, person_id: int, service_id: int
) -> bool:
    """Use up the adult's word that a session rests on; False when it was used already."""
    return all(
        step_up.use(
            db, system, request_id=proven.step_up_id, session_id=session_id, person_id=person_id, service_id=service_id
        )
        for proven in factors
        if proven.step_up_id is not None
    )


def ask(db: Session, system: System, attempt: Attempt, at: Position, browser: Browser) -> Attempt:
    """Wait for an adult, unless the person has asked too often; that is said on the page. Two presses at once ask once."""
    if attempt.person_id is None or at.account is None or at.account.pupil_at is None:
        raise AssertionError("an adult was asked about nobody")
    hold_person(db, attempt.person_id)
    asked = of_attempt(db, system, attempt, at.account)
    if asked is not None and (asked.waiting or asked.approved):
        return attempt
    refused = step_up.ask(
        db,
        system,
        attempt_id=attempt.id,
        person_id=attempt.person_id,
        service_id=attempt.service.id,
        institution_id=at.account.pupil_at,
        browser_digest=token_digest(browser.secret),
        devices=browser.devices,
        address=browser.address,
    )
    after = replace(attempt, error=refused.reason if refused is not None else None)
    save(db, after)
    return after


def has_lesson(db: Session, system: System, attempt: Attempt, browser: Browser) -> bool:
    """Say whether the pupil may pick the sign of a lesson that was approved beforehand."""
    return attempt.person_id is not None and lessons.may_pick(db, system, attempt.person_id, address=browser.address)


def pick_lesson(db: Session, system: System, attempt: Attempt, at: Position, browser: Browser, sign: str) -> Attempt:
    """Take the sign of a lesson; a wrong one is said on the page, where the pupil goes on waiting."""
    picked = (
        attempt.person_id is not None
        and at.step_up is not None
        and lessons.pick(
            db,
            system,
            person_id=attempt.person_id,
            request_id=at.step_up.id,
            sign=sign,
            address=browser.address,
        )
    )
    after = replace(attempt, error=None if picked else Reason.LESSON_WRONG_SIGN)
    save(db, after)
    return after


def leave(db: Session, system: System, attempt: Attempt, browser: Browser) -> None:
    """Wait no longer."""
    if attempt.person_id is not None:
        step_up.withdraw(db, system, person_id=attempt.person_id, browser_digest=token_digest(browser.secret))
