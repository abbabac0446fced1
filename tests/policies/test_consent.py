from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.consent import Wish, age_on, consent
from policies.decision import Allow, Deny, Require
from policies.vocabulary import ActorGroup, Reason, Step

if TYPE_CHECKING:
    from policies.decision import Decision
    from policies.rules import Rules

TODAY = date(2026, 11, 23)
THIRTEEN, TWELVE = date(2013, 11, 23), date(2013, 11, 24)
ASK, YES = Require(Step.CONSENT), Allow()
YOUNG, UNKNOWN = Deny(Reason.CONSENT_TOO_YOUNG), Deny(Reason.CONSENT_AGE_UNKNOWN)
PUPIL, STAFF = ActorGroup.PUPIL, ActorGroup.STAFF
WISH = Wish(frozenset({"openid"}), frozenset({"sub", "name"}))
MORE_SCOPE = Wish(frozenset({"openid", "profile"}), WISH.claims)
MORE_CLAIMS = Wish(WISH.scope, WISH.claims | {"aktoer_gruppe"})
BIT = Wish(WISH.scope, frozenset({"sub"}))


@pytest.mark.parametrize(
    ("born", "actor_group", "allowed", "again", "decision"),
    [
        (THIRTEEN, PUPIL, None, False, ASK),
        (TWELVE, PUPIL, None, False, YOUNG),
        (None, PUPIL, None, False, UNKNOWN),
        (None, STAFF, None, False, ASK),
        (TWELVE, STAFF, None, False, YOUNG),
        (THIRTEEN, PUPIL, WISH, False, YES),
        (THIRTEEN, PUPIL, WISH, True, ASK),
        (THIRTEEN, PUPIL, MORE_SCOPE, False, YES),
        (THIRTEEN, PUPIL, MORE_CLAIMS, False, YES),
        (THIRTEEN, PUPIL, BIT, False, ASK),
        (TWELVE, PUPIL, WISH, False, YOUNG),
        (None, PUPIL, WISH, False, UNKNOWN),
    ],
)
def test_a_person_is_asked_once_for_each_wish_and_from_thirteen_on(
    rules: Rules, *, born: date | None, actor_group: ActorGroup, allowed: Wish | None, again: bool, decision: Decision
) -> None:
    found = consent(rules.release, WISH, allowed=allowed, again=again, born=born, actor_group=actor_group, today=TODAY)
    assert found == decision


@pytest.mark.parametrize("wish", [MORE_SCOPE, MORE_CLAIMS])
def test_more_than_was_allowed_is_asked_for_again(rules: Rules, wish: Wish) -> None:
    asked = consent(rules.release, wish, allowed=WISH, again=False, born=THIRTEEN, actor_group=PUPIL, today=TODAY)
    assert asked == ASK


@pytest.mark.parametrize(
    ("born", "today", "age"),
    [
        (date(2012, 2, 29), date(2025, 2, 28), 12),
        (date(2012, 2, 29), date(2025, 3, 1), 13),
        (date(2013, 1, 1), date(2025, 12, 31), 12),
        (date(2013, 1, 1), date(2026, 1, 1), 13),
    ],
)
def test_age_counts_birthdays(born: date, today: date, age: int) -> None:
    assert age_on(born, today) == age


@given(born=st.dates(date(1930, 1, 1), TODAY), actor_group=st.sampled_from(ActorGroup), again=st.booleans())
def test_whoever_is_younger_is_never_asked(rules: Rules, *, born: date, actor_group: ActorGroup, again: bool) -> None:
    if born > THIRTEEN:
        asked = consent(rules.release, WISH, allowed=WISH, again=again, born=born, actor_group=actor_group, today=TODAY)
        assert asked == YOUNG
