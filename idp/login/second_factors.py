"""What a login must know of a person's second factors. They are read only where a page or a level hangs on them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from idp.usecases import factors, guesses
from idp.usecases.people import account_of
from policies.decision import Allow
from policies.enrolment import EnrolmentFacts
from policies.vocabulary import Assurance, CodeKind, EnrolThrough, Step, Task, WindowPurpose

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt
    from idp.usecases.factors import OwnFactor
    from idp.usecases.people import Account
    from idp.usecases.system import System
    from policies.sign_in import SignInFacts

RECOVERY: Final = "recovery"
"""Where an attempt keeps, sealed, the recovery codes that the person has not noted down yet."""
OFFERED: Final = "offered"
"""Set in an attempt that an activation window for it was gone through: a factor may be enrolled now, or later."""
_TRIED_HERE: Final = frozenset({Step.SECOND_FACTOR, Step.ENROL_FACTOR})


def of_attempt(db: Session, attempt: Attempt) -> tuple[OwnFactor, ...] | None:
    """Return what the person has enrolled; None, and nothing is read, where this login does not hang on it."""
    if attempt.person_id is None or not attempt.factors:
        return None
    asks = attempt.request.assurance is Assurance.TO_FAKTOR or attempt.request.task is Task.ENROL_FACTOR
    proven = any(one.enrolled_id is not None for one in attempt.factors)
    return factors.live(db, attempt.person_id) if asks or proven or enrolling(attempt) else None


def without_ended(attempt: Attempt, own: tuple[OwnFactor, ...] | None) -> Attempt:
    """Return the attempt without what was proven by a factor that has been removed since."""
    ids = {None} | {one.id for one in own or ()}
    kept = tuple(proven for proven in attempt.factors if proven.enrolled_id in ids)
    return attempt if kept == attempt.factors else replace(attempt, factors=kept)


def with_those_of(db: Session, system: System, facts: SignInFacts, person_id: int) -> SignInFacts:
    """Return the facts with the second factors of whoever is logged in: two statements."""
    account = account_of(db, system, person_id, CodeKind.TEXT)
    own = frozenset(one.factor for one in factors.live(db, person_id))
    return replace(facts, second_factors=own, may_carry=account.may_carry)


def enrolment(attempt: Attempt, account: Account | None, own: tuple[OwnFactor, ...]) -> EnrolmentFacts:
    """Return what decides whether a second factor may be enrolled in this login."""
    through = attempt.enrol_through
    return EnrolmentFacts(
        may_carry=account.may_carry if account else frozenset(),
        enrolled=frozenset(one.factor for one in own),
        proven=frozenset(proven.factor for proven in attempt.factors if proven.enrolled_id is not None),
        used_pass=through is EnrolThrough.PASS,
        upstream=through is EnrolThrough.UPSTREAM,
        window=WindowPurpose.ENROL_FACTOR if through is EnrolThrough.WINDOW else None,
    )


def enrolling(attempt: Attempt) -> bool:
    """Say whether an enrolment waits for the person: recovery codes to note down, or an offer to enrol a factor."""
    return bool(attempt.factors) and (RECOVERY in attempt.scratch or OFFERED in attempt.scratch)


def standing(db: Session, system: System, attempt: Attempt, step: Step) -> guesses.Standing:
    """Say whether a second factor or a pass may be tried now: one statement where one is, else none."""
    if step not in _TRIED_HERE or attempt.person_id is None:
        return guesses.Standing(Allow())
    which = guesses.counters_of_factor(system, person_id=attempt.person_id)
    return guesses.standing(db, system, which)
