from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        ((NO, OTHER_NO), OTHER_NO),
        ((Allow(), SECOND, FIRST), FIRST),
    ],
)
def test_a_refusal_wins_then_a_step_and_silence_means_no(decisions: tuple[Decision, ...], expected: Decision) -> None:
    assert combine(*decisions) == expected


answers = st.just(Allow()) | st.builds(Deny, st.sampled_from(Reason)) | st.builds(Require, st.sampled_from(Step))


@given(decisions=st.lists(answers), data=st.data())
def test_the_order_of_answers_says_nothing(decisions: list[Decision], data: st.DataObject) -> None:
    assert combine(*decisions) == combine(*data.draw(st.permutations(decisions)))


@given(decisions=st.lists(answers, min_size=1), more=st.lists(answers))
def test_one_more_answer_never_allows_more(decisions: list[Decision], more: list[Decision]) -> None:
    hardness = (Allow, Require, Deny)
    one, both = combine(*decisions), combine(*decisions, *more)
    assert hardness.index(type(both)) >= hardness.index(type(one))
