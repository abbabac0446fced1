from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import lockout
from policies.decision import Allow, Deny
from policies.lockout import Attempts, LockoutRule, after_failure, may_try
from policies.tables import load_rules
from policies.vocabulary import CodeKind, Reason

if TYPE_CHECKING:
    from policies.tables import Rules

START = datetime(2026, 8, 10, 8, tzinfo=UTC)


def _guess_all_day(rule: LockoutRule, until: datetime) -> int:
    """Try as soon as it is allowed, wrong each time, and count."""
    attempts, now, tries = Attempts(), START, 0
    while now < until:
        attempts, tries = after_failure(rule, attempts, now), tries + 1
        now = max(now + timedelta(seconds=1), attempts.blocked_until or now)
    return tries


def test_the_delay_grows_and_then_stays(rules: Rules) -> None:
    rule, attempts, now = lockout.known_device(rules), Attempts(), START
    waits = []
    for _ in range(10):
        attempts = after_failure(rule, attempts, now)
        waits.append(((attempts.blocked_until or now) - now).total_seconds() / 60)
        now = attempts.blocked_until or now
    assert waits == [0, 0, 0, 0, 1, 5, 15, 60, 60, 60]


def test_no_try_is_allowed_while_a_delay_runs(rules: Rules) -> None:
    rule = lockout.known_device(rules)
    attempts = Attempts(failures=5, first_at=START, blocked_until=START + timedelta(minutes=1))
    assert may_try(attempts, START + timedelta(seconds=59), rule) == Deny(Reason.WAIT_BEFORE_TRYING)
    assert may_try(attempts, START + timedelta(seconds=60), rule) == Allow()


def test_nobody_has_failed_at_first() -> None:
    assert may_try(Attempts(), START) == Allow()


def test_a_right_code_clears_a_known_device_but_refunds_no_stranger(rules: Rules) -> None:
    assert lockout.known_device(rules).forgiven_by_success
    assert not lockout.strangers(rules, CodeKind.PICTURES).forgiven_by_success
    assert not lockout.network(rules).forgiven_by_success


def test_after_a_day_the_count_starts_from_nothing(rules: Rules) -> None:
    attempts = Attempts(failures=20, first_at=START, blocked_until=START + timedelta(hours=23))
    tomorrow = START + timedelta(hours=24)
    assert after_failure(lockout.known_device(rules), attempts, tomorrow) == Attempts(1, tomorrow, None)


def test_strangers_have_a_thousandth_of_the_picture_codes_a_day(rules: Rules) -> None:
    rule = lockout.strangers(rules, CodeKind.PICTURES)
    assert rule.budget == 43
    assert _guess_all_day(rule, START + timedelta(days=1)) == 43
    assert _guess_all_day(rule, START + timedelta(days=10)) <= 430


def test_a_spent_budget_says_ask_your_teacher_and_lasts_the_day(rules: Rules) -> None:
    rule = lockout.strangers(rules, CodeKind.PICTURES)
    attempts = after_failure(rule, Attempts(failures=42, first_at=START), START + timedelta(hours=1))
    assert may_try(attempts, START + timedelta(hours=23), rule) == Deny(Reason.ASK_YOUR_TEACHER)
    assert may_try(attempts, START + timedelta(hours=24), rule) == Allow()


def test_a_guesser_on_a_known_device_gets_some_thirty_tries_a_day(rules: Rules) -> None:
    assert _guess_all_day(lockout.known_device(rules), START + timedelta(days=1)) < 35


def test_a_whole_school_can_mistype_on_a_monday_morning(rules: Rules) -> None:
    rule, attempts = lockout.network(rules), Attempts()
    for second in range(299):
        attempts = after_failure(rule, attempts, START + timedelta(seconds=second))
        assert may_try(attempts, START + timedelta(seconds=second)) == Allow()


def test_a_spray_from_one_network_takes_most_of_a_day(rules: Rules) -> None:
    assert _guess_all_day(lockout.network(rules), START + timedelta(hours=1)) < 500


def test_with_the_fewest_pictures_a_day_has_three_tries(texts: dict[str, str]) -> None:
    cards = texts["cards.toml"].replace("budget = 20", "budget = 1").replace("free_failures = 5", "free_failures = 1")
    codes = texts["codes.toml"].replace("alphabet = 16", "alphabet = 9")
    fewest = load_rules(texts | {"codes.toml": codes, "cards.toml": cards})
    assert lockout.strangers(fewest, CodeKind.PICTURES).budget == 3
    assert _guess_all_day(lockout.strangers(fewest, CodeKind.PICTURES), START + timedelta(days=1)) == 3


@pytest.mark.parametrize(
    ("codes", "in_an_hour", "in_a_day"), [(500, 533, 12_800), (10_000, 533, 12_800), (800_000, 2245, 54_000)]
)
def test_a_spray_from_any_number_of_networks_is_held_to_its_budget(
    rules: Rules, codes: int, in_an_hour: int, in_a_day: int
) -> None:
    parts, rule = rules.lockout.everywhere.parts, lockout.everywhere(rules, codes)
    assert parts * _guess_all_day(rule, START + timedelta(hours=1)) <= in_an_hour
    assert parts * _guess_all_day(rule, START + timedelta(days=1)) <= in_a_day


def test_a_network_is_good_for_one_failure_an_hour_for_each_person(rules: Rules) -> None:
    school, rented = Attempts(failures=28, first_at=START), Attempts(failures=1, first_at=START)
    assert lockout.is_within_credit(rules, school, 29, START)
    assert not lockout.is_within_credit(rules, school, 28, START)
    assert lockout.is_within_credit(rules, school, 1, START + timedelta(hours=1))
    assert not lockout.is_within_credit(rules, rented, 0, START + timedelta(hours=1))
    assert lockout.credit(rules, 1000) == lockout.network(rules).free_failures


def test_no_network_slows_the_others_down_alone(rules: Rules) -> None:
    counted = [n for n in range(1, 1000) if lockout.counts_everywhere(rules, Attempts(failures=n, first_at=START), 30)]
    assert counted == list(range(31, 131))
    assert len(counted) < rules.lockout.everywhere.free_failures_least


@st.composite
def _rules(draw: st.DrawFn) -> LockoutRule:
    delays = tuple(sorted(draw(st.lists(st.integers(1, 3600), min_size=1, max_size=5))))
    free = draw(st.integers(1, 10))
    return LockoutRule(
        free, delays, draw(st.integers(3600, 90000)), draw(st.none() | st.integers(free, 50)), draw(st.booleans())
    )


@given(_rules(), st.lists(st.integers(0, 7200), max_size=40))
def test_no_lock_is_permanent_and_none_is_shortened_by_failing_more(rule: LockoutRule, gaps: list[int]) -> None:
    attempts, now = Attempts(), START
    for gap in gaps:
        now += timedelta(seconds=gap)
        running = attempts.blocked_until if isinstance(may_try(attempts, now), Deny) else None
        attempts = after_failure(rule, attempts, now)
        ends = attempts.blocked_until
        assert ends is None or ends <= now + timedelta(seconds=rule.window)
        assert running is None or (ends is not None and ends >= running)


def test_whoever_knows_the_code_and_guesses_one_time_codes_all_day_gets_in_with_less_than_one_chance_in_a_thousand(
    rules: Rules,
) -> None:
    tries = _guess_all_day(lockout.second_factor(rules), START + timedelta(days=1))
    right_at_a_time, codes = 6, 10**6
    assert tries == 103
    assert tries * right_at_a_time / codes < 1 / 1000
