from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.outside import one_time_codes as codes

SEED = b"12345678901234567890"
NOW = datetime(2026, 11, 23, 8, 0, 10, tzinfo=UTC)
HERE = codes.step_at(NOW)


@pytest.mark.spec("RFC 6238", "B")
@pytest.mark.parametrize(
    ("second", "eight_digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_the_specification(second: int, eight_digits: str) -> None:
    step = codes.step_at(datetime.fromtimestamp(second, UTC))
    assert codes.code_at(SEED, step) == eight_digits[-6:]


@pytest.mark.parametrize(("off", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_around_now_is_right(off: int, *, right: bool) -> None:
    found = codes.match(SEED, codes.code_at(SEED, HERE + off), NOW, last_step=None, drift=0)
    assert found == (codes.Match(HERE + off, off) if right else None)


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_step_is_never_right_twice_and_no_earlier_one_after_it(off: int) -> None:
    code = codes.code_at(SEED, HERE + off)
    assert codes.match(SEED, code, NOW, last_step=HERE + 1, drift=0) is None
    assert (codes.match(SEED, code, NOW, last_step=HERE + off - 1, drift=0)) is not None


def test_an_app_whose_clock_loses_half_a_minute_each_month_is_followed_for_years() -> None:
    drift, last, now = 0, None, NOW
    for month in range(36):
        now += timedelta(days=30)
        found = codes.match(SEED, codes.code_at(SEED, codes.step_at(now) - month), now, last_step=last, drift=drift)
        assert found is not None, month
        drift, last = found.drift, found.step
    assert drift == -35


def test_a_person_who_is_slow_at_times_is_not_taken_for_a_wrong_clock() -> None:
    for off in (-1, 0, 1):
        assert codes.match(SEED, codes.code_at(SEED, HERE + off), NOW, last_step=None, drift=-2) is not None


def test_a_clock_that_was_put_right_is_right_again() -> None:
    assert codes.match(SEED, codes.code_at(SEED, HERE), NOW, last_step=HERE - 90, drift=-90) is not None


@pytest.mark.parametrize("off", [-codes.FARTHEST, -90, -2, 2, 90, codes.FARTHEST])
def test_two_codes_in_a_row_repair_a_clock(off: int) -> None:
    first, second = codes.code_at(SEED, HERE + off), codes.code_at(SEED, HERE + off + 1)
    assert codes.match_pair(SEED, first, second, NOW, last_step=None) == codes.Match(HERE + off + 1, off + 1)
    assert codes.match_pair(SEED, second, first, NOW, last_step=None) is None
    assert codes.match_pair(SEED, first, first, NOW, last_step=None) is None
    assert codes.match_pair(SEED, first, second, NOW, last_step=HERE + off) is None


def test_a_clock_more_than_two_hours_off_is_not_repaired() -> None:
    step = HERE + codes.FARTHEST + 1
    pair = codes.code_at(SEED, step), codes.code_at(SEED, step + 1)
    assert codes.match_pair(SEED, *pair, NOW, last_step=None) is None


def test_at_most_six_codes_are_right_at_a_time() -> None:
    right = {step for step in range(HERE - 300, HERE + 300) if _is_right(step, drift=100)}
    assert right == {HERE - 1, HERE, HERE + 1, HERE + 99, HERE + 100, HERE + 101}


def _is_right(step: int, *, drift: int) -> bool:
    return codes.match(SEED, codes.code_at(SEED, step), NOW, last_step=None, drift=drift) is not None


@pytest.mark.parametrize("typed", ["123 456", " 123456 ", "123456", "12 34 56"])
def test_blanks_in_a_code_do_not_matter(typed: str) -> None:
    assert codes.normalised(typed) == "123456"


@given(st.text(max_size=20))
def test_what_is_no_code_is_nothing(typed: str) -> None:
    code = codes.normalised(typed)
    assert code == "" or (len(code) == 6 and code.isascii() and code.isdigit())


def test_the_app_reads_site_and_username() -> None:
    address = codes.app_address(SEED, site="Skolepas Demo", username="vigg0001")
    assert address == f"otpauth://totp/Skolepas%20Demo:vigg0001?secret={codes.seed_text(SEED)}&issuer=Skolepas%20Demo"
    assert len(codes.new_seed()) == 20
    assert codes.new_seed() != codes.new_seed()
