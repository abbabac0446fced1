"""What a visitor may do in the administration. Every route there names one action; nothing listed here means no."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from policies.decision import Allow, Deny
from policies.vocabulary import ActorGroup, Reason


@unique
class Action(StrEnum):
    """Everything a route of the administration can be for: ``tool:object:what``."""

    SEE_OWN_PAGE = "mit:page:see"
    END_OWN_SESSION = "mit:session:end"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever is logged in. ``actor_group``: as whom the person acts now; exactly one in a session."""

    actor_group: ActorGroup


EVERYBODY: Final = frozenset(ActorGroup)
ALLOWED: Final[dict[Action, frozenset[ActorGroup]]] = {
    Action.SEE_OWN_PAGE: EVERYBODY,
    Action.END_OWN_SESSION: EVERYBODY,
}
"""Action -> as whom one must act. An action that is not here is nobody's."""


def may(action: Action, visitor: Visitor) -> Allow | Deny:
    """Say whether ``visitor`` may do ``action``."""
    if action not in ALLOWED:
        return Deny(Reason.NOTHING_ALLOWS)
    return Allow() if visitor.actor_group in ALLOWED[action] else Deny(Reason.RIGHT_MISSING)
