"""Who may get a second factor, and by which way (decision 6). A password alone, stolen or not, enrols nothing.

=============  ==========================================================  =================
by way of      shown in this very login                                    the old factors
=============  ==========================================================  =================
``factor``     a second factor that the person has                         stay
``pass``       another administrator's one-time pass                       end: they are lost
``upstream``   a strong identification from elsewhere; a first factor only  there are none
``window``     an activation window for it; a first factor only            there are none
=============  ==========================================================  =================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from policies.decision import Allow, Deny
from policies.vocabulary import EnrolThrough, Factor, Reason, WindowPurpose

SECOND_FACTORS: Final = frozenset({Factor.PASSKEY, Factor.TOTP})
"""What can be enrolled. Recovery codes come with one of these, and end with the last."""

OPENS_ENROLMENT: Final = frozenset({WindowPurpose.FIRST_CODE, WindowPurpose.ENROL_FACTOR})
"""The windows that a first factor may be enrolled through. One for a new code is for a forgotten code, and no more."""


@dataclass(frozen=True, slots=True)
class EnrolmentFacts:
    """Everything that decides whether this person, in this login, may enrol a factor.

    may_carry  the kinds that the person's stage may have (codes.toml, ``second_factors``)
    enrolled   the kinds that the person has now
    proven     the enrolled kinds that were proven in this very login
    used_pass  a one-time pass was used up in this very login
    upstream   somebody else identified the person strongly in this very login
    window     the purpose of the activation window that was gone through in this very login
    """

    may_carry: frozenset[Factor] = frozenset()
    enrolled: frozenset[Factor] = frozenset()
    proven: frozenset[Factor] = frozenset()
    used_pass: bool = False
    upstream: bool = False
    window: WindowPurpose | None = None


def way_to_enrol(facts: EnrolmentFacts) -> EnrolThrough | Deny:
    """Return the way by which the person may enrol a factor now, or why there is none yet."""
    if not facts.may_carry & SECOND_FACTORS:
        return Deny(Reason.FACTOR_NOT_FOR_STAGE)
    if facts.proven & facts.enrolled:
        return EnrolThrough.FACTOR
    if facts.used_pass:
        return EnrolThrough.PASS
    if facts.enrolled:
        return Deny(Reason.FACTOR_PASS_NEEDED)
    if facts.upstream:
        return EnrolThrough.UPSTREAM
    if facts.window in OPENS_ENROLMENT:
        return EnrolThrough.WINDOW
    return Deny(Reason.FACTOR_PASS_NEEDED)


def ends_old_factors(way: EnrolThrough) -> bool:
    """Say whether the factors that the person had end with the new one: those that a pass replaces are lost."""
    return way is EnrolThrough.PASS


def may_remove(enrolled: frozenset[Factor], ending: Factor, count: int, *, said: bool) -> Allow | Deny:
    """Say whether a factor may be removed. ``count`` is how many of its kind there are; ``said``: last one, and known.

    Without a second factor, nobody uses power over others. That is said before the last one is removed.
    """
    others = (enrolled & SECOND_FACTORS) - ({ending} if count == 1 else set())
    return Allow() if said or others or ending not in SECOND_FACTORS else Deny(Reason.FACTOR_LAST)
