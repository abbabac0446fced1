"""Whether a person must be asked before a service is told anything, and whether they may answer.

Schools decide centrally which services their people use, so nobody is asked for those. A service that is not the school's
is registered as needing consent: the person is asked on a page, once for each wish, and from the age that the law names
(databeskyttelsesloven section 6: 13 years; GDPR article 8). Below it a child cannot say yes, so nothing is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policies.decision import Allow, Decision, Deny, Require
from policies.vocabulary import ActorGroup, Reason, Step

if TYPE_CHECKING:
    from datetime import date

    from policies.rules import ReleaseRules

__all__ = ["Wish", "age_on", "consent"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a service wants to know: the scopes it asks for, and the claims that would leave."""

    scope: frozenset[str]
    claims: frozenset[str]

    def covers(self, other: Wish) -> bool:
        """Say whether whoever allowed this has allowed ``other`` too: the same or less."""
        return other.scope <= self.scope and other.claims <= self.claims


def consent(
    rules: ReleaseRules,
    wish: Wish,
    *,
    allowed: Wish | None,
    again: bool,
    born: date | None,
    actor_group: ActorGroup,
    today: date,
) -> Decision:
    """Return Allow when the person has allowed it, CONSENT when they are to be asked, or why they cannot be.

    ``allowed`` is what they allowed before and have not taken back; ``again``: the service asks that it is asked once more.
    Of a pupil whose age nobody knows it is not taken for granted.
    """
    if born is None and actor_group is ActorGroup.PUPIL:
        return Deny(Reason.CONSENT_AGE_UNKNOWN)
    if born is not None and age_on(born, today) < rules.consent_from_age:
        return Deny(Reason.CONSENT_TOO_YOUNG)
    if allowed is not None and allowed.covers(wish) and not again:
        return Allow()
    return Require(Step.CONSENT)


def age_on(born: date, today: date) -> int:
    """Return how many years old somebody is; whoever was born on a leap day has the birthday on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
