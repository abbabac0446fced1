"""Emergency stop: codes are suspended at once, and another administrator may let them work again (decision 27)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from policies.decision import Allow, Deny
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from datetime import datetime


def may_lift(
    *, started_by: int, lifts: int, started_at: datetime, lifted: bool, now: datetime, lift_seconds: int
) -> Allow | Deny:
    """Say whether somebody who administers the institution may let the codes of a stop work again."""
    if lifted or now - started_at >= timedelta(seconds=lift_seconds):
        return Deny(Reason.STOP_OVER)
    return Deny(Reason.STOP_NEEDS_ANOTHER) if lifts == started_by else Allow()
