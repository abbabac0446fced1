from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from policies.decision import Allow, Deny
from policies.pictures import PICTURES
from policies.step_up import Unusual, draw_sign, may_ask, pictures_of, unusual
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from policies.tables import Rules

FEW = ("banana", "carrot", "pizza")


@given(st.data())
def test_a_match_sign_is_two_different_pictures_that_nobody_else_has(data: st.DataObject) -> None:
    taken = data.draw(st.sets(st.sampled_from([f"{a} {b}" for a in FEW for b in FEW if a != b]), max_size=5))
    sign = draw_sign(lambda n: data.draw(st.integers(0, n - 1)), FEW, taken)
    assert len(set(pictures_of(sign))) == 2
    assert sign not in taken


def test_every_free_sign_can_come() -> None:
    assert {draw_sign(lambda n, at=at: at % n, FEW, {"banana carrot"}) for at in range(5)} == {
        "banana pizza", "carrot banana", "carrot pizza", "pizza banana", "pizza carrot",
    }  # fmt: skip


def test_where_every_pair_is_taken_a_sign_has_three_pictures() -> None:
    pairs = [f"{a} {b}" for a in FEW for b in FEW if a != b]
    assert len(pictures_of(draw_sign(lambda _: 0, FEW, pairs))) == 3


def test_the_national_signs_are_enough_for_a_school_and_no_pictures_of_codes(rules: Rules) -> None:
    pictures = rules.elevadgang.step_up.pictures
    assert len(pictures) * (len(pictures) - 1) >= 800
    assert not {*PICTURES, *rules.window.signs} & set(pictures)


def test_asking_is_limited(rules: Rules) -> None:
    rule = rules.elevadgang.step_up
    assert may_ask(rule, rule.most_in_an_hour - 1) == Allow()
    assert may_ask(rule, rule.most_in_an_hour) == Deny(Reason.STEP_UP_TOO_OFTEN)


def test_each_thing_that_is_unusual_is_named() -> None:
    usual = {"noted": (), "same_network": True, "open_requests": 1, "same_sign": False}
    assert unusual(**usual) == frozenset()
    assert unusual(**{**usual, "noted": ["new-device"]}) == {Unusual.NEW_DEVICE}
    assert unusual(**{**usual, "same_network": False}) == {Unusual.OTHER_NETWORK}
    assert unusual(**{**usual, "open_requests": 2}) == {Unusual.SECOND_REQUEST}
    assert unusual(**{**usual, "same_sign": True}) == {Unusual.SAME_SIGN}
