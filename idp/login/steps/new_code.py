"""A new code: shown, then tapped or typed once, and only then kept (decision 8)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp.login.attempt import prove, save, unproven
from idp.login.second_factors import OFFERED
from idp.outside.sealing import same
from idp.usecases.factors import live
from idp.usecases.sessions import ProvenFactor
from idp.usecases.windows import confirm, purpose_of, replace_code
from policies.enrolment import OPENS_ENROLMENT
from policies.vocabulary import CodeKind, EnrolThrough, Factor, Reason, Task, WindowPurpose

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.dispatch import Position
    from idp.outside.hashing import Verifier
    from idp.usecases.codes import IssuedCode
    from idp.usecases.system import System


def seen(db: Session, attempt: Attempt) -> Attempt:
    """The person has read the code and pressed on."""
    after = replace(attempt, seen=True, error=None)
    save(db, after)
    return after


def is_as_shown(at: Position, code: str) -> bool:
    """Say whether the code was repeated as it was shown."""
    return at.new_code is not None and same(at.new_code.text.encode(), code.encode())


def not_as_shown(db: Session, attempt: Attempt) -> Attempt:
    """Show the code once more."""
    after = replace(attempt, seen=False, error=Reason.CODE_NOT_AS_SHOWN)
    save(db, after)
    return after


def keep(
    db: Session,
    system: System,
    attempt: Attempt,
    at: Position,
    browser: Browser,
    verifier: Verifier,
    *,
    chosen: IssuedCode | None = None,
) -> tuple[Attempt, Browser]:
    """Keep the new code, or the one that the person has ``chosen`` instead, in the place of the old one.

    A window that lapsed or was used meanwhile keeps nothing. The secret that the code was handed over with is used up.
    """
    code, person_id = chosen or at.new_code, attempt.person_id
    if code is None or person_id is None or at.held_with is None:
        raise AssertionError("no new code was shown")
    if attempt.window_id is not None:
        kept = confirm(
            db,
            system,
            window_id=attempt.window_id,
            person_id=person_id,
            secret=at.held_with,
            code=code,
            verifier=verifier,
        )
    else:
        why = "wanted" if attempt.request.task is Task.NEW_CODE else "expired"
        replace_code(db, system, person_id=person_id, code=code, verifier=verifier, facts={"why": why})
        kept = True
    factor = Factor.PICTURES if code.kind is CodeKind.PICTURES else Factor.PASSWORD
    after = replace(unproven(attempt), window_id=None, seen=False, error=None if kept else Reason.WINDOW_NOT_OPEN)
    browser = browser.without(at.held_with)
    if kept:
        after = replace(after, task_done=attempt.request.task is Task.NEW_CODE)
        if attempt.window_id is not None:
            after = _may_enrol(db, after, at, attempt.window_id)
        after, browser = prove(after, browser, ProvenFactor(factor, system.now()))
    save(db, after)
    return after, browser


def _may_enrol(db: Session, attempt: Attempt, at: Position, window_id: int) -> Attempt:
    """Return the attempt with what the window opens beside the code: a first second factor (decision 6)."""
    purpose = purpose_of(db, window_id)
    if purpose not in OPENS_ENROLMENT or attempt.person_id is None:
        return attempt
    wanted = purpose is WindowPurpose.ENROL_FACTOR and at.account is not None and bool(at.account.may_carry)
    offered = {OFFERED: True} if wanted and not live(db, attempt.person_id) else {}
    return replace(attempt, enrol_through=EnrolThrough.WINDOW, scratch={**attempt.scratch, **offered})
