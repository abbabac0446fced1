from __future__ import annotations

import unicodedata
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.chosen import About, faults_of, shows_the_person, signs_that_count
from policies.codes import code_rule, normalise_text
from policies.frequent_codes import FrequentCodes
from policies.vocabulary import Reason, Stage

if TYPE_CHECKING:
    from policies.tables import Rules

SOMEBODY = About(
    names=("Bo Emil", "Ånd Sørensen-Lund"),
    username="boso4k7t",
    born=date(2014, 3, 9),
    schools=("Skovbakkeskolen", "Sct. Knuds Skole", "Elmeskolen"),
)
NOBODY = About()
PUBLISHED = ("monkey", "trustno1", "p@ssw0rd")


@cache
def _frequent_codes(danish: tuple[str, ...]) -> FrequentCodes:
    return FrequentCodes.of([*PUBLISHED, *danish])


def _frequent(rules: Rules) -> FrequentCodes:
    return _frequent_codes(rules.chosen.frequent_codes)


def _faults(rules: Rules, code: str, about: About = SOMEBODY, stage: Stage = Stage.MELLEMTRIN) -> set[str]:
    found = faults_of(code_rule(rules, stage), code, about, words=rules.chosen, frequent=_frequent(rules))
    assert len(found) == len(set(found))
    return {reason.value.removeprefix("code:") for reason in found}


# fmt: off
CODES = [
    # what a child may choose
    ("hest-banan", ""), ("tre røde katte", ""), ("Tre røde katte 7", ""), ("🐴 og 🐱 og 🐶 og 🦊", ""), ("ελληνικά-γράμματα", ""),
    ("x" + "yab.k " * 20 + "y", ""), ('<b>"fed" & \'kursiv\'</b>', ""), (unicodedata.normalize("NFD", "måge-æble-sø"), ""),
    ("family 👨‍👩‍👧 og 🐕 og 🎈", ""),
    # length, counted in signs
    ("kat-hus", "too-short"), ("", "too-short too-plain"), ("å" * 129, "too-long"), ("x" * 1_000_000, "too-long"),
    # the own name: long ones anywhere, in whatever spelling; short ones as a word of their own
    ("minEMILkode", "has-name"), ("3m1l-hest-hus", "has-name"), ("kat-soerensen", "has-name"), ("kat-sorensen", "has-name"),
    ("k4t-S0ren5en", "has-name"), ("SØRENSEN-hest", "has-name"), ("vi-er-bo-og-hest", "has-name"), ("BoErEnHest", "has-name"),
    ("bo2hest3kat", "has-name"), ("robotterne-kommer", ""), ("vandmanden-sover", ""), ("aand-i-flaske", "has-name"),
    ("lund-i-skoven", "has-name"), ("b0-i-kassen", "has-name"),
    # username, birth date, school
    ("BOSO4k7t-hest", "has-username"), ("hest-09032014", "has-birth-date"), ("9/3-14-hest", "has-birth-date"),
    ("hest-2014-03-09", "has-birth-date"), ("140309hestkat", "has-birth-date"), ("hest0903kat", "has-birth-date"),
    ("hest-9.3.14", "has-birth-date"), ("hest-903-kat", ""), ("hest-110903-kat", ""), ("3/9/2014-hest", "has-birth-date"),
    ("skovbakkeskolen", "has-school"), ("Skovbakke-hest", "has-school"), ("knuds-gamle-hest", "has-school"),
    ("sctknudsskole", "has-school"), ("min-skole-er-god", ""), ("under-en-elme-top", "has-school"), ("elmetoppe-i-vind", ""),
    # seasons, months, days of the week, in two languages
    ("sommerhesten", "has-calendar"), ("EFTERÅR-og-kat", "has-calendar"), ("efteraar-og-kat", "has-calendar"),
    ("0ktober-hest", "has-calendar"), ("blå mandag igen", "has-calendar"), ("winter is coming", "has-calendar"),
    ("hest-i-maj-måned", "has-calendar"), ("mayonnaise-på-brød", ""), ("springvand-i-byen", ""), ("lordag-hest", "has-calendar"),
    # what everybody chooses, and what is no code
    ("monkey12", "too-common"), ("monkey123!!!", "too-common"), ("M0NKEY!!", "too-common"), ("!2!Monkey", "too-common"), ("monkey-banan", ""),
    ("adgangskode99", "too-common"), ("min4dg4ngsk0de", "too-common"), ("fodbold1", "too-common"), ("Brøndby64!", "too-common"),
    ("brondby64", "too-common"), ("kat48219473", ""), ("zzzzzzzzzz", "too-plain"), ("abababab", "too-plain"),
    ("abcd1234", "too-common too-plain"), ("lkjhgfdsa", "too-plain"), ("987654321q", "too-plain"), ("hesthesthest", "too-plain"),
    ("qwer-hest-kat", ""), ("1qaz2wsx3edc", "too-plain"),
    # what could not be typed again
    (" hest-banan", "blank-at-end"), ("hest-banan\u00a0", "blank-at-end"), ("hest\tbanan", "hidden-sign"),
    ("hest\0banan", "hidden-sign"), ("hest\u200fbanan", "hidden-sign"), ("hest\ufffdbanan", "hidden-sign"),
    ("hest-banan\n", "blank-at-end hidden-sign"),
]
# fmt: on


@pytest.mark.parametrize(("code", "faults"), CODES)
def test_what_may_not_stand_in_a_chosen_code(rules: Rules, code: str, faults: str) -> None:
    assert _faults(rules, code) == set(faults.split())


@pytest.mark.parametrize(
    ("stage", "code", "faults"),
    [
        (Stage.MELLEMTRIN, "hest og banan", ""),
        (Stage.UDSKOLING, "hest og banan", "needs-upper needs-digit"),
        (Stage.UDSKOLING, "HEST OG BANAN 3", "needs-lower"),
        (Stage.UDSKOLING, "Hest og banan 3", ""),
        (Stage.YOUTH, "Hest og banan", "needs-digit"),
        (Stage.STAFF, "hest og 3 bananer", "needs-upper"),
        (Stage.PARENT, "Hest og 3 bananer", ""),
        (Stage.PARENT, "حصان وموزة ٣", ""),
        (Stage.PARENT, "حصان وموزة", "needs-digit"),
        (Stage.INDSKOLING, "Hest og banan 3", "not-yours-to-choose"),
        (Stage.DAYCARE, "Hest og banan 3", "not-yours-to-choose"),
    ],
)
def test_from_udskoling_on_a_chosen_code_has_capitals_and_digits(
    rules: Rules, stage: Stage, code: str, faults: str
) -> None:
    assert _faults(rules, code, NOBODY, stage) == set(faults.split())


def test_all_that_is_wrong_is_told_at_once_and_in_order(rules: Rules) -> None:
    rule = code_rule(rules, Stage.STAFF)
    found = faults_of(rule, " emil ", SOMEBODY, words=rules.chosen, frequent=_frequent(rules))
    assert found == (
        Reason.CODE_TOO_SHORT,
        Reason.CODE_BLANK_AT_END,
        Reason.CODE_NEEDS_UPPER,
        Reason.CODE_NEEDS_DIGIT,
        Reason.CODE_HAS_NAME,
        Reason.CODE_TOO_COMMON,
    )


def test_a_particle_of_a_family_name_forbids_no_word(rules: Rules) -> None:
    about = About(names=("Ida", "van der Berg"))
    assert _faults(rules, "der var en gang", about) == set()
    assert _faults(rules, "gang-i-berget", about) == {"has-name"}
    assert _faults(rules, "en-ida-er-en-fin", about) == {"has-name"}


@pytest.mark.parametrize("about", [NOBODY, About(names=("", "-"), username="", schools=("", "Skolen", "Å Skole"))])
def test_who_nothing_is_known_of_may_use_every_word(rules: Rules, about: About) -> None:
    assert _faults(rules, "en skole ved en å", about) == set()


@given(code=st.text(max_size=140))
def test_what_is_accepted_is_heard_exactly_as_it_was_chosen(rules: Rules, code: str) -> None:
    if not _faults(rules, code):
        assert normalise_text(code) == unicodedata.normalize("NFC", code)
        assert 8 <= len(normalise_text(code)) <= 128


@given(
    names=st.lists(st.text(max_size=12)),
    schools=st.lists(st.text(max_size=20)),
    code=st.text(max_size=40),
    data=st.data(),
)
def test_the_order_of_what_is_known_says_nothing(
    rules: Rules, names: list[str], schools: list[str], code: str, data: st.DataObject
) -> None:
    one = About(names=tuple(names), schools=tuple(schools))
    other = About(names=tuple(data.draw(st.permutations(names))), schools=tuple(data.draw(st.permutations(schools))))
    assert _faults(rules, code, one) == _faults(rules, code, other)


@given(code=st.text(max_size=40), more=st.text(max_size=12))
def test_more_knowledge_never_allows_more(rules: Rules, code: str, more: str) -> None:
    wider = About(names=(*SOMEBODY.names, more), username="x", born=SOMEBODY.born, schools=(*SOMEBODY.schools, more))
    assert _faults(rules, code, About(names=SOMEBODY.names, schools=SOMEBODY.schools)) <= _faults(rules, code, wider)


@pytest.mark.parametrize(
    ("code", "signs"),
    [
        ("", 0),
        ("a", 1),
        ("aaaa", 1),
        ("abcd1234", 2),
        ("hesthest", 4),
        ("hest-banan", 10),
        ("qwerty", 1),
        ("tre", 3),
        ("rewq", 1),
        ("æøåæøå", 3),
    ],
)
def test_a_run_counts_as_one_sign(code: str, signs: int) -> None:
    assert signs_that_count(code) == signs


@pytest.mark.parametrize(
    ("code", "shows"), [("Rose-Kano47", True), ("Kano-Lund47", True), ("Emil-Kano12", False), ("Kano-Hest47", False)]
)
def test_what_is_assigned_can_be_held_against_the_person(rules: Rules, code: str, *, shows: bool) -> None:
    assert shows_the_person(code, About(names=("Rose Lund",), username="rolu2x5k"), rules.chosen) is shows
