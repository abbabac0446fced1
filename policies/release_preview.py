"""Why each claim would leave or stay, so that a person can read what a service is told before it is.

The answer that leaves is computed where it always is (:mod:`policies.attribute_release`); here stands only what to say of
each claim, so what is shown cannot differ from what is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.attribute_release import (
    KNOWN_CLAIMS,
    ClaimValue,
    Released,
    ReleaseFacts,
    has_value,
    hidden_by_protection,
    least_package,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from policies.rules import ReleaseRules


@dataclass(frozen=True, slots=True)
class Explained:
    """One claim: its value if it leaves, and the rule that says so or keeps it."""

    name: str
    value: ClaimValue | None
    rule: str


def explained(
    rules: ReleaseRules,
    facts: ReleaseFacts,
    released: Released,
    requested: Collection[str] | None,
    *,
    on_consent: bool,
) -> tuple[Explained, ...]:
    """Say of every claim that we know whether it leaves, those that leave first."""
    sent = [Explained(name, released[name], released.why[name]) for name in sorted(released)]
    kept = [
        Explained(name, None, _what_keeps(rules, facts, name, requested, on_consent=on_consent))
        for name in sorted(KNOWN_CLAIMS - released.keys())
    ]
    return (*sent, *kept)


def _what_keeps(
    rules: ReleaseRules, facts: ReleaseFacts, name: str, requested: Collection[str] | None, *, on_consent: bool
) -> str:
    """Name what keeps a claim from leaving; of several rules the one that asking could not change."""
    package = least_package(rules, name)
    if on_consent and name not in rules.on_consent and package is not None:
        return "withheld:never-on-consent"
    if hidden_by_protection(facts, name, on_consent=on_consent):
        return "withheld:protected"
    if not has_value(facts, name):
        return "withheld:not-known"
    if requested is not None and name not in requested:
        return "withheld:not-asked-for"
    return f"withheld:needs-agreement-{package}"
