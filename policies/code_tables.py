"""codes.toml, chosen.toml, lockout.toml and the word lists, read into rules. Part of :mod:`policies.tables`."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from policies.codes import FROM_WEAK_TO_STRONG
from policies.pictures import CODE_LENGTH, FEWEST_PICTURES, PICTURES, code_space
from policies.rules import ChosenWords, CodeRule, EverywhereRule, LockoutRule, LockoutRules, PictureRule, WordList
from policies.spelling import spellings
from policies.stages import PUPIL_STAGES
from policies.vocabulary import CodeKind, CodeShape, Factor, SignKind, Stage
from policies.words import assigned_lengths, read_words, word_faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.section import Section

SIGNS_OF: Final[Mapping[CodeShape, frozenset[SignKind]]] = {
    CodeShape.PICTURES: frozenset(),
    CodeShape.TWO_WORDS: frozenset({SignKind.LOWER}),
    CodeShape.TWO_WORDS_TWO_DIGITS: frozenset(SignKind),
}
"""The kinds of signs that every code assigned in a shape has in it."""

_SHORTEST_CHOSEN: Final = 8  # ASVS 6.2.1
_LEAST_MOST: Final = 64  # ASVS 6.2.9
_LONGEST_CHOSEN: Final = 256  # the login form takes 1,024 characters, and must not cut what was accepted


def read_pictures(section: Section) -> PictureRule:
    """Read ``[pictures]``: how many are in use, and how many make a code."""
    alphabet = section.whole("alphabet", least=FEWEST_PICTURES, most=len(PICTURES))
    length = section.whole("length", least=CODE_LENGTH, most=FEWEST_PICTURES)
    section.close()
    return PictureRule(alphabet=PICTURES[:alphabet], length=length)


def read_word_list(section: Section, text: str, faults: list[str]) -> WordList:
    """Read ``[words]`` and the text of words.txt."""
    words = WordList(words=read_words(text), digits_avoided=frozenset(section.numbers("digits_avoided")))
    faults.extend(f"words.txt: {fault}" for fault in word_faults(words, least=section.whole("least_words", least=2)))
    section.close()
    return words


def read_codes(section: Section, pictures: PictureRule, words: WordList) -> Mapping[Stage, CodeRule]:
    """Read ``[stages]``: one rule for each stage, and none weaker than that of younger children."""
    rules = {}
    for stage in Stage:
        part = section.table(stage)
        rules[stage] = _code(part, pictures, words)
        part.close()
    section.close()
    for younger, older in pairwise(PUPIL_STAGES):
        if FROM_WEAK_TO_STRONG.index(rules[older].shape) < FROM_WEAK_TO_STRONG.index(rules[younger].shape):
            section.fault(f"the shape of {older} must not be weaker than that of {younger}")
    return MappingProxyType(rules)


def read_chosen(section: Section, frequent_codes: str, words: WordList) -> ChosenWords:
    """Read chosen.toml and the text of frequent_codes.txt; no word that is assigned may be refused there."""
    chosen = ChosenWords(
        calendar=section.names("calendar"),
        calendar_alone=section.names("calendar_alone"),
        frequent=section.names("frequent"),
        school_words=section.names("school_words"),
        frequent_codes=read_words(frequent_codes),
    )
    for key, listed in (("calendar", chosen.calendar), ("frequent", chosen.frequent)):
        if short := [word for word in listed if len(word) < CODE_LENGTH]:
            section.fault(f"{key} must hold no word under {CODE_LENGTH} letters: {', '.join(short)}")
    forms = {form for word in (*chosen.calendar, *chosen.frequent) for form in spellings(word)}
    alone = {form for word in chosen.calendar_alone for form in spellings(word)}
    spelled = {word: spellings(word) for word in words.words}
    together = "\n".join(form for of_word in spelled.values() for form in of_word)
    found = tuple(form for form in forms if form in together)
    for word, of_word in spelled.items():
        if not alone.isdisjoint(of_word) or any(form in whole for form in found for whole in of_word):
            section.fault(f"{word!r} of words.txt is refused here, and would be assigned")
    return chosen


def read_lockout(section: Section, pictures: PictureRule, words: WordList) -> LockoutRules:
    """Read lockout.toml; the strangers' budget follows from the number of codes."""
    strangers = section.table("strangers")
    share = strangers.whole("budget_share_of_code_space", least=1000)  # never more than decision 13 allows
    most = strangers.whole("budget_most")
    spaces = {
        CodeKind.PICTURES: code_space(len(pictures.alphabet), pictures.length),
        CodeKind.TEXT: len(words.words) * (len(words.words) - 1),
    }
    common = _lockout_rule(strangers)
    budgets = {kind: min(space // share, most) for kind, space in spaces.items()}
    if not all(budgets.values()):
        strangers.fault("budget_share_of_code_space leaves no try in a day")
    return LockoutRules(
        known_device=_lockout_rule(section.table("known_device")),
        strangers=MappingProxyType(
            {
                kind: replace(common, free_failures=min(common.free_failures, budget), budget=budget)
                for kind, budget in budgets.items()
            }
        ),
        second_factor=_lockout_rule(section.table("second_factor")),
        network=_lockout_rule(section.table("network")),
        everywhere=_everywhere(section.table("everywhere")),
    )


def _code(section: Section, pictures: PictureRule, words: WordList) -> CodeRule:
    shape = section.word("shape", CodeShape)
    least, most = section.span("length")
    validity_days, grace_days = section.whole_or_none("validity_days"), section.whole("grace_days")
    self_chosen = section.flag("self_chosen")
    chosen_least, chosen_most, chosen_signs = _own_choice(section, shape) if self_chosen else (0, 0, frozenset())
    if not self_chosen and (given := [key for key in ("chosen_length", "chosen_signs") if section.drop(key)]):
        section.fault(f"{' and '.join(given)} must be left out where self_chosen is false")
    rule = CodeRule(
        shape=shape,
        kind=CodeKind.PICTURES if shape is CodeShape.PICTURES else CodeKind.TEXT,
        min_length=least,
        max_length=most,
        validity_days=validity_days,
        grace_days=grace_days,
        warn_days=section.numbers("warn_days"),
        self_chosen=self_chosen,
        history=section.whole("history", least=0),
        chosen_least=chosen_least,
        chosen_most=chosen_most,
        chosen_signs=chosen_signs,
        second_factors=section.words("second_factors", Factor),
    )
    _check_assigned(section, rule, pictures, words)
    _check_days(section, rule)
    if wrong := rule.second_factors - {Factor.PASSKEY, Factor.TOTP}:
        section.fault(f"second_factors may hold passkey and totp, not {', '.join(sorted(wrong))}")
    return rule


def _own_choice(section: Section, shape: CodeShape) -> tuple[int, int, frozenset[SignKind]]:
    least, most = section.span("chosen_length")
    signs = section.words("chosen_signs", SignKind)
    if least < _SHORTEST_CHOSEN or not _LEAST_MOST <= most <= _LONGEST_CHOSEN:
        section.fault(
            f"chosen_length must begin at {_SHORTEST_CHOSEN} or above and end between {_LEAST_MOST} and {_LONGEST_CHOSEN}"
        )
    if shape is CodeShape.PICTURES:
        section.fault("self_chosen must be false: a picture code is always assigned")
    elif more := signs - SIGNS_OF[shape]:
        section.fault(f"chosen_signs must not demand what an assigned code lacks: {', '.join(sorted(more))}")
    return least, most, signs


def _check_assigned(section: Section, rule: CodeRule, pictures: PictureRule, words: WordList) -> None:
    if rule.kind is CodeKind.PICTURES:
        if not rule.min_length == rule.max_length == pictures.length:
            section.fault(f"length must be [{pictures.length}, {pictures.length}], as [pictures] says")
    elif words.words:
        shortest, longest = assigned_lengths(words, rule.shape)
        if shortest < rule.min_length or longest > rule.max_length:
            section.fault(f"length must hold what is assigned, {shortest} to {longest} characters")


def _check_days(section: Section, rule: CodeRule) -> None:
    ends = min(days for days in (rule.validity_days, rule.grace_days) if days is not None)
    if rule.validity_days is not None and rule.validity_days < rule.grace_days:
        section.fault("grace_days must not be longer than validity_days")
    if any(days > ends for days in rule.warn_days):
        section.fault(f"warn_days must not begin earlier than {ends} days before the end")
    if any(later >= earlier for earlier, later in pairwise(rule.warn_days)):
        section.fault("warn_days must count down, without repeats")


def _lockout_rule(section: Section) -> LockoutRule:
    window = section.whole("window_seconds")
    rule = LockoutRule(
        free_failures=section.whole("free_failures"),
        delays=_delays(section, window),
        window=window,
        budget=None,
        forgiven_by_success=section.flag("forgiven_by_success"),
    )
    section.close()
    return rule


def _everywhere(section: Section) -> EverywhereRule:
    window = section.whole("window_seconds")
    rule = EverywhereRule(
        free_failures_least=section.whole("free_failures_least"),
        free_failures_one_in=section.whole("free_failures_one_in"),
        most_of_one_network=section.whole("most_of_one_network"),
        delays=_delays(section, window),
        window=window,
        parts=section.whole("parts", most=256),
        familiar_days=section.whole("familiar_days"),
    )
    if rule.free_failures_least < rule.parts:
        section.fault("free_failures_least must leave each of the parts one")
    if rule.most_of_one_network >= rule.free_failures_least:
        section.fault("most_of_one_network must be less than free_failures_least")
    section.close()
    return rule


def _delays(section: Section, window: int) -> tuple[int, ...]:
    delays = section.numbers("delays_seconds", least=1)
    if not delays or any(later < earlier for earlier, later in pairwise(delays)):
        section.fault("delays_seconds must hold at least one delay, and never shrink")
    elif delays[-1] > window:
        section.fault("delays_seconds must not be longer than window_seconds")
    return delays
