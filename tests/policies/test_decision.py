from __future__ import annotations

import pytest

from policies.decision import Allow, Decision, Deny, Require, combine
from policies.vocabulary import Reason, Step

NO = Deny(Reason.NOT_YOUR_PUPIL)
OTHER_NO = Deny(Reason.RIGHT_MISSING)
FIRST = Require(Step.PASSWORD)
SECOND = Require(Step.SIGN)


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ((), Deny(Reason.NOTHING_ALLOWS)),
        ((Allow(),), Allow()),
        ((Allow(), Allow()), Allow()),
        ((Allow(), NO), NO),
        ((FIRST, NO), NO),
        ((NO, OTHER_NO), NO),
        ((Allow(), FIRST, SECOND), FIRST),
    ],
)
def test_a_refusal_wins_then_a_step_and_silence_means_no(decisions: tuple[Decision, ...], expected: Decision) -> None:
    assert combine(*decisions) == expected
