from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.frequent_codes import FrequentCodes

if TYPE_CHECKING:
    from policies.tables import Rules

SOME = FrequentCodes.of(["dragon", "abc123", "P@ssw0rd", "brøndby", "hest", "no"])


@pytest.mark.parametrize(
    ("code", "frequent"),
    [
        ("dragon", True),
        ("DRAGON", True),
        ("dr4g0n", True),
        ("dragon2026", True),
        ("!!dragon26", True),
        ("dragon2026531", False),
        ("dragonfly", False),
        ("abc123", True),
        ("abc123!", True),
        ("1abc123", True),
        ("password", True),
        ("brondby64", True),
        ("broendby64", True),
        ("hest-banan", False),
        ("no12", False),
        ("", False),
    ],
)
def test_a_frequent_code_is_known_in_its_usual_disguises(code: str, *, frequent: bool) -> None:
    assert (code in SOME) is frequent


@given(codes=st.lists(st.text(min_size=3, max_size=20), max_size=30))
def test_every_code_on_the_list_is_found(codes: list[str]) -> None:
    kept = FrequentCodes.of(codes)
    assert all(code in kept for code in codes)
    assert repr(kept) == "FrequentCodes()"


def test_the_danish_list_holds_hundreds_and_each_once(rules: Rules) -> None:
    codes = rules.chosen.frequent_codes
    assert len(codes) >= 700
    assert len(codes) - len(set(codes)) == 0
