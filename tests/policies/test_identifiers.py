from __future__ import annotations

import re
from datetime import date
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.avoided import is_avoided
from policies.identifiers import (
    candidates,
    cpr_birth_date,
    cpr_well_formed,
    folded,
    institution_number_ok,
    is_test_number,
    pairwise_subject,
    synthetic_cpr,
    user_id,
)
from policies.vocabulary import Gender


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Emma", "emma"),
        ("Søren", "soeren"),
        ("Åse", "aase"),
        ("A\u030ase", "aase"),
        ("Ægir", "aegir"),
        ("Zoë", "zoe"),
        ("Ann-Marie", "annmarie"),
        ("Łukasz", "lukasz"),
        ("李", ""),
        ("", ""),
    ],
)
def test_names_are_folded_to_the_letters_of_a_keyboard(name: str, letters: str) -> None:
    assert folded(name) == letters


@pytest.mark.parametrize(
    ("name", "start"),
    [("Emma", "emma"), ("Søren", "soer"), ("Bo", "bo"), ("Pikka", "p"), ("李", "")],
)
def test_a_username_begins_with_the_name_where_it_can(name: str, start: str) -> None:
    username = next(candidates(name, lambda below: below // 2))
    assert re.fullmatch(start + r"[bcdfghjkmnpqrtvwxz2-9]+", username)
    assert len(username) == 8


@given(st.text(max_size=12), st.randoms(use_true_random=False))
def test_usernames_are_eight_plain_signs_and_never_rude(name: str, random: object) -> None:
    draw = random.randrange  # type: ignore[attr-defined]
    for username in islice(candidates(name, draw), 3):
        assert re.fullmatch(r"[a-z0-9]{8}", username)
        assert not is_avoided(username)


def test_the_next_candidate_is_another_draw() -> None:
    numbers = iter((0, 0, 0, 0, 1, 1, 1, 1))
    assert list(islice(candidates("Emma", lambda _: next(numbers)), 2)) == ["emmabbbb", "emmacccc"]


@pytest.mark.parametrize(("drawn", "expected"), [(0, "0000000000"), (0x1000013B36, "1000013b36"), (-1, "ffffffffff")])
def test_a_user_id_is_ten_hexadecimal_signs(drawn: int, expected: str) -> None:
    assert user_id(lambda below: drawn % below) == expected


SECRET = b"a key for tests"


def test_a_sector_always_knows_a_person_by_the_same_name() -> None:
    first = pairwise_subject(SECRET, "laering.example", "1000013b36")
    assert first == pairwise_subject(SECRET, "laering.example", "1000013b36")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", first)


def test_two_sectors_two_people_and_two_installations_share_no_name() -> None:
    subjects = {
        pairwise_subject(SECRET, "laering.example", "1000013b36"),
        pairwise_subject(SECRET, "other.example", "1000013b36"),
        pairwise_subject(SECRET, "laering.example", "1000013b37"),
        pairwise_subject(SECRET, "laering.example1", "000013b36"),
        pairwise_subject(b"another key", "laering.example", "1000013b36"),
    }
    assert len(subjects) == 5


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        ("A04441", True),
        ("101001", True),
        ("a04441", False),
        ("A0444", False),
        ("A044411", False),
        ("A0444\n", False),
        ("A04441\n", False),
        ("Å04441", False),
        ("", False),
        ("A0444١", False),
    ],
)
def test_an_institution_number_is_six_digits_or_capitals(text: str, *, ok: bool) -> None:
    assert institution_number_ok(text) is ok


@pytest.mark.parametrize(
    ("number", "born"),
    [
        ("0101000000", date(1900, 1, 1)),
        ("3112993999", date(1999, 12, 31)),
        ("0101364000", date(2036, 1, 1)),
        ("0101374000", date(1937, 1, 1)),
        ("0101575000", date(2057, 1, 1)),
        ("0101585000", date(1858, 1, 1)),
        ("0101998000", date(1899, 1, 1)),
        ("0101369000", date(2036, 1, 1)),
        ("0101379000", date(1937, 1, 1)),
        ("6101124000", date(2012, 1, 1)),
        ("8902004000", date(2000, 2, 29)),
        ("2902004000", date(2000, 2, 29)),
        ("2902001000", None),
        ("3202124000", None),
        ("0013124000", None),
        ("0000000000", None),
        ("010112-4000", None),
        ("01011240000", None),
        ("010112400", None),
        ("010112400x", None),
        ("٠101124000", None),
        ("", None),
    ],
)
def test_a_cpr_number_names_a_day_or_is_none(number: str, born: date | None) -> None:
    assert cpr_birth_date(number) == born
    assert cpr_well_formed(number) is (born is not None)


@pytest.mark.parametrize(
    ("number", "test"),
    [
        ("6101124000", True),
        ("9112994000", True),
        ("9212994000", False),
        ("0101124000", False),
        ("6001124000", False),
        ("6113124000", False),
    ],
)
def test_sixty_more_on_the_day_marks_a_test_number(number: str, *, test: bool) -> None:
    assert is_test_number(number) is test


@given(st.dates(date(1858, 1, 1), date(2057, 12, 31)), st.integers(0, 100), st.sampled_from(Gender))
def test_synthetic_numbers_belong_to_nobody_and_tell_the_truth(born: date, sequence: int, gender: Gender) -> None:
    number = synthetic_cpr(born, sequence, gender)
    assert is_test_number(number)
    assert cpr_birth_date(number) == born
    assert int(number[-1]) % 2 == (gender is Gender.MALE)
    assert (
        sum(int(digit) * weight for digit, weight in zip(number, (4, 3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11 == 0
    )


def test_every_number_of_a_day_is_another() -> None:
    numbers = [synthetic_cpr(date(2016, 5, 4), n, gender) for n in range(150) for gender in ("M", "K")]
    assert len(set(numbers)) == 300


def test_a_day_runs_out_of_numbers_loudly() -> None:
    with pytest.raises(ValueError, match="no test number 999"):
        synthetic_cpr(date(2016, 5, 4), 999, Gender.FEMALE)
