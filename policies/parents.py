"""What gives a parent power over a child: custody, and having shown who they are (decision 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from policies.consent import age_on
from policies.decision import Allow, Deny
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from datetime import date

_OF_AGE: Final = 18


@dataclass(frozen=True, slots=True)
class ParentFacts:
    """A contact's tie to a pupil, and the session that it is to be used in.

    custody      the school says so of a tie that holds now
    born         the child's birthday, None where no school has told it
    two_factors  the session has two factors
    identified   a strong identification elsewhere vouches for this session, or staff have seen the parent in person
    """

    custody: bool
    born: date | None
    two_factors: bool
    identified: bool


def may_vouch_for_child(facts: ParentFacts, today: date) -> Allow | Deny:
    """Say whether a parent may answer for a child. A child whose age nobody knows is nobody's to answer for."""
    if not facts.custody or facts.born is None or age_on(facts.born, today) >= _OF_AGE:
        return Deny(Reason.NOT_YOUR_CHILD)
    if not facts.two_factors or not facts.identified:
        return Deny(Reason.PARENT_NOT_IDENTIFIED)
    return Allow()
