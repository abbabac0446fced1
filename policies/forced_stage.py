"""Putting another stage's rules in force for a pupil (STIL: tvunget adgangskodepolitik), for instance in a special class.

Never for ever: it holds from now to the end of a day that is named, and lies open for another look then.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from policies.decision import Allow, Deny
from policies.stages import PUPIL_STAGES
from policies.vocabulary import Reason, Stage

LONGEST: Final = timedelta(days=731)


def latest_last_day(today: date) -> date:
    """Return the latest day that may be named today: two years ahead."""
    return today + LONGEST


def is_good(stage: Stage, last_day: date, *, today: date) -> Allow | Deny:
    """Say whether ``stage`` may be forced up to and with ``last_day``."""
    if stage not in PUPIL_STAGES:
        return Deny(Reason.STAGE_NOT_FOR_PUPILS)
    if last_day < today:
        return Deny(Reason.LAST_DAY_PAST)
    return Deny(Reason.LAST_DAY_TOO_FAR) if last_day > latest_last_day(today) else Allow()
