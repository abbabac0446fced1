"""The national policy as its reference tells it (STIL, adgangskodepolitik), one line for each group of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from policies.chosen import About, faults_of
from policies.codes import assign, code_rule, expires_at, outgrown, warning_due
from policies.stages import governing, stage_of, stage_of_person
from policies.strength import assigned_bits
from policies.vocabulary import ActorGroup, CodeShape, Factor, Level, Stage

if TYPE_CHECKING:
    from policies.rules import CodeRule
    from policies.tables import Rules

AUGUST = datetime(2026, 8, 10, 6, tzinfo=UTC)
PICTURES, WORDS, WORDS_AND_DIGITS = CodeShape.PICTURES, CodeShape.TWO_WORDS, CodeShape.TWO_WORDS_TWO_DIGITS
GROWN_UP = frozenset({Factor.PASSKEY, Factor.TOTP})
NONE: frozenset[Factor] = frozenset()


@dataclass(frozen=True)
class Line:
    """One group of people: levels or actor group, and what the reference says of their codes."""

    who: str
    form: CodeShape
    length: str
    bits: float
    chosen: str
    signs: str
    days: int | None
    factors: frozenset[Factor]


# fmt: off
TABLE = [
    #    who                     form              length  bits  chosen   signs                days  second factors
    Line("DT",                   PICTURES,         "4-4",  15.4, "never", "",                  None, NONE),
    Line("0 1 2 3",              PICTURES,         "4-4",  15.4, "never", "",                  None, NONE),
    Line("4 5 6",                WORDS,            "8-24", 22.1, "8-128", "",                  None, NONE),
    Line("7 8 9 10 Andet",       WORDS_AND_DIGITS, "8-24", 28.7, "8-128", "upper lower digit", 365,  GROWN_UP),
    Line("U1 U2 U3 U4 VU",       WORDS_AND_DIGITS, "8-24", 28.7, "8-128", "upper lower digit", 365,  GROWN_UP),
    Line("Medarbejder Ekstern",  WORDS_AND_DIGITS, "8-24", 28.7, "8-128", "upper lower digit", 365,  GROWN_UP),
    Line("Kontaktperson",        WORDS_AND_DIGITS, "8-24", 28.7, "8-128", "upper lower digit", 365,  GROWN_UP),
]
# fmt: on


def _stages(who: str) -> set[Stage]:
    groups = set(ActorGroup)
    return {
        stage_of_person(ActorGroup(word), None) if word in groups else stage_of(Level(word)) for word in who.split()
    }


@pytest.mark.parametrize("line", TABLE, ids=lambda line: line.who)
def test_the_policy_of_each_group(rules: Rules, line: Line) -> None:
    (stage,) = _stages(line.who)
    rule = code_rule(rules, stage)
    assert rule.shape is line.form
    assert f"{rule.min_length}-{rule.max_length}" == line.length
    assert assigned_bits(rules, stage) == line.bits
    assert (f"{rule.chosen_least}-{rule.chosen_most}" if rule.self_chosen else "never") == line.chosen
    assert rule.chosen_signs == set(line.signs.split())
    assert rule.validity_days == line.days
    assert rule.second_factors == line.factors
    assert (rule.grace_days, rule.warn_days, rule.history) == (30, (30, 14, 7, 1), 5)


def test_every_group_of_people_has_its_line() -> None:
    assert {stage for line in TABLE for stage in _stages(line.who)} == set(Stage)


@pytest.mark.parametrize(
    ("form", "example"), [(WORDS, "hest-banan"), (WORDS_AND_DIGITS, "Hest-Banan47"), (PICTURES, "horse sun key cat")]
)
def test_how_an_assigned_code_looks(rules: Rules, form: CodeShape, example: str) -> None:
    words, all_pictures = rules.words.words, rules.pictures.alphabet
    rule = next(rule for rule in rules.codes.values() if rule.shape is form)
    if form is PICTURES:
        left, drawn = list(all_pictures), []
        for name in example.split():
            drawn.append(left.index(name))
            left.remove(name)
    else:
        one, other = words.index("hest"), words.index("banan")
        numbers = [number for number in range(100) if number not in rules.words.digits_avoided]
        drawn = [one, other - (other > one), numbers.index(47)]
    draws = iter(drawn)
    assert assign(rule, rules, lambda _: next(draws)) == example


# A child from day-care to youth education, in August of each year: what the school-year change does to the code.
CHILDHOOD = [
    # from, to: must the code be replaced within thirty days?
    ("DT", "0", False), ("0", "1", False), ("1", "2", False), ("2", "3", False), ("3", "4", True), ("4", "5", False),
    ("5", "6", False), ("6", "7", True), ("7", "8", False), ("8", "9", False), ("9", "10", False), ("9", "U1", False),
    ("10", "U1", False), ("U1", "U2", False), ("U2", "U3", False),
]  # fmt: skip


@pytest.mark.parametrize(("left", "reached", "replaced"), CHILDHOOD)
def test_the_school_year_moves_the_policy_by_itself(rules: Rules, left: str, reached: str, *, replaced: bool) -> None:
    then, now = (code_rule(rules, stage_of(Level(level))) for level in (left, reached))
    assert outgrown(then, now) is replaced


@pytest.mark.parametrize(
    ("stage", "days_old", "days_since_the_move", "usable"),
    [
        # moved from level 3 to 4, or from 6 to 7: thirty days to the moment, however old the code is
        (Stage.INDSKOLING, 1, 0, True), (Stage.INDSKOLING, 1000, 29.999, True), (Stage.INDSKOLING, 1000, 30, False),
        (Stage.MELLEMTRIN, 900, 29.999, True), (Stage.MELLEMTRIN, 900, 30, False),
        # not moved: pictures and two words never end, the rest after 365 days
        (Stage.INDSKOLING, 1400, None, True), (Stage.MELLEMTRIN, 1000, None, True),
        (Stage.UDSKOLING, 364.999, None, True), (Stage.UDSKOLING, 365, None, False),
        (Stage.STAFF, 365, None, False), (Stage.PARENT, 364.999, None, True),
        # both: the earlier end holds
        (Stage.UDSKOLING, 364, 29, True), (Stage.UDSKOLING, 365, 1, False),
    ],
)  # fmt: skip
def test_how_long_a_code_may_be_used(
    rules: Rules, stage: Stage, days_old: float, days_since_the_move: float | None, *, usable: bool
) -> None:
    issued = AUGUST - timedelta(days=days_old)
    moved = None if days_since_the_move is None else AUGUST - timedelta(days=days_since_the_move)
    ends = expires_at(code_rule(rules, stage), issued, moved)
    assert (ends is None or ends > AUGUST) is usable


def test_who_moves_is_told_at_the_first_login_after_it(rules: Rules) -> None:
    rule = code_rule(rules, Stage.INDSKOLING)
    ends = expires_at(rule, AUGUST - timedelta(days=300), AUGUST)
    assert warning_due(rule, ends, AUGUST + timedelta(hours=2)) == 29


# Forbidden in a self-chosen code: the own name, seasons of the year, the commonest codes such as the word itself.
@pytest.mark.parametrize(
    "code", ["ida-lund-er-sej", "Sommer-i-Danmark-1", "efterårsferie-2-X", "Password-2026", "Adgangskode1"]
)
@pytest.mark.parametrize("stage", [Stage.MELLEMTRIN, Stage.UDSKOLING, Stage.YOUTH, Stage.STAFF, Stage.PARENT])
def test_what_the_country_forbids_is_forbidden_to_everybody(rules: Rules, stage: Stage, code: str) -> None:
    rule: CodeRule = code_rule(rules, stage)
    about = About(names=("Ida Lund",))
    assert faults_of(rule, code, about, words=rules.chosen, frequent=rules.chosen.frequent_codes)


def test_in_a_mixed_special_class_each_pupil_has_the_code_of_the_own_level(rules: Rules) -> None:
    shapes = [code_rule(rules, governing([stage_of(Level(level))])).shape for level in ("2", "5", "8")]
    assert shapes == [PICTURES, WORDS, WORDS_AND_DIGITS]
