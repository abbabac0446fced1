"""How far another identity provider is believed."""

from __future__ import annotations

import pytest

from policies.assurance import levels_of
from policies.upstreams import factor_of, vouched_level
from policies.vocabulary import Assurance

ONE, TWO, ADULT = Assurance.EN_FAKTOR, Assurance.TO_FAKTOR, Assurance.VOKSEN_VERIFICERET
AGREED = {"low": ONE, "high": TWO, "adult": ADULT}


@pytest.mark.parametrize(
    ("said", "cap", "worth"),
    [
        ("high", TWO, TWO),
        ("high", ONE, ONE),
        ("low", TWO, ONE),
        ("unheard", TWO, ONE),
        (None, TWO, ONE),
        ("adult", TWO, ONE),
        ("high", ADULT, ONE),
    ],
)
def test_a_word_is_worth_what_was_agreed_and_never_more_than_the_cap(
    said: str | None, cap: Assurance, worth: Assurance
) -> None:
    assert vouched_level(said, AGREED, cap) is worth
    assert levels_of([factor_of(worth)]) == ({ONE, TWO} if worth is TWO else {ONE})
