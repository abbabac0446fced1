"""Which step of a login comes next, given what has been proven so far.

The only place that knows. ``idp.login.dispatch`` gathers the facts, asks, and shows the step; steps never choose one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from policies.assurance import assurance_of, levels_of, satisfies
from policies.decision import Allow, Decision, Deny, Require
from policies.vocabulary import Assurance, CodeKind, Factor, Reason, Step, Task

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["NewCode", "ProvenFactor", "SignInFacts", "Step", "decide", "next_step"]

YES: Final = Allow()

ELSEWHERE: Final = frozenset({Factor.UPSTREAM, Factor.UPSTREAM_TWO})
"""What another provider vouches for: worth a login, and never a new code in the place of the person's own."""

WAITING: Final = frozenset(
    {Reason.WAIT_BEFORE_TRYING, Reason.ASK_YOUR_TEACHER, Reason.NETWORK_MUST_WAIT, Reason.STRANGERS_MUST_WAIT}
)
"""Refusals that pass by themselves: the attempt stays, and the page leaves the way by the window open."""


@dataclass(frozen=True, slots=True)
class ProvenFactor:
    """A factor that this browser's session or attempt has proven, and when."""

    factor: Factor
    at: datetime


@dataclass(frozen=True, slots=True)
class NewCode:
    """A new code is being handed over in this browser: it claimed the window, or the old code has run out.

    ``seen``: the person has been shown the code and pressed on; it is to be repeated once now.
    """

    seen: bool = False


@dataclass(frozen=True, slots=True)
class SignInFacts:
    """Everything that decides the next step.

    kind            the page to show for the typed name, its stable kind if nobody has the name; None: nothing typed yet
    asks_for_sign   the person says that a teacher shows a sign. Nothing here tells whether a window is open: the same
                    page comes for every name, so that typing names reveals nothing (decision 8)
    asks_for_card   the person says that a school card is at hand; in the place of typing a name (decision 11)
    new_code        a new code on its way in this browser
    factors         what has been proven, with times; those before ``fresh_since`` do not count
    wanted          how much the service asks for
    adult_counts_as_two
                    whether an adult who vouched for the pupil counts as a second factor for this service
    adult_may_vouch
                    the person is a pupil for whom adults at the school may vouch (``policies.step_up``)
    code_expired    the code must be replaced; heeded only after it has been proven
    code_ends_soon  the code ends within the warning days, and the person has not said "later" yet
    second_factors  what the person has enrolled beside the code
    may_carry       the second factors that the person's stage may enrol
    used_pass       a one-time pass was used in this login: a factor is enrolled, also in the place of one that is there
    enrolling       an enrolment waits for the person: recovery codes to note down, or what a window offers
    task            what the person came to do, None to log in only
    task_done       the task has been carried out in this login
    acting_choices  as how many the person can act: attachments that differ in school or actor group
    acting_chosen   the person has chosen one of them
    acting_ended    what the person has chosen in this login has ended since; it is chosen again, however few are left
    shared_session  a live session on a shared device, of which nobody knows whose hands it is in; not where a service
                    asks silently that has been told of this session before
    other_screen    another screen shows a code that was typed here, and the person has not said yet that it is theirs; asked
                    of everybody, whatever was proven before (RFC 8628 5.4)
    consent         whether the service may be told: asked last, of the person who has been found to be logged in
                    (``policies.consent``)
    silent          the service asks that no page is shown: a step that would show one is refused
    lock            what the counters of failures say (``policies.lockout``)
    account         whether the account may be used at all; said only after a right code (decision 14)
    """

    kind: CodeKind | None = None
    asks_for_sign: bool = False
    asks_for_card: bool = False
    new_code: NewCode | None = None
    factors: tuple[ProvenFactor, ...] = ()
    fresh_since: datetime | None = None
    wanted: Assurance = Assurance.EN_FAKTOR
    adult_counts_as_two: bool = False
    adult_may_vouch: bool = False
    code_expired: bool = False
    code_ends_soon: bool = False
    second_factors: frozenset[Factor] = frozenset()
    may_carry: frozenset[Factor] = frozenset()
    used_pass: bool = False
    enrolling: bool = False
    task: Task | None = None
    task_done: bool = False
    acting_choices: int = 1
    acting_chosen: bool = False
    acting_ended: bool = False
    shared_session: bool = False
    other_screen: bool = False
    consent: Decision = YES
    silent: bool = False
    lock: Allow | Deny = YES
    account: Allow | Deny = YES


def decide(facts: SignInFacts) -> Decision:
    """Return Allow when the login is done, the step it requires, or why it is refused. Total: every fact has an answer."""
    have = _proven(facts)
    if have is not None and isinstance(facts.account, Deny):
        return facts.account
    decision = _step_to_a_code(facts) if have is None else _after_a_code(facts, have)
    if facts.silent and isinstance(decision, Require):
        return Deny(Reason.CONSENT_NEEDED if decision.step is Step.CONSENT else Reason.PAGE_NEEDED)
    return decision


def next_step(facts: SignInFacts) -> Step:
    """Return the step to show: DONE, one that asks for something, WAIT for what passes, or REFUSED."""
    match decide(facts):
        case Allow():
            return Step.DONE
        case Require(step):
            return step
        case Deny(reason):
            return Step.WAIT if reason in WAITING else Step.REFUSED


def _proven(facts: SignInFacts) -> Assurance | None:
    return assurance_of(_fresh(facts), facts.wanted)


def _fresh(facts: SignInFacts) -> frozenset[Factor]:
    return frozenset(
        proven.factor for proven in facts.factors if facts.fresh_since is None or proven.at >= facts.fresh_since
    )


def _step_to_a_code(facts: SignInFacts) -> Decision:
    if facts.new_code is not None:
        return _hand_over(facts.new_code)
    if facts.kind is None:
        return Require(Step.CARD if facts.asks_for_card else Step.USERNAME)
    if facts.asks_for_sign:
        return Require(Step.SIGN)
    if isinstance(facts.lock, Deny):
        return facts.lock
    return Require(Step.PICTURES if facts.kind is CodeKind.PICTURES else Step.PASSWORD)


def _after_a_code(facts: SignInFacts, have: Assurance) -> Decision:
    if facts.new_code is not None or facts.code_expired:
        return _hand_over(facts.new_code or NewCode())
    if _waits(facts, Task.NEW_CODE):
        return Deny(Reason.ASSURANCE_NOT_AVAILABLE) if _fresh(facts) & ELSEWHERE else Require(Step.NEW_CODE)
    if facts.code_ends_soon:
        return Require(Step.CODE_ENDS)
    if facts.enrolling:
        return Require(Step.ENROL_FACTOR)
    short = _missing_level(facts, have)
    if short is not None:
        return short
    if facts.acting_ended or (facts.acting_choices > 1 and not facts.acting_chosen):
        return Require(Step.CHOOSE_WHO)
    if facts.shared_session:
        return Require(Step.STILL_YOU)
    if facts.other_screen:
        return Require(Step.OTHER_SCREEN)
    return facts.consent


def _missing_level(facts: SignInFacts, have: Assurance) -> Decision | None:
    """Return what stands between the proven level and the one that is wanted; None when nothing does."""
    enough = satisfies(have, facts.wanted, service_accepts_adult_as_two=facts.adult_counts_as_two)
    enrols = _waits(facts, Task.ENROL_FACTOR)
    if enough and not enrols:
        return None
    fresh = _fresh(facts)
    of_their_own = enrols or facts.wanted is Assurance.TO_FAKTOR
    two = Assurance.TO_FAKTOR in levels_of(fresh)
    if of_their_own and not two and not facts.used_pass and _that_help(fresh, facts.second_factors):
        return Require(Step.SECOND_FACTOR)
    if not enrols and _an_adult_helps(facts, fresh):
        return Require(Step.STEP_UP)
    if of_their_own and _that_help(fresh, facts.may_carry):
        return Require(Step.ENROL_FACTOR)
    return Deny(Reason.ASSURANCE_NOT_AVAILABLE)


def _an_adult_helps(facts: SignInFacts, fresh: frozenset[Factor]) -> bool:
    """Say whether the login would be enough if an adult vouched for the pupil."""
    lifted = levels_of(fresh | {Factor.ADULT})
    return facts.adult_may_vouch and any(
        satisfies(level, facts.wanted, service_accepts_adult_as_two=facts.adult_counts_as_two) for level in lifted
    )


def _that_help(fresh: frozenset[Factor], kinds: frozenset[Factor]) -> frozenset[Factor]:
    """Return the kinds that make two factors of what was proven: beside pictures, and alone, a passkey only."""
    return kinds if Factor.PASSWORD in fresh else kinds & {Factor.PASSKEY}


def _waits(facts: SignInFacts, task: Task) -> bool:
    return facts.task is task and not facts.task_done


def _hand_over(new_code: NewCode) -> Decision:
    return Require(Step.CONFIRM_CODE if new_code.seen else Step.NEW_CODE)
