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
    """Put several answers together: a refusal wins, then a required step; no answer at all means no.

    In whatever order the answers come, the result is the same: of several refusals or steps the one that stands first in
    :mod:`policies.vocabulary` is told.
    """
    if not decisions:
        return Deny(Reason.NOTHING_ALLOWS)
    if reasons := {decision.reason for decision in decisions if isinstance(decision, Deny)}:
        return Deny(min(reasons, key=list(Reason).index))
    if steps := {decision.step for decision in decisions if isinstance(decision, Require)}:
        return Require(min(steps, key=list(Step).index))
    return Allow()
