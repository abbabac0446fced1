"""The rules as frozen values. ``policies.tables`` makes them from the files in ``policies/data``.

Every field is explained where its number stands, in the file named beside the class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.card_tables import CardRules
    from policies.elevadgang_tables import ElevadgangRules
    from policies.vocabulary import ActorGroup, CodeKind, CodeShape, Factor, ReleasePackage, SignKind, Stage


@dataclass(frozen=True, slots=True)
class CodeRule:
    """codes.toml: which code people of one stage have. Lengths count pictures or characters.

    ``min_length`` to ``max_length`` is what an assigned code has, ``chosen_least`` to ``chosen_most`` a self-chosen one
    (both 0 where nobody chooses).
    """

    shape: CodeShape
    kind: CodeKind
    min_length: int
    max_length: int
    validity_days: int | None
    grace_days: int
    warn_days: tuple[int, ...]
    self_chosen: bool
    history: int
    chosen_least: int = 0
    chosen_most: int = 0
    chosen_signs: frozenset[SignKind] = frozenset()
    second_factors: frozenset[Factor] = frozenset()


@dataclass(frozen=True, slots=True)
class PictureRule:
    """codes.toml: the pictures in use, in the order of every page, and how many make a code."""

    alphabet: tuple[str, ...]
    length: int


@dataclass(frozen=True, slots=True)
class WordList:
    """words.txt, and from codes.toml the two-digit numbers that no code carries."""

    words: tuple[str, ...]
    digits_avoided: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ChosenWords:
    """chosen.toml and frequent_codes.txt: what may not stand in a code that a person chooses.

    ``calendar`` and ``frequent`` are refused anywhere in a code, ``calendar_alone`` as a word of its own only;
    ``school_words`` say nothing about which school it is; ``frequent_codes`` are whole codes.
    """

    calendar: tuple[str, ...]
    calendar_alone: tuple[str, ...]
    frequent: tuple[str, ...]
    school_words: tuple[str, ...]
    frequent_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LockoutRule:
    """lockout.toml: how failures of one counter slow it down. Times in seconds; ``budget`` is failures per window."""

    free_failures: int
    delays: tuple[int, ...]
    window: int
    budget: int | None
    forgiven_by_success: bool


@dataclass(frozen=True, slots=True)
class EverywhereRule:
    """lockout.toml: when all strangers together are slowed down, wherever they come from."""

    free_failures_least: int
    free_failures_one_in: int
    most_of_one_network: int
    delays: tuple[int, ...]
    window: int
    parts: int
    familiar_days: int


@dataclass(frozen=True, slots=True)
class LockoutRules:
    """lockout.toml: one rule per counter. ``strangers`` share one per account, sized by the kind of code."""

    known_device: LockoutRule
    strangers: Mapping[CodeKind, LockoutRule]
    second_factor: LockoutRule
    network: LockoutRule
    everywhere: EverywhereRule


@dataclass(frozen=True, slots=True)
class SessionRule:
    """sessions.toml: how long a session lives at most, and unused, in seconds."""

    max_seconds: int
    idle_seconds: int


@dataclass(frozen=True, slots=True)
class WindowRule:
    """windows.toml: how long a window is open, how long a claimed one may be resumed, and the signs."""

    activation_seconds: int
    claimed_seconds: int
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleaseRules:
    """release.toml: the claims each package allows, those below it included. The key None is "no agreement".

    ``on_consent`` is what a person may add to "no agreement" where a service is not the school's, from that age on.
    """

    claims: Mapping[ReleasePackage | None, frozenset[str]]
    on_consent: frozenset[str]
    consent_from_age: int


@dataclass(frozen=True, slots=True)
class LifetimeRules:
    """lifetimes.toml, in days."""

    unrenewed_attachment_days: int
    warn_days: int
    account_kept_days: int
    attempt_kept_days: int
    token_kept_days: int
    message_kept_days: int
    guesses_kept_days: int
    outbox_kept_days: int
    shown_error_kept_days: int
    failed_request_kept_days: int


@dataclass(frozen=True, slots=True)
class SyncLimitRule:
    """sync_limits.toml: a plan that ends more than both is held."""

    ends_share: float
    ends_free: int
    hold_new_school_year: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that the files say, checked. Made once, in ``idp.bootstrap``."""

    codes: Mapping[Stage, CodeRule]
    pictures: PictureRule
    words: WordList
    lockout: LockoutRules
    sessions: Mapping[ActorGroup, SessionRule]
    shared_session: SessionRule
    chosen: ChosenWords
    window: WindowRule
    release: ReleaseRules
    lifetimes: LifetimeRules
    sync_limits: SyncLimitRule
    cards: CardRules
    elevadgang: ElevadgangRules
