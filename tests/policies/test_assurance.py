from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.assurance import assurance_of, levels_of, loa_number, nsis_level, requested_assurance, satisfies
from policies.vocabulary import Assurance, Factor

ONE, ADULT, TWO = Assurance.EN_FAKTOR, Assurance.VOKSEN_VERIFICERET, Assurance.TO_FAKTOR


@pytest.mark.parametrize(
    ("factors", "level"),
    [
        ((), None),
        ((Factor.PICTURES,), ONE),
        ((Factor.PASSWORD,), ONE),
        ((Factor.UPSTREAM,), ONE),
        ((Factor.PASSWORD, Factor.TOTP), TWO),
        ((Factor.PASSWORD, Factor.RECOVERY_CODE), TWO),
        ((Factor.PASSKEY,), TWO),
        ((Factor.PICTURES, Factor.ADULT), ADULT),
        ((Factor.PASSWORD, Factor.ADULT), ADULT),
        ((Factor.PICTURES, Factor.TOTP), ONE),
        ((Factor.PICTURES, Factor.CARD), ONE),
        ((Factor.PASSWORD, Factor.CARD), ONE),
        ((Factor.CARD,), None),
        ((Factor.ADULT,), None),
        ((Factor.TOTP,), None),
        ((Factor.RECOVERY_CODE, Factor.CARD, Factor.ADULT), None),
        ((Factor.PASSWORD, Factor.TOTP, Factor.ADULT), TWO),
    ],
)
def test_factors_give_a_level(factors: tuple[Factor, ...], level: Assurance | None) -> None:
    assert assurance_of(factors) is level


def test_who_has_both_higher_levels_gets_the_one_that_is_wanted() -> None:
    factors = {Factor.PASSWORD, Factor.TOTP, Factor.ADULT}
    assert levels_of(factors) == {ONE, ADULT, TWO}
    assert assurance_of(factors, ADULT) is ADULT
    assert assurance_of(factors, TWO) is TWO


@pytest.mark.parametrize(
    ("have", "want", "answer", "answer_where_accepted"),
    [
        (None, ONE, False, False),
        (ONE, ONE, True, True),
        (ONE, ADULT, False, False),
        (ONE, TWO, False, False),
        (ADULT, ONE, True, True),
        (ADULT, ADULT, True, True),
        (ADULT, TWO, False, True),
        (TWO, ONE, True, True),
        (TWO, ADULT, False, False),
        (TWO, TWO, True, True),
    ],
)
def test_neither_higher_level_is_the_other(
    have: Assurance | None, want: Assurance, *, answer: bool, answer_where_accepted: bool
) -> None:
    assert satisfies(have, want) is answer
    assert satisfies(have, want, service_accepts_adult_as_two=True) is answer_where_accepted


@given(st.sets(st.sampled_from(Factor)), st.sets(st.sampled_from(Factor)))
def test_proving_more_never_lowers_what_is_held(some: set[Factor], more: set[Factor]) -> None:
    assert levels_of(some) <= levels_of(some | more)


@given(st.sets(st.sampled_from(Factor)))
def test_an_adult_or_a_card_never_makes_two_factors(factors: set[Factor]) -> None:
    without = factors - {Factor.ADULT, Factor.CARD}
    assert (TWO in levels_of(factors)) is (TWO in levels_of(without))


def test_an_adults_approval_carries_no_number_of_two_factors() -> None:
    assert [loa_number(level) for level in (ONE, ADULT, TWO)] == ["2", "2", "3"]


LOW, SUBSTANTIAL, HIGH = (
    f"https://data.gov.dk/concept/core/nsis/loa/{level}" for level in ("Low", "Substantial", "High")
)


@pytest.mark.parametrize(
    ("text", "without_nsis", "with_nsis"),
    [
        ("EnFaktor", ONE, ONE),
        ("ToFaktor", TWO, TWO),
        ("To_Faktor", TWO, TWO),
        ("VoksenVerificeret", ADULT, ADULT),
        (LOW, None, ONE),
        (SUBSTANTIAL, None, TWO),
        (HIGH, None, None),
        ("tofaktor", None, None),
        ("", None, None),
    ],
)
def test_a_requested_level_is_read_or_refused(
    text: str, without_nsis: Assurance | None, with_nsis: Assurance | None
) -> None:
    assert requested_assurance(text) is without_nsis
    assert requested_assurance(text, nsis_notified="Substantial") is with_nsis


@pytest.mark.parametrize(
    ("notified", "told"),
    [("", ["", "", ""]), ("Low", ["Low", "Low", "Low"]), ("Substantial", ["Low", "Low", "Substantial"])],
)
def test_an_nsis_level_is_told_up_to_the_one_that_was_notified(notified: str, told: list[str]) -> None:
    assert [nsis_level(level, nsis_notified=notified) for level in (ONE, ADULT, TWO)] == told
    assert requested_assurance(SUBSTANTIAL, nsis_notified=notified) is (TWO if notified == "Substantial" else None)
