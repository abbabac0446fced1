"""The national rules as frozen values. ``policies.tables`` makes them from the files in ``policies/data``.

Every field is explained where its number stands, in the file named beside the class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.vocabulary import ActorGroup, CodeKind, CodeShape, Factor, ReleasePackage, Stage


@dataclass(frozen=True, slots=True)
class CodeRule:
    """codes.toml: which code people of one stage have. Lengths count pictures or characters."""

    shape: CodeShape
    kind: CodeKind
    min_length: int
    max_length: int
    validity_days: int | None
    grace_days: int
    warn_days: tuple[int, ...]
    self_chosen: bool
    history: int
    second_factors: frozenset[Factor]


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
class LockoutRule:
    """lockout.toml: how failures of one counter slow it down. Times in seconds; ``budget`` is failures per window."""

    free_failures: int
    delays: tuple[int, ...]
    window: int
    budget: int | None
    forgiven_by_success: bool


@dataclass(frozen=True, slots=True)
class LockoutRules:
    """lockout.toml: one rule per counter. ``strangers`` share one per account, sized by the kind of code."""

    known_device: LockoutRule
    strangers: Mapping[CodeKind, LockoutRule]
    second_factor: LockoutRule
    network: LockoutRule


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
    """release.toml: the claims each package allows, those below it included. The key None is "no agreement"."""

    claims: Mapping[ReleasePackage | None, frozenset[str]]


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
    window: WindowRule
    release: ReleaseRules
    lifetimes: LifetimeRules
    sync_limits: SyncLimitRule
