"""TOML text in, frozen rules out; every contradiction is reported at once.

The caller reads the files (``idp.bootstrap``, through importlib.resources) and passes their text: policies do no I/O.
"""

from __future__ import annotations

import tomllib
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from policies.attribute_release import KNOWN_CLAIMS
from policies.pictures import CODE_LENGTH, FEWEST_PICTURES, PICTURES, code_space
from policies.rules import (
    CodeRule,
    LifetimeRules,
    LockoutRule,
    LockoutRules,
    PictureRule,
    ReleaseRules,
    Rules,
    SessionRule,
    SyncLimitRule,
    WindowRule,
    WordList,
)
from policies.section import Section
from policies.vocabulary import ActorGroup, CodeKind, CodeShape, Factor, ReleasePackage, Stage
from policies.words import assigned_lengths, read_words, word_faults

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DATA_FILES", "PolicyFault", "Rules", "load_rules"]

DATA_FILES: Final[tuple[str, ...]] = (
    "codes.toml",
    "lockout.toml",
    "sessions.toml",
    "windows.toml",
    "release.toml",
    "lifetimes.toml",
    "sync_limits.toml",
    "words.txt",
)
"""The names of the files in ``policies/data`` that :func:`load_rules` needs, and its keys."""

_FEWEST_SIGNS: Final = 9  # decision 8
_CARRIED: Final = frozenset({Factor.PASSKEY.value, Factor.TOTP.value})  # recovery codes come with either


class PolicyFault(Exception):
    """The rule files contradict themselves or each other. ``faults`` names all of it, one sentence each."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load_rules(texts: Mapping[str, str]) -> Rules:
    """Make the rules from the texts of :data:`DATA_FILES`, by file name.

    Raises PolicyFault with every fault found: a missing or unreadable file, a missing, unknown or impossible value, and
    rules that contradict one another.
    """
    faults = [f"{name}: the file is missing" for name in DATA_FILES if name not in texts]
    faults += [f"{name}: nobody reads this file" for name in texts if name not in DATA_FILES]
    sections = {name: _section(name, texts.get(name, ""), faults) for name in DATA_FILES if name.endswith(".toml")}
    if faults:
        raise PolicyFault(tuple(faults))
    codes = sections["codes.toml"]
    pictures = _pictures(codes.table("pictures"))
    words = _words(codes.table("words"), texts["words.txt"], faults)
    rules = Rules(
        codes=_codes(codes.table("stages"), pictures, words),
        pictures=pictures,
        words=words,
        lockout=_lockout(sections["lockout.toml"], pictures, words),
        sessions=_sessions(sections["sessions.toml"]),
        window=_window(sections["windows.toml"]),
        release=_release(sections["release.toml"]),
        lifetimes=_lifetimes(sections["lifetimes.toml"]),
        sync_limits=_sync_limits(sections["sync_limits.toml"]),
    )
    for section in sections.values():
        section.close()
    if faults:
        raise PolicyFault(tuple(faults))
    return rules


def _section(name: str, text: str, faults: list[str]) -> Section:
    content: dict[str, Any] = {}
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        faults.append(f"{name}: not TOML: {error}")
    return Section(name, content, faults)


def _pictures(section: Section) -> PictureRule:
    alphabet = section.whole("alphabet", least=FEWEST_PICTURES, most=len(PICTURES))
    length = section.whole("length", least=CODE_LENGTH, most=FEWEST_PICTURES)
    section.close()
    return PictureRule(alphabet=PICTURES[:alphabet], length=length)


def _words(section: Section, text: str, faults: list[str]) -> WordList:
    words = WordList(words=read_words(text), digits_avoided=frozenset(section.numbers("digits_avoided")))
    faults.extend(f"words.txt: {fault}" for fault in word_faults(words, least=section.whole("least_words", least=2)))
    section.close()
    return words


def _codes(section: Section, pictures: PictureRule, words: WordList) -> Mapping[Stage, CodeRule]:
    rules = {stage: _code(section.table(stage), pictures, words) for stage in Stage}
    section.close()
    return MappingProxyType(rules)


def _code(section: Section, pictures: PictureRule, words: WordList) -> CodeRule:
    shape = section.word("shape", CodeShape)
    kind = CodeKind.PICTURES if shape is CodeShape.PICTURES else CodeKind.TEXT
    least, most = section.span("length")
    rule = CodeRule(
        shape=shape,
        kind=kind,
        min_length=least,
        max_length=most,
        validity_days=section.whole_if_given("validity_days"),
        grace_days=section.whole("grace_days"),
        warn_days=section.numbers("warn_days"),
        self_chosen=section.flag("self_chosen"),
        history=section.whole("history", least=0),
        second_factors=_second_factors(section),
    )
    if kind is CodeKind.PICTURES:
        if not least == most == pictures.length:
            section.fault(f"length must be [{pictures.length}, {pictures.length}], as [pictures] says")
        if rule.self_chosen:
            section.fault("self_chosen must be false: a picture code is always assigned")
    elif words.words:
        shortest, longest = assigned_lengths(words, shape)
        if shortest < least or longest > most:
            section.fault(f"length must hold what is assigned, {shortest} to {longest} characters")
    ends = min(days for days in (rule.validity_days, rule.grace_days) if days is not None)
    if rule.validity_days is not None and rule.validity_days < rule.grace_days:
        section.fault("grace_days must not be longer than validity_days")
    if any(days > ends for days in rule.warn_days):
        section.fault(f"warn_days must not begin earlier than {ends} days before the end")
    section.close()
    return rule


def _second_factors(section: Section) -> frozenset[Factor]:
    names = section.names("second_factors")
    if wrong := sorted(set(names) - _CARRIED):
        section.fault(f"second_factors may name {', '.join(sorted(_CARRIED))}, and not {', '.join(wrong)}")
    return frozenset(Factor(name) for name in names if name in _CARRIED)


def _lockout(section: Section, pictures: PictureRule, words: WordList) -> LockoutRules:
    strangers = section.table("strangers")
    share = strangers.whole("budget_share_of_code_space", least=1000)  # never more than decision 13 allows
    least, most = strangers.whole("budget_least"), strangers.whole("budget_most")
    if least > most:
        strangers.fault("budget_least must not be above budget_most")
    spaces = {
        CodeKind.PICTURES: code_space(len(pictures.alphabet), pictures.length),
        CodeKind.TEXT: len(words.words) * (len(words.words) - 1),
    }
    common = _lockout_rule(strangers)
    budgets = {kind: min(max(space // share, least), most) for kind, space in spaces.items()}
    if common.free_failures > min(budgets.values()):
        strangers.fault("free_failures must not be above the budget")
    rules = LockoutRules(
        known_device=_lockout_rule(section.table("known_device")),
        strangers=MappingProxyType(
            {
                kind: LockoutRule(
                    common.free_failures, common.delays, common.window, budget, common.forgiven_by_success
                )
                for kind, budget in budgets.items()
            }
        ),
        second_factor=_lockout_rule(section.table("second_factor")),
        network=_lockout_rule(section.table("network")),
    )
    section.close()
    return rules


def _lockout_rule(section: Section) -> LockoutRule:
    rule = LockoutRule(
        free_failures=section.whole("free_failures"),
        delays=section.numbers("delays_seconds", least=1),
        window=section.whole("window_seconds"),
        budget=None,
        forgiven_by_success=section.flag("forgiven_by_success"),
    )
    if not rule.delays or any(later < earlier for earlier, later in pairwise(rule.delays)):
        section.fault("delays_seconds must hold at least one delay, and never shrink")
    elif rule.delays[-1] > rule.window:
        section.fault("delays_seconds must not be longer than window_seconds")
    section.close()
    return rule


def _sessions(section: Section) -> Mapping[ActorGroup, SessionRule]:
    rules = {}
    for group in ActorGroup:
        part = section.table(group)
        rule = rules[group] = SessionRule(part.whole("max_seconds"), part.whole("idle_seconds"))
        if rule.idle_seconds > rule.max_seconds:
            part.fault("idle_seconds must not be longer than max_seconds")
        part.close()
    return MappingProxyType(rules)


def _window(section: Section) -> WindowRule:
    rule = WindowRule(
        activation_seconds=section.whole("activation_seconds"),
        claimed_seconds=section.whole("claimed_seconds"),
        signs=section.names("signs"),
    )
    if len(rule.signs) < _FEWEST_SIGNS:
        section.fault(f"signs must be at least {_FEWEST_SIGNS}")
    if both := sorted(set(rule.signs) & set(PICTURES)):
        section.fault(f"signs must not be pictures of codes: {', '.join(both)}")
    return rule


def _release(section: Section) -> ReleaseRules:
    allowed: frozenset[str] = frozenset()
    claims: dict[ReleasePackage | None, frozenset[str]] = {}
    for package in (None, ReleasePackage.SMALL, ReleasePackage.MEDIUM, ReleasePackage.FULL):
        key = "none" if package is None else package.value
        names = section.names(key)
        if twice := sorted(allowed & set(names)):
            section.fault(f"{key} names again what a smaller package has: {', '.join(twice)}")
        if unknown := sorted(set(names) - KNOWN_CLAIMS):
            section.fault(f"{key} names claims that nobody can fill: {', '.join(unknown)}")
        allowed = claims[package] = allowed | set(names)
    if "sub" not in claims[None]:
        section.fault("none must hold sub: OpenID Connect Core 5.3.2 demands it in every answer")
    return ReleaseRules(MappingProxyType(claims))


def _lifetimes(section: Section) -> LifetimeRules:
    rules = LifetimeRules(
        unrenewed_attachment_days=section.whole("unrenewed_attachment_days"),
        warn_days=section.whole("warn_days"),
        account_kept_days=section.whole("account_kept_days"),
        attempt_kept_days=section.whole("attempt_kept_days"),
        token_kept_days=section.whole("token_kept_days"),
        message_kept_days=section.whole("message_kept_days"),
        guesses_kept_days=section.whole("guesses_kept_days"),
    )
    if rules.warn_days >= rules.unrenewed_attachment_days:
        section.fault("warn_days must be less than unrenewed_attachment_days")
    return rules


def _sync_limits(section: Section) -> SyncLimitRule:
    return SyncLimitRule(
        ends_share=section.share("ends_share"),
        ends_free=section.whole("ends_free", least=0),
        hold_new_school_year=section.flag("hold_new_school_year"),
    )
