"""A second factor is enrolled in a login: a one-time pass if need be, then an app or a passkey, then recovery codes.

:mod:`policies.enrolment` says who may. What is unfinished lies sealed in the attempt's ``scratch``.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from idp.login.attempt import save
from idp.login.second_factors import OFFERED, RECOVERY
from idp.login.steps import passkey as passkey_step
from idp.login.steps.second_factor import add, begin, fail, person, refuse
from idp.outside import one_time_codes, passkeys
from idp.usecases import factors, guesses
from idp.usecases.factors import Enrolment
from idp.usecases.passes import use_pass
from idp.usecases.recovery_codes import keep_recovery_codes
from policies.decision import Deny
from policies.enrolment import way_to_enrol
from policies.vocabulary import EnrolThrough, Factor, Reason, Task

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.dispatch import Position
    from idp.outside.one_time_codes import Match
    from idp.usecases.recovery_codes import RecoveryCodes
    from idp.usecases.system import System

_SEED: Final = "seed"


def way(at: Position) -> EnrolThrough | Deny:
    """Return the way by which the person may enrol a factor now, or why there is none yet."""
    return way_to_enrol(at.enrolment)


def take_pass(db: Session, system: System, attempt: Attempt, browser: Browser, typed: str) -> tuple[Attempt, Browser]:
    """Use a one-time pass up: one factor may then be enrolled in this login."""
    tried = begin(db, system, attempt)
    if tried is None:
        return attempt, browser
    if not use_pass(db, system, person_id=person(attempt), typed=typed):
        refuse(db, system, attempt, tried, kind="pass")
        return fail(db, attempt, Reason.FACTOR_WRONG_PASS), browser
    guesses.forgive(db, tried.counters, tried.paid)
    after = replace(attempt, enrol_through=EnrolThrough.PASS, error=None)
    save(db, after)
    return after, browser


def begin_app(db: Session, system: System, attempt: Attempt) -> Attempt:
    """Make the seed of a new app, and keep it sealed until a code shows that the app has it."""
    sealed = factors.seal_seed(system, person(attempt), one_time_codes.new_seed())
    after = replace(attempt, scratch={**attempt.scratch, _SEED: b64encode(sealed).decode()}, error=None)
    save(db, after)
    return after


def seed(system: System, attempt: Attempt) -> bytes | None:
    """Return the seed of the app that is being set up."""
    sealed = attempt.scratch.get(_SEED)
    return factors.open_seed(system, person(attempt), b64decode(sealed)) if sealed else None


def first_code(system: System, attempt: Attempt, typed: str) -> Match | None:
    """Return the step of the code that shows that the new app has the seed."""
    code, held = one_time_codes.normalised(typed), seed(system, attempt)
    return one_time_codes.match_at_first(held, code, system.now()) if code and held else None


def app(system: System, attempt: Attempt, at: Position, match: Match) -> Enrolment | None:
    """Return the app that is to be kept; None when it may not be any more."""
    held, through = seed(system, attempt), way(at)
    if held is None or isinstance(through, Deny) or Factor.TOTP not in at.enrolment.may_carry:
        return None
    return Enrolment(label="", way=through, seed=held, match=match)


def passkey(system: System, attempt: Attempt, at: Position, browser: Browser, answer: str) -> Enrolment | None:
    """Return the passkey that the browser made and that is to be kept; None when it is wrong or may not be."""
    through = way(at)
    if isinstance(through, Deny) or Factor.PASSKEY not in at.enrolment.may_carry:
        return None
    issuer, asked = system.settings.site.issuer, passkey_step.challenge(system, attempt, "enrol")
    made = passkeys.created(issuer, answer, challenge=asked)
    return Enrolment(label=browser.description, way=through, passkey=made) if made else None


def keep(
    db: Session,
    system: System,
    attempt: Attempt,
    at: Position,
    browser: Browser,
    wanted: Enrolment,
    codes: RecoveryCodes | None,
) -> tuple[Attempt, Browser]:
    """Keep the factor, which counts in this login at once, and a new set of recovery codes, to be shown next."""
    through = way(at)
    if through is not wanted.way:
        return fail(db, attempt, Reason.FACTOR_PASS_NEEDED), browser
    kind = Factor.TOTP if wanted.passkey is None else Factor.PASSKEY
    factor_id = factors.enrol(db, system, person(attempt), wanted)
    if factor_id is None:
        return fail(db, attempt, Reason.FACTOR_WRONG_PASSKEY), browser
    scratch = {key: value for key, value in attempt.scratch.items() if key not in {_SEED, OFFERED}}
    if codes is not None:
        keep_recovery_codes(db, system, person(attempt), codes, through=wanted.way.value)
        scratch[RECOVERY] = _sealed(system, attempt, codes)
    after = replace(attempt, scratch=scratch, enrol_through=None, task_done=attempt.request.task is Task.ENROL_FACTOR)
    return add(db, system, passkey_step.answered(after), browser, kind, factor_id)


def renew_codes(db: Session, system: System, attempt: Attempt, codes: RecoveryCodes) -> Attempt:
    """Keep a new set of recovery codes in the place of the old one, to be shown next."""
    keep_recovery_codes(db, system, person(attempt), codes, through=EnrolThrough.FACTOR.value)
    after = replace(
        attempt, scratch={**attempt.scratch, RECOVERY: _sealed(system, attempt, codes)}, task_done=True, error=None
    )
    save(db, after)
    return after


def codes_to_show(system: System, attempt: Attempt) -> tuple[str, ...]:
    """Return the recovery codes that the person has not noted down yet."""
    sealed = attempt.scratch.get(RECOVERY)
    return tuple(json.loads(system.sealer.open(b64decode(sealed), purpose=_purpose(attempt)))) if sealed else ()


def noted(db: Session, attempt: Attempt) -> Attempt:
    """The person has noted the recovery codes down: nobody sees them again."""
    after = replace(attempt, scratch={key: value for key, value in attempt.scratch.items() if key != RECOVERY})
    save(db, after)
    return after


def can_wait(attempt: Attempt) -> bool:
    """Say whether the login may go on without a new factor: the person came for it, or a window offers it."""
    return attempt.request.task is Task.ENROL_FACTOR or OFFERED in attempt.scratch


def later(db: Session, attempt: Attempt) -> Attempt:
    """The person enrols nothing now."""
    scratch = {key: value for key, value in attempt.scratch.items() if key not in {_SEED, OFFERED}}
    after = replace(attempt, scratch=scratch, task_done=attempt.request.task is Task.ENROL_FACTOR, error=None)
    save(db, after)
    return after


def _sealed(system: System, attempt: Attempt, codes: RecoveryCodes) -> str:
    return b64encode(system.sealer.seal(json.dumps(codes.texts).encode(), purpose=_purpose(attempt))).decode()


def _purpose(attempt: Attempt) -> str:
    return f"attempt:{attempt.id}:recovery-codes"
