"""Approving a lesson before its pupils ask: off until an institution names its networks (decision 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Any

from policies.cards import is_within

if TYPE_CHECKING:
    from collections.abc import Iterable


class LessonRuleFault(Exception):
    """What an institution sets does not do; the text says why, in English."""


@dataclass(frozen=True, slots=True)
class LessonRule:
    """What one institution has set. Nothing set: no lesson is approved beforehand."""

    enabled: bool = False
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what the institution's row keeps."""
        return {"enabled": self.enabled, "networks": [str(network) for network in self.networks]}

    def holds_at(self, address: str) -> bool:
        """Say whether a pupil at this address may use what was approved."""
        return self.enabled and is_within(address, self.networks)


def lesson_rule(*, enabled: bool, networks: Iterable[str]) -> LessonRule:
    """Return a checked rule. Raises :class:`LessonRuleFault`."""
    try:
        named = tuple(map(ip_network, networks))
    except ValueError as wrong:
        raise LessonRuleFault(str(wrong)) from None
    if enabled and not named:
        raise LessonRuleFault("name the school's networks: at home a lesson's approval must be worth nothing")
    return LessonRule(enabled, named)


def read_lesson_rule(kept: object) -> LessonRule:
    """Return what an institution's row says; what is missing or cannot be read means no."""
    try:
        return lesson_rule(**kept) if isinstance(kept, Mapping) else LessonRule()
    except (LessonRuleFault, TypeError):
        return LessonRule()
