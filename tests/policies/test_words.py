from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.avoided import AVOIDED, is_avoided
from policies.chosen import signs_that_count
from policies.rules import WordList
from policies.vocabulary import CodeShape
from policies.words import assigned_lengths, read_words, two_words, two_words_two_digits, word_faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from policies.tables import Rules


def _uniform(data: st.DataObject) -> Callable[[int], int]:
    return lambda below: data.draw(st.integers(0, below - 1))


def test_the_list_has_enough_good_words(rules: Rules) -> None:
    assert list(word_faults(rules.words, least=2000)) == []
    assert {len(word) for word in rules.words.words} <= set(range(4, 9))


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("hest", "banan", "hest"), "'hest' stands 2 times"),
        (("hest", "banan", "is-vand"), "'is-vand' has more"),
        (("hest", "banan", "Sol"), "'Sol' has more"),
        (("hest", "band", "bånd"), "'bånd' looks like 'band'"),
        (("hest", "banan", "lorte"), "'lorte' shows"),
        (("hest", "banan"), "2 words, and at least 3"),
    ],
)
def test_a_bad_word_is_named(words: tuple[str, ...], fault: str) -> None:
    assert [found for found in word_faults(WordList(words), least=3) if found.startswith(fault)]


def test_remarks_are_not_words() -> None:
    assert read_words("# dyr\nhest kanin\n\n# mad\nbanan\n") == ("hest", "kanin", "banan")


@given(data=st.data())
def test_two_words_are_lower_case_and_fit(rules: Rules, data: st.DataObject) -> None:
    code = two_words(rules.words, _uniform(data))
    first, second = code.split("-")
    assert first != second
    assert {first, second} <= set(rules.words.words)
    assert 8 <= len(code) <= 24


@given(data=st.data())
def test_the_stronger_code_has_capitals_and_two_digits(rules: Rules, data: st.DataObject) -> None:
    code = two_words_two_digits(rules.words, _uniform(data))
    assert code[-2:].isdecimal()
    assert int(code[-2:]) not in rules.words.digits_avoided
    assert [part.istitle() for part in code[:-2].split("-")] == [True, True]
    assert 8 <= len(code) <= 24


def test_the_lengths_told_are_those_of_the_shortest_and_longest_code() -> None:
    words = WordList(("mælk", "brød", "banan"))
    assert assigned_lengths(words, CodeShape.TWO_WORDS) == (9, 11)
    assert assigned_lengths(words, CodeShape.TWO_WORDS_TWO_DIGITS) == (11, 13)


def test_a_pair_that_is_rude_across_the_seam_is_drawn_again() -> None:
    draws = iter((0, 0, 1, 0))  # first "rasp" before "ikon", then the other way round
    assert two_words(WordList(("rasp", "ikon")), lambda _: next(draws)) == "ikon-rasp"


def _pairs_that_show_something(words: tuple[str, ...]) -> set[tuple[int, int]]:
    """Every pair, of all there are, in which a sequence begins in the one word and ends in the other."""
    found = set()
    for sequence in AVOIDED:
        for cut in range(1, len(sequence)):
            before = [number for number, word in enumerate(words) if word.endswith(sequence[:cut])]
            after = [number for number, word in enumerate(words) if word.startswith(sequence[cut:])]
            found.update((one, other) for one, other in product(before, after) if one != other)
    return found


def test_of_all_pairs_those_that_show_something_rude_across_the_seam_are_never_assigned(rules: Rules) -> None:
    words = rules.words.words
    rude = _pairs_that_show_something(words)
    assert 0 < len(rude) < len(words) * (len(words) - 1) / 100
    for first, second in rude:
        draws = iter((first, second - (second > first), 0, 0))
        assert two_words(rules.words, lambda _: next(draws)) == f"{words[0]}-{words[1]}"  # noqa: B023


def test_every_other_pair_is_clean(rules: Rules) -> None:
    """One word of each hundred beside every other, tried as a whole: the walk over the seams has missed nothing."""
    words = rules.words.words
    rude = _pairs_that_show_something(words)
    for first in range(0, len(words), 100):
        shown = {second for second in range(len(words)) if is_avoided(words[first] + words[second])}
        assert shown - {first} == {second for one, second in rude if one == first}


def test_no_word_sounds_like_another_or_is_part_of_the_calendar(rules: Rules) -> None:
    words = set(rules.words.words)
    for one, other in (("sejl", "segl"), ("veje", "vaje"), ("kilde", "kile"), ("node", "note"), ("fiske", "fisker")):
        assert not {one, other} <= words
    assert not words & {"mandag", "maj", "juli", "sommer", "spring"}


def test_two_words_and_a_hyphen_are_never_too_plain(rules: Rules) -> None:
    assert min(signs_that_count(word) for word in rules.words.words) >= 2
