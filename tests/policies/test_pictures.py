from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.pictures import PICTURES, code_space, draw_code, is_well_formed, normalised

if TYPE_CHECKING:
    from policies.tables import Rules

ICONS = Path(__file__).parents[2] / "node_modules" / "@iconify-json" / "fluent-emoji-flat" / "icons.json"


def test_there_are_sixteen_different_pictures() -> None:
    assert len(PICTURES) == len(set(PICTURES)) == 16


@pytest.mark.skipif(not ICONS.exists(), reason="the pictures are fetched by ./do")
def test_every_picture_and_sign_is_in_the_set_we_draw_from(rules: Rules) -> None:
    drawn = json.loads(ICONS.read_text("utf-8"))["icons"]
    assert set(PICTURES) | set(rules.window.signs) <= drawn.keys()


def test_four_of_sixteen_are_43680_codes() -> None:
    assert code_space(16) == 43_680


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (("house", "sun", "cat", "key"), True),
        (("house", "sun", "cat"), False),
        (("house", "sun", "cat", "key", "fish"), False),
        (("house", "sun", "cat", "house"), False),
        (("house", "sun", "cat", "rocket"), False),
        ((), False),
    ],
)
def test_a_code_is_four_different_pictures(code: tuple[str, ...], *, expected: bool) -> None:
    assert is_well_formed(code) is expected


def test_the_order_is_part_of_the_code() -> None:
    assert len({normalised(code) for code in permutations(("house", "sun", "cat", "key"))}) == 24
    assert normalised(("house", "sun", "cat", "key")) == "house sun cat key"


@given(st.data())
def test_whatever_is_drawn_is_a_code(data: st.DataObject) -> None:
    code = draw_code(lambda below: data.draw(st.integers(0, below - 1)))
    assert is_well_formed(code)


def test_every_code_can_be_drawn_in_one_way_only() -> None:
    def of(numbers: tuple[int, int]) -> tuple[str, ...]:
        left = iter(numbers)
        return draw_code(lambda _: next(left), alphabet=PICTURES[:9], length=2)

    codes = {of((first, second)) for first in range(9) for second in range(8)}
    assert len(codes) == 72 == code_space(9, 2)
