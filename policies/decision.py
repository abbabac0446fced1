"""What a policy answers: allowed, refused with a reason, or one more step first."""

from __future__ import annotations

from dataclasses import dataclass

from policies.vocabulary import Reason, Step


@dataclass(frozen=True, slots=True)
class Allow:
    """Yes."""


@dataclass(frozen=True, slots=True)
class Deny:
    """No, and why. ``idp.web.messages`` words the reason."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Require:
    """Not yet: the person must take ``step`` first."""

    step: Step


Decision = Allow | Deny | Require


def combine(*decisions: Decision) -> Decision:
    """Put several answers together: the first refusal wins, then the first required step; no answer at all means no."""
    if not decisions:
        return Deny(Reason.NOTHING_ALLOWS)
    for kind in (Deny, Require):
        for decision in decisions:
            if isinstance(decision, kind):
                return decision
    return Allow()
