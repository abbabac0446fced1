"""Standing in: a class for some days, given by whoever has it, to somebody who works there; it ends by itself.

The days are the school's own: the last one ends at its midnight.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from policies.decision import Allow, Deny
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from datetime import date

WITHIN: Final = timedelta(days=14)
"""So far back days of the same class count: a right that is given again and again is an office of its own."""


@dataclass(frozen=True, slots=True)
class SubstituteFacts:
    """What decides whether somebody may stand in.

    stands_in_self  the one who gives stands in too, and has the class in no other way
    oneself         the one who gives is the one who gets
    works_there     the one who gets has a confirmed attachment as staff at the institution now
    two_factors     and has a second factor, or logs in through a provider that gives two
    days_before     days for which the person has stood in for the class within :data:`WITHIN`
    """

    stands_in_self: bool
    oneself: bool
    works_there: bool
    two_factors: bool
    days_before: int = 0


def days_of(first: date, last: date) -> int:
    """Return how many days that is, both counted."""
    return (last - first).days + 1


def may_stand_in(facts: SubstituteFacts, *, today: date, last_day: date | None, most_days: int) -> Allow | Deny:
    """Say whether somebody may stand in from today to ``last_day``."""
    if facts.stands_in_self:
        return Deny(Reason.SUBSTITUTE_PASSES_NOT_ON)
    if facts.oneself:
        return Deny(Reason.NOT_FOR_YOURSELF)
    if not facts.works_there or not facts.two_factors:
        return Deny(Reason.SUBSTITUTE_NOT_STAFF)
    if last_day is None or last_day < today or days_of(today, last_day) + facts.days_before > most_days:
        return Deny(Reason.SUBSTITUTE_DAYS_WRONG)
    return Allow()
