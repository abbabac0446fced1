from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.chosen import About, faults_of
from policies.codes import (
    assign,
    code_rule,
    expires_at,
    is_acceptable_length,
    normalise_text,
    outgrown,
    stable_kind_for_unknown,
    warning_due,
    warns,
)
from policies.pictures import is_well_formed
from policies.tables import Rules, load_rules
from policies.vocabulary import CodeKind, CodeShape, Follow, Stage


@cache
def _norm_rules(texts: tuple[tuple[str, str], ...]) -> Rules:
    return load_rules(dict(texts), Follow.NORM)


def _norm(texts: dict[str, str]) -> Rules:
    return _norm_rules(tuple(texts.items()))


NOON = datetime(2026, 8, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stage", "shape", "kind", "validity", "self_chosen"),
    [
        (Stage.DAYCARE, CodeShape.PICTURES, CodeKind.PICTURES, None, False),
        (Stage.INDSKOLING, CodeShape.PICTURES, CodeKind.PICTURES, None, False),
        (Stage.MELLEMTRIN, CodeShape.TWO_WORDS, CodeKind.TEXT, None, True),
        (Stage.UDSKOLING, CodeShape.TWO_WORDS_TWO_DIGITS, CodeKind.TEXT, 365, True),
        (Stage.YOUTH, CodeShape.TWO_WORDS_TWO_DIGITS, CodeKind.TEXT, 365, True),
        (Stage.STAFF, CodeShape.TWO_WORDS_TWO_DIGITS, CodeKind.TEXT, 365, True),
        (Stage.PARENT, CodeShape.TWO_WORDS_TWO_DIGITS, CodeKind.TEXT, 365, True),
    ],
)
def test_the_code_fits_the_stage(
    rules: Rules, stage: Stage, shape: CodeShape, kind: CodeKind, validity: int | None, *, self_chosen: bool
) -> None:
    rule = code_rule(rules, stage)
    assert (rule.shape, rule.kind, rule.validity_days, rule.self_chosen) == (shape, kind, validity, self_chosen)


@pytest.mark.parametrize("follow", Follow)
@pytest.mark.parametrize("stage", Stage)
@given(data=st.data())
def test_what_is_assigned_passes_its_own_policy(
    texts: dict[str, str], rules: Rules, follow: Follow, stage: Stage, data: st.DataObject
) -> None:
    rules = rules if follow is Follow.NATIONAL else _norm(texts)
    rule = code_rule(rules, stage)
    code = assign(rule, rules, lambda below: data.draw(st.integers(0, below - 1)))
    assert normalise_text(code) == code
    if rule.kind is CodeKind.PICTURES:
        assert is_well_formed(code.split(" "), alphabet=rules.pictures.alphabet, length=rule.min_length)
    else:
        assert is_acceptable_length(rule, code)
        assert faults_of(rule, code, About(), words=rules.chosen, frequent=rules.chosen.frequent_codes) == ()


def test_a_code_that_shows_the_person_is_drawn_again(rules: Rules) -> None:
    rule, draws = code_rule(rules, Stage.MELLEMTRIN), iter((0, 0, 5, 6))
    first, second = (f"{rules.words.words[one]}-{rules.words.words[other]}" for one, other in ((0, 1), (5, 7)))
    assert assign(rule, rules, lambda _: next(draws), unless=first.__eq__) == second


def test_who_is_called_like_every_word_gets_a_code_all_the_same(rules: Rules) -> None:
    assert assign(code_rule(rules, Stage.STAFF), rules, lambda below: below - 1, unless=lambda _: True)


def test_fewer_pictures_by_policy_are_fewer_pictures_in_codes(rules: Rules) -> None:
    nine = replace(rules, pictures=replace(rules.pictures, alphabet=rules.pictures.alphabet[:9]))
    code = assign(code_rule(nine, Stage.INDSKOLING), nine, lambda below: below - 1)
    assert set(code.split(" ")) <= set(rules.pictures.alphabet[:9])


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        (unicodedata.normalize("NFD", "måge-æble"), True),
        ("måge-æble ", True),
        (" måge-æble", True),
        ("Måge-æble", False),
        ("mågeæble", False),
        ("måge æble", False),
    ],
)
def test_only_the_unicode_form_and_outer_blanks_are_forgiven(typed: str, *, same: bool) -> None:
    assert (normalise_text(typed) == "måge-æble") is same


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise_text(normalise_text(text)) == normalise_text(text)


@pytest.mark.parametrize(("length", "acceptable"), [(7, False), (8, True), (24, True), (25, False)])
def test_a_text_code_has_8_to_24_characters(rules: Rules, length: int, *, acceptable: bool) -> None:
    assert is_acceptable_length(code_rule(rules, Stage.MELLEMTRIN), "x" * length) is acceptable


@pytest.mark.parametrize(
    ("stage", "left_after", "days"),
    [
        (Stage.INDSKOLING, None, None),
        (Stage.MELLEMTRIN, None, None),
        (Stage.MELLEMTRIN, 100, 130),
        (Stage.UDSKOLING, None, 365),
        (Stage.UDSKOLING, 100, 130),
        (Stage.UDSKOLING, 350, 365),
    ],
)
def test_a_code_ends_by_age_or_thirty_days_after_a_change_of_stage(
    rules: Rules, stage: Stage, left_after: int | None, days: int | None
) -> None:
    left_at = None if left_after is None else NOON + timedelta(days=left_after)
    expected = None if days is None else NOON + timedelta(days=days)
    assert expires_at(code_rule(rules, stage), NOON, left_at) == expected


@pytest.mark.parametrize(
    ("then", "now", "must_change"),
    [
        # From day-care to youth education: the shape changes at 3 to 4 and at 6 to 7 (STIL), and then never again.
        (Stage.DAYCARE, Stage.INDSKOLING, False),
        (Stage.INDSKOLING, Stage.MELLEMTRIN, True),
        (Stage.MELLEMTRIN, Stage.UDSKOLING, True),
        (Stage.UDSKOLING, Stage.YOUTH, False),
        (Stage.YOUTH, Stage.STAFF, False),
        (Stage.INDSKOLING, Stage.UDSKOLING, True),
        # A forced policy: pictures and words never stand in for one another, but a stronger text may stay.
        (Stage.UDSKOLING, Stage.INDSKOLING, True),
        (Stage.MELLEMTRIN, Stage.INDSKOLING, True),
        (Stage.UDSKOLING, Stage.MELLEMTRIN, False),
        (Stage.STAFF, Stage.PARENT, False),
    ],
)
def test_a_code_is_outgrown_when_the_next_stage_asks_for_another(
    rules: Rules, then: Stage, now: Stage, *, must_change: bool
) -> None:
    assert outgrown(code_rule(rules, then), code_rule(rules, now)) is must_change


def test_a_code_of_words_is_usable_until_the_moment_its_grace_ends(rules: Rules) -> None:
    ends = expires_at(code_rule(rules, Stage.MELLEMTRIN), NOON - timedelta(days=700), NOON)
    assert ends == NOON + timedelta(days=30)


WARNINGS = [
    # days left, days left when told last (None: never), whole days told
    (31, None, None),
    (30.0001, None, None),
    (30, None, 30),
    (29, 30, None),
    (14.5, 30, None),
    (14, 30, 14),
    (10, 14, None),
    (7, 14, 7),
    (6, 7, None),
    (1, 7, 1),
    (0.5, 1, None),
    (0.5, 7, 0),
    # Away for weeks: the nearest is told, once.
    (5, None, 5),
    (5, 30, 5),
    (4, 5, None),
    (0.9, 5, 0),
    # Too late for a warning.
    (0, 7, None),
    (-3, None, None),
]


@pytest.mark.parametrize(("left", "told_at", "told"), WARNINGS)
def test_the_end_of_a_code_is_told_at_30_14_7_and_1_days_once_each(
    rules: Rules, left: float, told_at: float | None, told: int | None
) -> None:
    ends = NOON + timedelta(days=left)
    warned_at = None if told_at is None else ends - timedelta(days=told_at)
    assert warning_due(code_rule(rules, Stage.STAFF), ends, NOON, warned_at) == told


@given(logins=st.lists(st.integers(-1000, 60 * 24), max_size=80))
def test_nobody_is_told_more_than_four_times(rules: Rules, logins: list[int]) -> None:
    rule, ends = code_rule(rules, Stage.STAFF), NOON + timedelta(days=60)
    warned_at, told = None, 0
    for hours in sorted(logins):
        now = NOON + timedelta(hours=hours)
        if warning_due(rule, ends, now, warned_at) is not None:
            warned_at, told = now, told + 1
            assert now >= ends - timedelta(days=30)
    assert told <= len(rule.warn_days) == 4


def test_nothing_is_told_of_a_code_that_does_not_end_or_by_a_rule_that_does_not_warn(rules: Rules) -> None:
    rule = code_rule(rules, Stage.STAFF)
    assert warning_due(rule, None, NOON, None) is None
    assert warning_due(replace(rule, warn_days=()), NOON + timedelta(hours=1), NOON, None) is None


@pytest.mark.parametrize(("left", "told"), [(31, None), (30, 30), (5, 5), (0.5, 0), (0, None), (-3, None)])
def test_a_warning_comes_in_the_last_thirty_days(rules: Rules, left: float, told: int | None) -> None:
    assert warns(code_rule(rules, Stage.STAFF), NOON + timedelta(days=left), NOON) == told


def test_a_code_that_never_ends_warns_of_nothing(rules: Rules) -> None:
    assert warns(code_rule(rules, Stage.INDSKOLING), None, NOON) is None


SECRET = b"a key for tests"


@pytest.mark.parametrize("typed", ["emma4k7t", "EMMA4K7T", " emma4k7t"])
def test_an_unknown_name_always_gets_the_same_page(typed: str) -> None:
    half = {CodeKind.PICTURES: 1, CodeKind.TEXT: 1}
    assert stable_kind_for_unknown(typed, SECRET, half) is stable_kind_for_unknown("emma4k7t", SECRET, half)


@pytest.mark.parametrize(
    ("pictures", "text", "share"), [(0, 100, 0.0), (100, 0, 1.0), (0, 0, 0.0), (25, 75, 0.25), (60, 40, 0.625)]
)
def test_unknown_names_get_pages_in_the_proportions_of_the_population(pictures: int, text: int, share: float) -> None:
    counts = {CodeKind.PICTURES: pictures, CodeKind.TEXT: text}
    shown = [stable_kind_for_unknown(f"name{number}", SECRET, counts) for number in range(4000)]
    assert shown.count(CodeKind.PICTURES) / len(shown) == pytest.approx(share, abs=0.03)


def test_a_few_new_accounts_change_no_page() -> None:
    before = {CodeKind.PICTURES: 400, CodeKind.TEXT: 1100}
    after = {CodeKind.PICTURES: 405, CodeKind.TEXT: 1110}
    names = [f"name{number}" for number in range(500)]
    assert [stable_kind_for_unknown(name, SECRET, before) for name in names] == [
        stable_kind_for_unknown(name, SECRET, after) for name in names
    ]


def test_the_page_of_a_name_cannot_be_told_without_the_key() -> None:
    half = {CodeKind.PICTURES: 1, CodeKind.TEXT: 1}
    names = [f"name{number}" for number in range(200)]
    one, other = ([stable_kind_for_unknown(name, key, half) for name in names] for key in (b"one", b"other"))
    assert one != other
