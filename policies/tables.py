"""TOML text in, frozen rules out; every contradiction is reported at once.

The caller reads the files (``idp.bootstrap``, through importlib.resources) and passes their text: policies do no I/O.
"""

from __future__ import annotations

import tomllib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from policies.attribute_release import KNOWN_CLAIMS
from policies.card_tables import read_cards
from policies.code_tables import read_chosen, read_codes, read_lockout, read_pictures, read_word_list
from policies.elevadgang_tables import read_elevadgang
from policies.overlay import laid_over
from policies.pictures import PICTURES
from policies.rules import LifetimeRules, ReleaseRules, Rules, SessionRule, SyncLimitRule, WindowRule
from policies.section import Section
from policies.vocabulary import ActorGroup, CodeKind, Follow, ReleasePackage

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DATA_FILES", "PolicyFault", "Rules", "load_rules"]

NORM: Final = "norm.toml"

DATA_FILES: Final[tuple[str, ...]] = (
    "codes.toml",
    "chosen.toml",
    "lockout.toml",
    "sessions.toml",
    "windows.toml",
    "release.toml",
    "lifetimes.toml",
    "cards.toml",
    "elevadgang.toml",
    "sync_limits.toml",
    "words.txt",
    "frequent_codes.txt",
    NORM,
)
"""The names of the files in ``policies/data`` that :func:`load_rules` needs, and its keys."""

_FEWEST_SIGNS: Final = 9  # decision 8
_YOUNGEST_CONSENT: Final = 13  # GDPR article 8: no country may go lower


class PolicyFault(Exception):
    """The rule files contradict themselves or each other. ``faults`` names all of it, one sentence each."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load_rules(texts: Mapping[str, str], follow: Follow = Follow.NATIONAL) -> Rules:
    """Make the rules from the texts of :data:`DATA_FILES`, by file name; ``follow`` says whether norm.toml is heeded.

    Raises PolicyFault with every fault found: a missing or unreadable file, a missing, unknown or impossible value, and
    rules that contradict one another.
    """
    faults = [f"{name}: the file is missing" for name in DATA_FILES if name not in texts]
    faults += [f"{name}: nobody reads this file" for name in texts if name not in DATA_FILES]
    contents = {name: _content(name, texts.get(name, ""), faults) for name in DATA_FILES if name.endswith(".toml")}
    if faults:
        raise PolicyFault(tuple(faults))
    norm = contents.pop(NORM)
    if follow is Follow.NORM:
        contents = laid_over(contents, norm, NORM, faults)
    rules = _rules(contents, texts, faults)
    if faults:
        raise PolicyFault(tuple(faults))
    return rules


def _rules(contents: Mapping[str, dict[str, Any]], texts: Mapping[str, str], faults: list[str]) -> Rules:
    sections = {name: Section(name, content, faults) for name, content in contents.items()}
    codes = sections["codes.toml"]
    pictures = read_pictures(codes.table("pictures"))
    words = read_word_list(codes.table("words"), texts["words.txt"], faults)
    lockout = read_lockout(sections["lockout.toml"], pictures, words)
    sessions, shared = _sessions(sections["sessions.toml"])
    window = _window(sections["windows.toml"])
    rules = Rules(
        codes=read_codes(codes.table("stages"), pictures, words),
        pictures=pictures,
        words=words,
        lockout=lockout,
        sessions=sessions,
        shared_session=shared,
        chosen=read_chosen(sections["chosen.toml"], texts["frequent_codes.txt"], words),
        window=window,
        release=_release(sections["release.toml"]),
        lifetimes=_lifetimes(sections["lifetimes.toml"]),
        sync_limits=_sync_limits(sections["sync_limits.toml"]),
        cards=read_cards(sections["cards.toml"], most_guesses=lockout.strangers[CodeKind.PICTURES].budget or 1),
        elevadgang=read_elevadgang(sections["elevadgang.toml"], signs=window.signs),
    )
    for section in sections.values():
        section.close()
    return rules


def _content(name: str, text: str, faults: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        faults.append(f"{name}: not TOML: {error}")
        return {}


def _sessions(section: Section) -> tuple[Mapping[ActorGroup, SessionRule], SessionRule]:
    rules = {group: _session(section.table(group)) for group in ActorGroup}
    shared = _session(section.table("shared"))
    for group, rule in rules.items():
        if shared.max_seconds > rule.max_seconds or shared.idle_seconds > rule.idle_seconds:
            section.fault(f"[shared] must not last longer than [{group}]")
    return MappingProxyType(rules), shared


def _session(section: Section) -> SessionRule:
    rule = SessionRule(section.whole("max_seconds"), section.whole("idle_seconds"))
    if rule.idle_seconds > rule.max_seconds:
        section.fault("idle_seconds must not be longer than max_seconds")
    section.close()
    return rule


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
    on_consent = frozenset(section.names("consent"))
    if unknown := sorted(on_consent - KNOWN_CLAIMS):
        section.fault(f"consent names claims that nobody can fill: {', '.join(unknown)}")
    if shared := sorted(on_consent & {"uniid", "institution_ids", "email"}):
        section.fault(f"consent must not name what lets services put people together: {', '.join(shared)}")
    age = section.whole("consent_from_age", least=_YOUNGEST_CONSENT)
    return ReleaseRules(MappingProxyType(claims), on_consent, age)


def _lifetimes(section: Section) -> LifetimeRules:
    rules = LifetimeRules(
        unrenewed_attachment_days=section.whole("unrenewed_attachment_days"),
        warn_days=section.whole("warn_days"),
        account_kept_days=section.whole("account_kept_days"),
        attempt_kept_days=section.whole("attempt_kept_days"),
        token_kept_days=section.whole("token_kept_days"),
        message_kept_days=section.whole("message_kept_days"),
        guesses_kept_days=section.whole("guesses_kept_days"),
        outbox_kept_days=section.whole("outbox_kept_days"),
        shown_error_kept_days=section.whole("shown_error_kept_days"),
        failed_request_kept_days=section.whole("failed_request_kept_days"),
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
