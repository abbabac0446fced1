"""An adult lifts a pupil's login above one factor: VoksenVerificeret (decisions 4, 9 and 10; STIL, VoksenVerificeret login).

Who may vouch for whom is the rule of :func:`policies.administration.may_open_window`; whether an adult helps at all, that of
:mod:`policies.sign_in`. Here stand the match sign, what is unusual about a request, and how often somebody may ask.
"""

from __future__ import annotations

from enum import StrEnum, unique
from itertools import permutations
from typing import TYPE_CHECKING

from policies.decision import Allow, Deny
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from policies.elevadgang_tables import StepUpRule

PAIR = 2


@unique
class Unusual(StrEnum):
    """What sets a request apart, so that it takes a press of its own (decision 10)."""

    NEW_DEVICE = "new-device"
    """The pupil had never logged in in that browser, up to some hours ago: one login with a stolen code makes none known."""
    OTHER_NETWORK = "other-network"
    """The pupil is on another network than the adult who looks."""
    SECOND_REQUEST = "second-request"
    """The same pupil waits in another browser too."""
    SAME_SIGN = "same-sign"
    """Somebody else whom the adult sees has the same sign; so it says nothing about who is who."""


@unique
class AnsweredAs(StrEnum):
    """As what an adult answered."""

    TEACHER = "teacher"
    SUBSTITUTE = "substitute"
    ADMINISTRATOR = "administrator"
    PARENT = "parent"
    LESSON = "lesson"


def may_ask(rule: StepUpRule, asked: int) -> Allow | Deny:
    """Say whether a pupil may ask once more, who has asked so many times within the hour (ASVS 6.6.3 and 6.6.4)."""
    return Allow() if asked < rule.most_in_an_hour else Deny(Reason.STEP_UP_TOO_OFTEN)


def draw_sign(draw: Callable[[int], int], pictures: Collection[str], taken: Collection[str]) -> str:
    """Return a match sign that nobody has of those who wait: two pictures in order, with a blank between.

    Each free one is as likely as any other; ``draw(n)`` gives a uniform random number below n. Where every pair is taken, it is
    three pictures.
    """
    held = set(taken)
    for length in (PAIR, PAIR + 1):
        free = [sign for chosen in permutations(pictures, length) if (sign := " ".join(chosen)) not in held]
        if free:
            return free[draw(len(free))]
    raise ValueError("every sign is taken")


def pictures_of(sign: str) -> tuple[str, ...]:
    """Return the names of the pictures of a sign, in order."""
    return tuple(sign.split())


def unusual(*, noted: Collection[str], same_network: bool, open_requests: int, same_sign: bool) -> frozenset[Unusual]:
    """Return what sets a request apart for the adult who looks at it. ``noted`` is what was known when it was made."""
    found = {Unusual(word) for word in noted}
    if not same_network:
        found.add(Unusual.OTHER_NETWORK)
    if open_requests > 1:
        found.add(Unusual.SECOND_REQUEST)
    if same_sign:
        found.add(Unusual.SAME_SIGN)
    return frozenset(found)
