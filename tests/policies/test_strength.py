from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policies.strength import assigned_bits, assigned_codes
from policies.tables import load_rules
from policies.vocabulary import Follow, Stage

if TYPE_CHECKING:
    from policies.tables import Rules


@pytest.mark.parametrize(
    ("stage", "national", "norm"),
    [
        (Stage.DAYCARE, 15.4, 22.4),
        (Stage.INDSKOLING, 15.4, 22.4),
        (Stage.MELLEMTRIN, 22.1, 22.1),
        (Stage.UDSKOLING, 28.7, 28.7),
        (Stage.YOUTH, 28.7, 28.7),
        (Stage.STAFF, 28.7, 28.7),
        (Stage.PARENT, 28.7, 28.7),
    ],
)
def test_how_strong_an_assigned_code_is(
    texts: dict[str, str], rules: Rules, stage: Stage, national: float, norm: float
) -> None:
    assert assigned_bits(rules, stage) == national
    assert assigned_bits(load_rules(texts, Follow.NORM), stage) == norm


def test_four_of_sixteen_pictures_are_43680_codes(rules: Rules) -> None:
    assert assigned_codes(rules, Stage.INDSKOLING) == 43_680


@pytest.mark.parametrize("stage", Stage)
def test_the_norms_ask_for_twenty_bits(texts: dict[str, str], stage: Stage) -> None:
    assert assigned_bits(load_rules(texts, Follow.NORM), stage) >= 20
