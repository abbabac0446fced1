"""How far another identity provider is believed (decision 20): never further than its cap, and by name only where it was agreed.

Whoever logs in there has proven something, so that a level that we have no word for counts as EnFaktor. VoksenVerificeret is an
adult's word given to us, and nobody else's to give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policies.assurance import levels_of
from policies.vocabulary import Assurance, Factor

if TYPE_CHECKING:
    from collections.abc import Mapping

GIVEN: Final = (Assurance.EN_FAKTOR, Assurance.TO_FAKTOR)
"""The levels that another provider can vouch for, the lowest first."""


def vouched_level(said: str | None, agreed: Mapping[str, Assurance], cap: Assurance) -> Assurance:
    """Return the level that ``said`` (AuthnContextClassRef or ``acr``) is worth here.

    ``agreed`` maps the other provider's words to levels; ``cap`` is the highest that it may vouch for.
    """
    level = agreed.get(said, Assurance.EN_FAKTOR) if said is not None else Assurance.EN_FAKTOR
    if level not in GIVEN or cap not in GIVEN:
        return Assurance.EN_FAKTOR
    return min(level, cap, key=GIVEN.index)


def leans_on_another(factors: frozenset[Factor]) -> bool:
    """Say whether these are two factors only by another provider's word."""
    own = factors - {Factor.UPSTREAM, Factor.UPSTREAM_TWO}
    return own != factors and Assurance.TO_FAKTOR not in levels_of(own)


def factor_of(level: Assurance) -> Factor:
    """Return what a login counts as that somebody else has vouched for at ``level``."""
    return Factor.UPSTREAM_TWO if level is Assurance.TO_FAKTOR else Factor.UPSTREAM
