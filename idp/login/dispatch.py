"""The only place that picks the next step of a login. It gathers the facts and asks :mod:`policies.sign_in`.

Steps never call each other: each writes what happened into the attempt, and everything returns here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent
from idp.login import consent, second_factors
from idp.login.attempt import prove, save, unproven
from idp.login.outcome import LoggedIn, NotLoggedIn
from idp.login.proofs import BY_CODE, as_proven_now, as_vouched_now
from idp.login.steps import step_up
from idp.store.attempts import accepts_adult_as_two, finish_attempt
from idp.store.login_sessions import is_told
from idp.store.sign_in import username_of
from idp.usecases import guesses
from idp.usecases.acting import remember_choice
from idp.usecases.cards import is_live
from idp.usecases.codes import derived_code
from idp.usecases.devices import known_device, remember_device
from idp.usecases.known_about import shows
from idp.usecases.people import account_of
from idp.usecases.sessions import ActingEnded, begin_session, live_session, strengthen_session
from idp.usecases.windows import held_with, window_held_by
from policies import sign_in
from policies.decision import Allow, Deny, Require
from policies.enrolment import EnrolmentFacts
from policies.vocabulary import ActorGroup, Assurance, CodeKind, EnrolThrough, Reason, Step, Task

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.outcome import LoginOutcome
    from idp.login.request import LoginRequest
    from idp.usecases.codes import IssuedCode
    from idp.usecases.consents import Asked
    from idp.usecases.factors import OwnFactor
    from idp.usecases.guesses import Counters
    from idp.usecases.people import Account
    from idp.usecases.sessions import LiveSession, NewSession, ProvenFactor
    from idp.usecases.step_up import StepUp
    from idp.usecases.system import System

SAID_TO_THE_SERVICE = frozenset({Reason.ASSURANCE_NOT_AVAILABLE, Reason.PAGE_NEEDED})
"""Refusals that are the service's answer; all others are said to the person on a page."""


_TOO_WEAK: Final = Deny(Reason.ASSURANCE_NOT_AVAILABLE)
CARRIED: Final = "session"
"""Where an attempt keeps the id of the session that it began with."""


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
    consent: Asked | None = None
    """What the service would be told, where the person is asked first."""
    session: LiveSession | None = None
    """On a shared device: the live session that would answer, if it is still the same person."""
    factors: tuple[ProvenFactor, ...] = ()
    """What has been proven and counts now: by the code, and by the factors, that the person has now."""
    own_factors: tuple[OwnFactor, ...] = ()
    """What the person has enrolled; read only where it matters."""
    enrolment: EnrolmentFacts = field(default_factory=EnrolmentFacts)
    """What decides whether a second factor may be enrolled in this login."""
    step_up: StepUp | None = None
    """What the login has asked of an adult."""
    lesson: bool = False
    """The pupil may pick the sign of a lesson that was approved beforehand."""
    wait_for_factor: guesses.Standing = field(default_factory=lambda: guesses.Standing(Allow()))
    """Whether a second factor or a pass may be tried now."""


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A login that is done: the session and the known device's token for the browser's cookies."""

    begun: NewSession
    device_token: str = field(repr=False)


def at_once(db: Session, system: System, request: LoginRequest, session: LiveSession | None) -> LoginOutcome | Step:
    """Return the answer that needs no page: the live session is enough, or no page may be shown. Else the first step.

    What a person comes to do takes a login of its own, whatever was proven before.
    """
    if request.task is not None:
        return NotLoggedIn(reason=Reason.PAGE_NEEDED, needed=Step.USERNAME) if request.silent else Step.USERNAME
    facts = _of_session(db, system, request, session)
    answer = sign_in.decide(facts)
    if answer == _TOO_WEAK and session is not None and facts.wanted is Assurance.TO_FAKTOR:
        facts = second_factors.with_those_of(db, system, facts, session.person_id)
        answer = sign_in.decide(facts)
    match answer:
        case Deny(Reason.PAGE_NEEDED as reason):
            return NotLoggedIn(reason=reason, needed=sign_in.next_step(replace(facts, silent=False)))
        case Deny(reason):
            return NotLoggedIn(reason=reason)
        case Require(step):
            return step
        case Allow():
            if session is None:
                raise AssertionError("nobody is logged in without having proven anything")
            return LoggedIn(session=session)


def carry(
    db: Session, system: System, attempt: Attempt, browser: Browser, session: LiveSession
) -> tuple[Attempt, Browser]:
    """Begin a login with what the live session has proven; when it is done, that session is the stronger for it."""
    username = username_of(db, session.person_id)
    if username is None:
        return attempt, browser
    account = account_of(db, system, session.person_id, CodeKind.TEXT)
    lasting = tuple(proven for proven in session.factors if proven.expires_at is None)
    named = replace(
        attempt.with_name(username, person_id=session.person_id, kind=account.kind),
        acting=session.acting_affiliation_id if session.acting_affiliation_id in account.choices else None,
        scratch={CARRIED: session.id},
    )
    after, browser = prove(named, browser, *lasting)
    save(db, after)
    return after, browser


def position(db: Session, system: System, attempt: Attempt, browser: Browser, *, page: str = "") -> Position:
    """Return where the attempt stands: at most four statements, and a fifth while a code of words is handed over.

    ``page`` is the page that was asked for, where the person may choose between ways: ``sign`` beside the code.
    """
    account, held = None, None
    if attempt.username is None:
        session = _in_whose_hands(db, system, attempt, browser)
        if session is not None:
            return Position(step=Step.STILL_YOU, session=session)
    if attempt.username is not None and attempt.kind is not None:
        account = account_of(db, system, attempt.person_id, attempt.kind)
        attempt = as_proven_now(_while_it_lives(db, system, attempt, browser), account)
        attempt, account = as_vouched_now(db, attempt, account)
    own = second_factors.of_attempt(db, attempt)
    attempt = second_factors.without_ended(attempt, own)
    if attempt.window_id is not None:
        found = window_held_by(db, system, person_id=attempt.person_id, secrets=browser.handovers)
        held = found if found and found[0] == attempt.window_id else None
    new_code, secret = _new_code(db, system, attempt, browser, account, held)
    lock, counters = guesses.Standing(Allow()), None
    if account is not None and new_code is None and not attempt.identified:
        counters, lock = _counters(db, system, attempt, account, browser)
    of_adults = step_up.of_attempt(db, system, attempt, account)
    attempt, account = step_up.vouched_for(attempt, account, of_adults)
    asked = consent.of_attempt(db, system, attempt, account)
    facts = sign_in.SignInFacts(
        kind=account.kind if account else None,
        asks_for_sign=page == "sign",
        asks_for_card=page == "card",
        new_code=sign_in.NewCode(seen=attempt.seen) if new_code else None,
        factors=_proven(attempt.factors),
        fresh_since=attempt.request.fresh_since,
        wanted=attempt.request.assurance or Assurance.EN_FAKTOR,
        adult_counts_as_two=attempt.request.adult_will_do or attempt.service.accepts_adult_as_two,
        adult_may_vouch=account is not None
        and account.pupil_at is not None
        and step_up.comes_as_pupil(attempt, account),
        code_expired=attempt.code_expired,
        code_ends_soon=_is_to_be_warned(attempt, account),
        acting_choices=len(account.choices) if account else 1,
        acting_chosen=attempt.acting is not None,
        acting_ended=account is not None and attempt.acting is not None and attempt.acting not in account.choices,
        second_factors=frozenset(one.factor for one in own or ()),
        may_carry=account.may_carry if account else frozenset(),
        used_pass=attempt.enrol_through is EnrolThrough.PASS,
        enrolling=second_factors.enrolling(attempt),
        task=attempt.request.task,
        task_done=attempt.task_done,
        other_screen=attempt.request.other_screen is not None and not attempt.other_screen_allowed,
        consent=consent.decision(attempt, asked),
        lock=lock.lock,
        account=Deny(account.refusal) if account and account.refusal else Allow(),
    )
    answer, step = sign_in.decide(facts), sign_in.next_step(facts)
    return Position(
        step=step,
        reason=answer.reason if isinstance(answer, Deny) else None,
        until=lock.until,
        account=account,
        counters=counters,
        new_code=new_code,
        held_with=secret,
        window_lapsed=attempt.window_id is not None and held is None,
        consent=asked,
        step_up=of_adults,
        lesson=step is Step.STEP_UP and step_up.has_lesson(db, system, attempt, browser),
        factors=attempt.factors,
        own_factors=own or (),
        enrolment=second_factors.enrolment(attempt, account, own or ()),
        wait_for_factor=second_factors.standing(db, system, attempt, step),
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
    begun = _strengthened(db, system, attempt, browser)
    try:
        begun = begun or begin_session(
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
    told = {"person_id": attempt.person_id, "service_id": attempt.service.id}
    if not step_up.use(db, system, attempt.factors, session_id=begun.session.id, **told):
        raise AlreadyFinished
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


def _strengthened(db: Session, system: System, attempt: Attempt, browser: Browser) -> NewSession | None:
    """Return the session that the login began with, stronger now; None where it began with none."""
    session_id = attempt.scratch.get(CARRIED)
    if session_id is None or attempt.person_id is None or browser.session_token is None:
        return None
    return strengthen_session(
        db,
        system,
        session_id=session_id,
        old_token=browser.session_token,
        person_id=attempt.person_id,
        factors=attempt.factors,
    )


def give_up(db: Session, system: System, attempt: Attempt, reason: Reason) -> NotLoggedIn:
    """Use up an attempt whose refusal is the service's answer. Raises :class:`AlreadyFinished`."""
    if not finish_attempt(db, attempt.id, system.now(), None):
        raise AlreadyFinished
    return NotLoggedIn(reason=reason)


def asks_more(db: Session, system: System, request: LoginRequest, session: LiveSession) -> bool:
    """Say whether a live session, whose person is still there, is not enough by itself."""
    return sign_in.next_step(replace(_of_session(db, system, request, session), shared_session=False)) is not Step.DONE


def _of_session(db: Session, system: System, request: LoginRequest, session: LiveSession | None) -> sign_in.SignInFacts:
    """Return what a live session says to a request. On a shared device only a service that was told of it keeps it unasked."""
    in_doubt = session is not None and session.shared
    if in_doubt and request.silent and session is not None:
        in_doubt = not is_told(db, session.id, request.service_id)
    return sign_in.SignInFacts(
        factors=_proven(session.factors) if session else (),
        fresh_since=request.fresh_since,
        wanted=request.assurance or Assurance.EN_FAKTOR,
        adult_counts_as_two=request.assurance is Assurance.TO_FAKTOR
        and (request.adult_will_do or accepts_adult_as_two(db, request.service_id)),
        adult_may_vouch=session is not None and session.actor_group is ActorGroup.PUPIL,
        shared_session=in_doubt,
        other_screen=request.other_screen is not None,
        consent=consent.of_session(db, system, request, session),
        silent=request.silent,
    )


def _in_whose_hands(db: Session, system: System, attempt: Attempt, browser: Browser) -> LiveSession | None:
    """Return the live session of a shared device that would answer, were it known who holds the device now."""
    if browser.session_token is None or attempt.request.task is not None:
        return None
    session = live_session(db, system, browser.session_token)
    if session is None or not session.shared:
        return None
    return session if sign_in.next_step(_of_session(db, system, attempt.request, session)) is Step.STILL_YOU else None


def _counters(
    db: Session, system: System, attempt: Attempt, account: Account, browser: Browser
) -> tuple[Counters, guesses.Standing]:
    """Return which counters a try at the code depends on, and whether one may be made now.

    The known device's first; where it must wait, and in any other browser, the school card's if one was shown here.
    """
    device = known_device(db, account.person_id, browser.devices)
    name = attempt.username or ""
    counters = guesses.counters(system, name=name, kind=account.kind, address=browser.address, device_id=device)
    lock = None if device is None and attempt.by_card else guesses.standing(db, system, counters)
    if attempt.by_card and attempt.card_id is not None and (lock is None or isinstance(lock.lock, Deny)):
        of_card = guesses.counters_of_card(system, card_id=attempt.card_id)
        if is_live(db, attempt.card_id):
            return of_card, guesses.standing(db, system, of_card)
    return counters, lock or guesses.standing(db, system, counters)


def _is_to_be_warned(attempt: Attempt, account: Account | None) -> bool:
    """Say whether the person, who has just given a code that ends soon, has not yet been told so in this login."""
    by_code = any(proven.factor in BY_CODE for proven in attempt.factors)
    return by_code and not attempt.postponed and account is not None and account.warn_days_left is not None


def is_orphan(db: Session, system: System, attempt: Attempt, browser: Browser) -> bool:
    """Say whether the login began with a live session that is over now."""
    session_id = attempt.scratch.get(CARRIED)
    if session_id is None:
        return False
    session = live_session(db, system, browser.session_token) if browser.session_token else None
    return session is None or session.id != session_id


def _while_it_lives(db: Session, system: System, attempt: Attempt, browser: Browser) -> Attempt:
    """Return the attempt without what a live session brought into it, once that session is over."""
    return unproven(attempt) if is_orphan(db, system, attempt, browser) else attempt


def _new_code(
    db: Session,
    system: System,
    attempt: Attempt,
    browser: Browser,
    account: Account | None,
    held: tuple[int, str] | None,
) -> tuple[IssuedCode | None, str | None]:
    """Return the code that is being handed over in this browser: a claimed window's, or in the place of the old one.

    With it comes the secret that it follows from.
    """
    bound_to, secret = f"attempt:{attempt.id}", None
    wanted = attempt.code_expired or (attempt.request.task is Task.NEW_CODE and not attempt.task_done)
    if held is not None:
        bound_to, secret = f"window:{held[0]}", held[1]
    elif wanted and attempt.identified and not any(proven.factor in sign_in.ELSEWHERE for proven in attempt.factors):
        secret = held_with(browser.handovers, attempt.held_by)
    if account is None or account.person_id is None or account.stage is None or secret is None:
        return None, None
    unless = shows(db, system.rules, account.person_id)
    return derived_code(system, account.stage, bound_to=bound_to, secret=secret, unless=unless), secret


def _proven(factors: tuple[ProvenFactor, ...]) -> tuple[sign_in.ProvenFactor, ...]:
    return tuple(sign_in.ProvenFactor(proven.factor, proven.proven_at) for proven in factors)
