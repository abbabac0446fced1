from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from policies.decision import Allow, Deny
from policies.sync_limits import brake
from policies.vocabulary import ActorGroup, Reason

if TYPE_CHECKING:
    from policies.tables import Rules

PUPIL, STAFF = ActorGroup.PUPIL, ActorGroup.STAFF
HELD = Deny(Reason.SYNC_ENDS_TOO_MANY)


@pytest.mark.parametrize(
    ("before", "ended", "expected"),
    [
        ({PUPIL: 600}, {}, Allow()),
        ({PUPIL: 600}, {PUPIL: 60}, Allow()),
        ({PUPIL: 600}, {PUPIL: 61}, HELD),
        ({PUPIL: 20}, {PUPIL: 5}, Allow()),
        ({PUPIL: 20}, {PUPIL: 6}, HELD),
        ({PUPIL: 5}, {PUPIL: 5}, Allow()),
        ({PUPIL: 600, STAFF: 40}, {PUPIL: 10, STAFF: 6}, HELD),
        ({PUPIL: 600}, {PUPIL: 600}, HELD),
        ({}, {}, Allow()),
    ],
)
def test_a_plan_that_ends_more_than_a_tenth_and_more_than_five_is_held(
    rules: Rules, before: dict[ActorGroup, int], ended: dict[ActorGroup, int], expected: Allow | Deny
) -> None:
    assert brake(before, ended, rules.sync_limits) == expected


def test_a_new_school_year_is_held_only_where_the_rules_say_so(rules: Rules) -> None:
    assert brake({PUPIL: 600}, {}, rules.sync_limits, new_school_year=True) == Allow()
    strict = replace(rules.sync_limits, hold_new_school_year=True)
    assert brake({PUPIL: 600}, {}, strict, new_school_year=True) == Deny(Reason.SYNC_NEW_SCHOOL_YEAR)
    assert brake({PUPIL: 600}, {}, strict) == Allow()
