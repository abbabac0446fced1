"""The only place that picks the next step of a login. It gathers the facts and asks :mod:`policies.sign_in`.

Steps never call each other: each writes what happened into the attempt, and everything returns here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent
from idp.login.attempt import unproven
from idp.login.outcome import LoggedIn, NotLoggedIn
from idp.store.attempts import accepts_adult_as_two, finish_attempt
from idp.store.login_sessions import is_told
from idp.usecases import guesses
from idp.usecases.acting import remember_choice
from idp.usecases.codes import derived_code
from idp.usecases.devices import known_device, remember_device
from idp.usecases.people import account_of
from idp.usecases.sessions import ActingEnded, begin_session, live_session
from idp.usecases.windows import held_with, window_held_by
from policies import sign_in
from policies.decision import Allow, Deny
from policies.vocabulary import Assurance, Factor, Reason, Step, Task

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.outcome import LoginOutcome
    from idp.login.request import LoginRequest
    from idp.usecases.codes import IssuedCode
    from idp.usecases.guesses import Counters
    from idp.usecases.people import Account
    from idp.usecases.sessions import LiveSession, NewSession, ProvenFactor
    from idp.usecases.system import System

SAID_TO_THE_SERVICE = frozenset({Reason.ASSURANCE_NOT_AVAILABLE, Reason.PAGE_NEEDED})
"""Refusals that are the service's answer; all others are said to the person on a page."""

_BY_CODE: Final = frozenset({Factor.PICTURES, Factor.PASSWORD})


class AlreadyFinished(Exception):
    """Something else was faster, such as another tab that finished the attempt; everything this one did is rolled back."""


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where an attempt stands: the step to show, and what the pages and steps need to know about it."""

    step: Step
    reason: Reason | None = None
    until: datetime | None = None
    """When a refusal that passes by itself is over."""
    account: Account | None = None
    counters: Counters | None = None
    new_code: IssuedCode | None = None
    held_with: str | None = field(default=None, repr=False)
    """The secret of this browser that the new code is handed over with."""
    window_lapsed: bool = False
    session: LiveSession | None = None
    """On a shared device: the live session that would answer, if it is still the same person."""


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A login that is done: the session and the known device's token for the browser's cookies."""

    begun: NewSession
    device_token: str


def at_once(db: Session, request: LoginRequest, session: LiveSession | None) -> LoginOutcome | None:
    """Return the answer that needs no page: the live session is enough, or no page may be shown. Else None.

    What a person comes to do takes a login of its own, whatever was proven before.
    """
    if request.task is not None:
        return NotLoggedIn(reason=Reason.PAGE_NEEDED) if request.silent else None
    answer = sign_in.decide(_of_session(db, request, session))
    if isinstance(answer, Allow) and session is not None:
        return LoggedIn(session=session)
    if isinstance(answer, Deny):
        return NotLoggedIn(reason=answer.reason)
    return None


def position(db: Session, system: System, attempt: Attempt, browser: Browser, *, page: str = "") -> Position:
    """Return where the attempt stands: at most four statements.

    ``page`` is the page that was asked for, where the person may choose between ways: ``sign`` beside the code.
    """
    account, held = None, None
    if attempt.username is None:
        session = _in_whose_hands(db, system, attempt, browser)
        if session is not None:
            return Position(step=Step.STILL_YOU, session=session)
    if attempt.username is not None and attempt.kind is not None:
        account = account_of(db, system, attempt.person_id, attempt.kind)
        attempt = _as_proven_now(attempt, account)
    if attempt.window_id is not None:
        found = window_held_by(db, system, person_id=attempt.person_id, secrets=browser.handovers)
        held = found if found and found[0] == attempt.window_id else None
    new_code, secret = _new_code(system, attempt, browser, account, held)
    lock, counters = guesses.Standing(Allow()), None
    if account is not None and new_code is None and not attempt.factors:
        device = known_device(db, account.person_id, browser.devices)
        name = attempt.username or ""
        counters = guesses.counters(system, name=name, kind=account.kind, address=browser.address, device_id=device)
        lock = guesses.standing(db, system, counters)
    facts = sign_in.SignInFacts(
        kind=account.kind if account else None,
        asks_for_sign=page == "sign",
        new_code=sign_in.NewCode(seen=attempt.seen) if new_code else None,
        factors=_proven(attempt.factors),
        fresh_since=attempt.request.fresh_since,
        wanted=attempt.request.assurance or Assurance.EN_FAKTOR,
        adult_counts_as_two=attempt.service.accepts_adult_as_two,
        code_expired=attempt.code_expired,
        code_ends_soon=_is_to_be_warned(attempt, account),
        acting_choices=len(account.choices) if account else 1,
        acting_chosen=attempt.acting is not None,
        acting_ended=account is not None and attempt.acting is not None and attempt.acting not in account.choices,
        task=attempt.request.task,
        task_done=attempt.task_done,
        lock=lock.lock,
        account=Deny(account.refusal) if account and account.refusal else Allow(),
    )
    answer = sign_in.decide(facts)
    return Position(
        step=sign_in.next_step(facts),
        reason=answer.reason if isinstance(answer, Deny) else None,
        until=lock.until,
        account=account,
        counters=counters,
        new_code=new_code,
        held_with=secret,
        window_lapsed=attempt.window_id is not None and held is None,
    )


def vouched(db: Session, system: System, attempt: Attempt, session: LiveSession) -> LoggedIn:
    """Use an attempt up that a session answers whose person is still there. Raises :class:`AlreadyFinished`."""
    if not finish_attempt(db, attempt.id, system.now(), session.id):
        raise AlreadyFinished
    return LoggedIn(session=session)


def finish(db: Session, system: System, attempt: Attempt, browser: Browser) -> Finished:
    """Begin the session of a login whose step is DONE and use the attempt up.

    Raises :class:`AlreadyFinished` when another tab was faster, and when what the person chose to act through has just
    ended: the pages then show where the login stands.
    """
    if attempt.person_id is None:
        raise AssertionError("a login without a person cannot be done")
    device_id, device_token = remember_device(db, system, attempt.person_id, browser.devices, address=browser.address)
    try:
        begun = begin_session(
            db,
            system,
            person_id=attempt.person_id,
            factors=attempt.factors,
            browser=browser.description,
            old_token=browser.session_token,
            device_id=device_id,
            acting=attempt.acting,
            shared=attempt.shared or browser.shared,
        )
    except ActingEnded:
        raise AlreadyFinished from None
    if attempt.acting is not None:
        remember_choice(db, device_id, attempt.acting)
    if not finish_attempt(db, attempt.id, system.now(), begun.session.id):
        raise AlreadyFinished
    system.record(
        db,
        AuditEvent.LOGIN_SUCCEEDED,
        actor_id=attempt.person_id,
        subject_id=attempt.person_id,
        institution_id=begun.session.institution_id,
        service_id=attempt.service.id,
        session_id=begun.session.id,
        facts={"factors": ",".join(proven.factor.value for proven in attempt.factors)},
    )
    return Finished(begun=begun, device_token=device_token)


def give_up(db: Session, system: System, attempt: Attempt, reason: Reason) -> NotLoggedIn:
    """Use up an attempt whose refusal is the service's answer. Raises :class:`AlreadyFinished`."""
    if not finish_attempt(db, attempt.id, system.now(), None):
        raise AlreadyFinished
    return NotLoggedIn(reason=reason)


def _of_session(db: Session, request: LoginRequest, session: LiveSession | None) -> sign_in.SignInFacts:
    """Return what a live session says to a request. On a shared device only a service that was told of it keeps it unasked."""
    in_doubt = session is not None and session.shared
    if in_doubt and request.silent and session is not None:
        in_doubt = not is_told(db, session.id, request.service_id)
    return sign_in.SignInFacts(
        factors=_proven(session.factors) if session else (),
        fresh_since=request.fresh_since,
        wanted=request.assurance or Assurance.EN_FAKTOR,
        adult_counts_as_two=request.assurance is Assurance.TO_FAKTOR and accepts_adult_as_two(db, request.service_id),
        shared_session=in_doubt,
        silent=request.silent,
    )


def _in_whose_hands(db: Session, system: System, attempt: Attempt, browser: Browser) -> LiveSession | None:
    """Return the live session of a shared device that would answer, were it known who holds the device now."""
    if browser.session_token is None or attempt.request.task is not None:
        return None
    session = live_session(db, system, browser.session_token)
    if session is None or not session.shared:
        return None
    return session if sign_in.next_step(_of_session(db, attempt.request, session)) is Step.STILL_YOU else None


def _is_to_be_warned(attempt: Attempt, account: Account | None) -> bool:
    """Say whether the person, who has just given a code that ends soon, has not yet been told so in this login."""
    by_code = any(proven.factor in _BY_CODE for proven in attempt.factors)
    return by_code and not attempt.postponed and account is not None and account.warn_days_left is not None


def _as_proven_now(attempt: Attempt, account: Account) -> Attempt:
    """Return the attempt without what was proven by a code that has been replaced or suspended since."""
    since = account.code_issued_at
    kept = tuple(
        proven
        for proven in attempt.factors
        if proven.factor not in _BY_CODE or (since is not None and proven.proven_at >= since)
    )
    return attempt if kept == attempt.factors else replace(unproven(attempt), factors=kept)


def _new_code(
    system: System, attempt: Attempt, browser: Browser, account: Account | None, held: tuple[int, str] | None
) -> tuple[IssuedCode | None, str | None]:
    """Return the code that is being handed over in this browser: a claimed window's, or in the place of the old one.

    With it comes the secret that it follows from.
    """
    bound_to, secret = f"attempt:{attempt.id}", None
    wanted = attempt.code_expired or (attempt.request.task is Task.NEW_CODE and not attempt.task_done)
    if held is not None:
        bound_to, secret = f"window:{held[0]}", held[1]
    elif wanted and attempt.factors:
        secret = held_with(browser.handovers, attempt.held_by)
    if account is None or account.person_id is None or account.stage is None or secret is None:
        return None, None
    return derived_code(system, account.stage, bound_to=bound_to, secret=secret), secret


def _proven(factors: tuple[ProvenFactor, ...]) -> tuple[sign_in.ProvenFactor, ...]:
    return tuple(sign_in.ProvenFactor(proven.factor, proven.proven_at) for proven in factors)
