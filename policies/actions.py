"""What a visitor may do in the administration. Every route there names one action; nothing listed here means no."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from policies.assurance import levels_of
from policies.decision import Allow, Deny
from policies.vocabulary import ActorGroup, Assurance, Factor, Reason, Right


@unique
class Action(StrEnum):
    """Everything a route of the administration can be for: ``tool:object:what``."""

    SEE_OWN_PAGE = "mit:page:see"
    END_OWN_SESSION = "mit:session:end"
    REMOVE_OWN_FACTOR = "mit:factor:remove"
    WITHDRAW_OWN_CONSENT = "mit:consent:withdraw"
    READ_OWN_RECORD = "mit:record:read"
    SEE_CHILDREN = "mit:child:see"
    VOUCH_FOR_CHILD = "mit:child:vouch"
    SEE_PEOPLE = "brugeradministration:people:see"
    FORCE_STAGE = "brugeradministration:stage:force"
    BLOCK_PERSON = "brugeradministration:person:block"
    END_SESSIONS = "brugeradministration:sessions:end"
    HANDLE_CARDS = "brugeradministration:card:handle"
    SET_CARD_RULE = "brugeradministration:card-rule:set"
    SEE_CODE_POLICY = "brugeradministration:policy:see"
    LOOK_UP_REFERENCE = "brugeradministration:reference:look-up"
    ISSUE_PASS = "brugeradministration:pass:issue"
    CONFIRM_CONTACT = "brugeradministration:contact:confirm"
    READ_RECORD = "skoleledelse:record:read"
    SEE_CLASS = "elevadgang:class:see"
    SEE_USERNAME = "elevadgang:username:see"
    GIVE_NEW_CODE = "elevadgang:code:renew"
    ANSWER_STEP_UP = "elevadgang:step-up:answer"
    APPROVE_LESSON = "elevadgang:lesson:approve"
    END_PUPILS_SESSIONS = "elevadgang:sessions:end"
    PRINT_CLASS_SHEET = "elevadgang:sheet:print"
    GIVE_SUBSTITUTE = "elevadgang:substitute:give"
    STOP_CODES = "elevadgang:codes:stop"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever is logged in.

    actor_group  as whom the person acts now; exactly one in a session
    rights       what the person has been granted, at any institution; at which one, the use case asks
    factors      what has been proven in the session and counts now
    fresh        whether a second factor among them was shown within the time that Elevadgang asks for
    just_now     whether it was shown within the much shorter time that an emergency stop asks for
    """

    actor_group: ActorGroup
    rights: frozenset[Right] = frozenset()
    factors: frozenset[Factor] = frozenset()
    fresh: bool = False
    just_now: bool = False


EVERYBODY: Final = frozenset(ActorGroup)
AT_WORK: Final = frozenset({ActorGroup.STAFF, ActorGroup.EXTERNAL})
ALLOWED: Final[dict[Action, frozenset[ActorGroup]]] = {
    Action.SEE_OWN_PAGE: EVERYBODY,
    Action.END_OWN_SESSION: EVERYBODY,
    Action.REMOVE_OWN_FACTOR: EVERYBODY,
    Action.WITHDRAW_OWN_CONSENT: EVERYBODY,
    Action.READ_OWN_RECORD: EVERYBODY,
    Action.SEE_CHILDREN: frozenset({ActorGroup.CONTACT}),
    Action.VOUCH_FOR_CHILD: frozenset({ActorGroup.CONTACT}),
    Action.SEE_PEOPLE: AT_WORK,
    Action.FORCE_STAGE: AT_WORK,
    Action.BLOCK_PERSON: AT_WORK,
    Action.END_SESSIONS: AT_WORK,
    Action.HANDLE_CARDS: AT_WORK,
    Action.SET_CARD_RULE: AT_WORK,
    Action.SEE_CODE_POLICY: AT_WORK,
    Action.LOOK_UP_REFERENCE: AT_WORK,
    Action.ISSUE_PASS: AT_WORK,
    Action.CONFIRM_CONTACT: AT_WORK,
    Action.READ_RECORD: AT_WORK,
    Action.SEE_CLASS: AT_WORK,
    Action.SEE_USERNAME: AT_WORK,
    Action.GIVE_NEW_CODE: AT_WORK,
    Action.ANSWER_STEP_UP: AT_WORK,
    Action.APPROVE_LESSON: AT_WORK,
    Action.END_PUPILS_SESSIONS: AT_WORK,
    Action.PRINT_CLASS_SHEET: AT_WORK,
    Action.GIVE_SUBSTITUTE: AT_WORK,
    Action.STOP_CODES: AT_WORK,
}
"""Action -> as whom one must act. An action that is not here is nobody's."""

OF_ADMINISTRATORS: Final = frozenset(
    {
        Action.SEE_PEOPLE,
        Action.FORCE_STAGE,
        Action.BLOCK_PERSON,
        Action.END_SESSIONS,
        Action.HANDLE_CARDS,
        Action.SET_CARD_RULE,
        Action.SEE_CODE_POLICY,
        Action.LOOK_UP_REFERENCE,
        Action.ISSUE_PASS,
        Action.CONFIRM_CONTACT,
    }
)
OF_ELEVADGANG: Final = frozenset(
    {
        Action.SEE_CLASS,
        Action.SEE_USERNAME,
        Action.GIVE_NEW_CODE,
        Action.ANSWER_STEP_UP,
        Action.APPROVE_LESSON,
        Action.END_PUPILS_SESSIONS,
        Action.PRINT_CLASS_SHEET,
        Action.GIVE_SUBSTITUTE,
        Action.STOP_CODES,
    }
)
"""What a teacher does for a class. For which class is asked where it is loaded (``idp.usecases.reach``): none means no."""
_ADMINISTRATOR: Final = frozenset({Right.USER_ADMINISTRATOR})
NEEDED_RIGHT: Final[dict[Action, frozenset[Right]]] = {
    **dict.fromkeys(OF_ADMINISTRATORS, _ADMINISTRATOR),
    Action.STOP_CODES: _ADMINISTRATOR,
    Action.READ_RECORD: _ADMINISTRATOR | {Right.SCHOOL_MANAGEMENT},
}
"""Action -> the rights of which one must have been granted; an action that is not here needs none."""

NEED_TWO_FACTORS: Final[frozenset[Action]] = (
    OF_ADMINISTRATORS
    | OF_ELEVADGANG
    | {
        Action.REMOVE_OWN_FACTOR,
        Action.SEE_CHILDREN,
        Action.VOUCH_FOR_CHILD,
        Action.READ_RECORD,
    }
)
"""Actions that give power over others, a look at them, or weaken the own account: only after two factors."""


NEED_FRESH_FACTOR: Final = OF_ELEVADGANG
"""Actions for which the second factor must have been shown lately: the page lies open before a class (elevadgang.toml)."""

NEED_FACTOR_JUST_NOW: Final = frozenset({Action.STOP_CODES, Action.VOUCH_FOR_CHILD})
"""Actions for which a page that lies open is not enough: one shuts a whole school out (decision 27), one is a press away for the child
who sits at the family's computer (decision 4)."""


def may(action: Action, visitor: Visitor) -> Allow | Deny:
    """Say whether ``visitor`` may do ``action``.

    SECOND_FACTOR_NEEDED and SECOND_FACTOR_OLD are said only to those whom nothing else keeps out: logging in with two
    factors then helps.
    """
    if action not in ALLOWED:
        return Deny(Reason.NOTHING_ALLOWS)
    if visitor.actor_group not in ALLOWED[action]:
        return Deny(Reason.RIGHT_MISSING)
    if action in NEEDED_RIGHT and not NEEDED_RIGHT[action] & visitor.rights:
        return Deny(Reason.RIGHT_MISSING)
    if action in NEED_TWO_FACTORS and Assurance.TO_FAKTOR not in levels_of(visitor.factors):
        return Deny(Reason.SECOND_FACTOR_NEEDED)
    if action in NEED_FACTOR_JUST_NOW and not visitor.just_now:
        return Deny(Reason.SECOND_FACTOR_OLD)
    if action in NEED_FRESH_FACTOR and not visitor.fresh:
        return Deny(Reason.SECOND_FACTOR_OLD)
    return Allow()
