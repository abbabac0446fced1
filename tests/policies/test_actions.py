from __future__ import annotations

from dataclasses import replace

import pytest

from policies.actions import ALLOWED, NEED_TWO_FACTORS, NEEDED_RIGHT, Action, Visitor, may
from policies.decision import Allow, Deny
from policies.vocabulary import ActorGroup, Factor, Reason, Right

OVER_OTHERS = [action for action in Action if action.value.startswith("brugeradministration:")]
CODE, TWO = frozenset({Factor.PASSWORD}), frozenset({Factor.PASSWORD, Factor.TOTP})
ADMINISTRATOR = Visitor(ActorGroup.STAFF, frozenset({Right.USER_ADMINISTRATOR}), TWO)


@pytest.mark.parametrize("action", OVER_OTHERS)
@pytest.mark.parametrize(
    ("visitor", "expected"),
    [
        (ADMINISTRATOR, Allow()),
        (replace(ADMINISTRATOR, actor_group=ActorGroup.EXTERNAL), Allow()),
        (replace(ADMINISTRATOR, factors=frozenset({Factor.PASSKEY})), Allow()),
        (replace(ADMINISTRATOR, factors=frozenset({Factor.PASSWORD, Factor.RECOVERY_CODE})), Allow()),
        # one factor, or what is none
        (replace(ADMINISTRATOR, factors=CODE), Deny(Reason.SECOND_FACTOR_NEEDED)),
        (replace(ADMINISTRATOR, factors=frozenset({Factor.PASSWORD, Factor.ADULT})), Deny(Reason.SECOND_FACTOR_NEEDED)),
        (replace(ADMINISTRATOR, factors=frozenset({Factor.PASSWORD, Factor.CARD})), Deny(Reason.SECOND_FACTOR_NEEDED)),
        (replace(ADMINISTRATOR, factors=frozenset({Factor.PICTURES, Factor.TOTP})), Deny(Reason.SECOND_FACTOR_NEEDED)),
        (replace(ADMINISTRATOR, factors=frozenset({Factor.UPSTREAM})), Deny(Reason.SECOND_FACTOR_NEEDED)),
        (replace(ADMINISTRATOR, factors=frozenset()), Deny(Reason.SECOND_FACTOR_NEEDED)),
        # without the right nobody is asked for a second factor
        (replace(ADMINISTRATOR, rights=frozenset()), Deny(Reason.RIGHT_MISSING)),
        (replace(ADMINISTRATOR, rights=frozenset(), factors=CODE), Deny(Reason.RIGHT_MISSING)),
        (replace(ADMINISTRATOR, rights=frozenset(Right) - {Right.USER_ADMINISTRATOR}), Deny(Reason.RIGHT_MISSING)),
        # nor does the right help somebody who is here as a parent or a pupil
        (replace(ADMINISTRATOR, actor_group=ActorGroup.CONTACT), Deny(Reason.RIGHT_MISSING)),
        (replace(ADMINISTRATOR, actor_group=ActorGroup.PUPIL), Deny(Reason.RIGHT_MISSING)),
    ],
)
def test_power_over_others_needs_the_right_and_two_factors(
    action: Action, visitor: Visitor, expected: Allow | Deny
) -> None:
    assert may(action, visitor) == expected


def test_every_action_over_others_needs_a_right_and_two_factors() -> None:
    assert OVER_OTHERS
    assert set(OVER_OTHERS) <= NEED_TWO_FACTORS
    assert set(OVER_OTHERS) <= NEEDED_RIGHT.keys()


@pytest.mark.parametrize("group", ActorGroup)
def test_ones_own_page_needs_neither(group: ActorGroup) -> None:
    assert may(Action.SEE_OWN_PAGE, Visitor(group, factors=CODE)) == Allow()


def test_an_action_that_no_rule_names_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ALLOWED, Action.SEE_PEOPLE)
    assert may(Action.SEE_PEOPLE, ADMINISTRATOR) == Deny(Reason.NOTHING_ALLOWS)
