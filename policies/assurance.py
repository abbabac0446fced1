"""Which factors give which level, and whether a level answers a request (decision 9).

``EnFaktor`` lies below both ``VoksenVerificeret`` and ``ToFaktor``; neither of those is the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policies.vocabulary import Assurance, Factor

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_KNOWN_CODE: Final = frozenset({Factor.PICTURES, Factor.PASSWORD})
_POSSESSION: Final = frozenset({Factor.TOTP, Factor.RECOVERY_CODE})
SECOND: Final = _POSSESSION | {Factor.PASSKEY, Factor.UPSTREAM_TWO}
"""What makes two factors of a code, or is two by itself."""

_NUMBERS: Final[Mapping[Assurance, str]] = {
    Assurance.EN_FAKTOR: "2",
    # No source gives VoksenVerificeret a number; 3 would say that two factors were used.
    Assurance.VOKSEN_VERIFICERET: "2",
    Assurance.TO_FAKTOR: "3",
}

NSIS_LOA: Final = "https://data.gov.dk/concept/core/nsis/loa"
"""The name of the claim, and what the names of the levels begin with."""
NSIS_LEVELS: Final[Mapping[str, Assurance]] = {"Low": Assurance.EN_FAKTOR, "Substantial": Assurance.TO_FAKTOR}
"""NSIS level -> what it takes here, the lowest first. High takes a proofing that we do not have."""


def levels_of(factors: Collection[Factor]) -> frozenset[Assurance]:
    """Return every level that these factors give together; none when nothing identifies the person yet.

    A passkey counts alone: it is possession, and user verification is demanded. Pictures with a one-time code stay one
    factor, for 15 bits carry no second one. The school card takes the place of typing the username and gives no level
    (decision 11). What another identity provider vouches for counts as it says (:mod:`policies.upstreams`). An adult lifts a code, and never stands alone.
    """
    held = frozenset(factors)
    levels = set()
    if held & (_KNOWN_CODE | {Factor.PASSKEY, Factor.UPSTREAM, Factor.UPSTREAM_TWO}):
        levels.add(Assurance.EN_FAKTOR)
    if held & {Factor.PASSKEY, Factor.UPSTREAM_TWO} or (Factor.PASSWORD in held and held & _POSSESSION):
        levels.add(Assurance.TO_FAKTOR)
    if Factor.ADULT in held and held & _KNOWN_CODE:
        levels.add(Assurance.VOKSEN_VERIFICERET)
    return frozenset(levels)


def assurance_of(factors: Collection[Factor], wanted: Assurance | None = None) -> Assurance | None:
    """Return the level to report: ``wanted`` when the factors give it, else the highest; None when they give none."""
    levels = levels_of(factors)
    ranked = (wanted, Assurance.TO_FAKTOR, Assurance.VOKSEN_VERIFICERET, Assurance.EN_FAKTOR)
    return next((level for level in ranked if level in levels), None)


def satisfies(have: Assurance | None, want: Assurance, *, service_accepts_adult_as_two: bool = False) -> bool:
    """Say whether a login at ``have`` answers a request for ``want``.

    An adult's approval answers a request for two factors only where the service's registration accepts that; the level
    is still reported as VoksenVerificeret.
    """
    if have is None:
        return False
    if have is want or want is Assurance.EN_FAKTOR:
        return True
    return service_accepts_adult_as_two and (have, want) == (Assurance.VOKSEN_VERIFICERET, Assurance.TO_FAKTOR)


def loa_number(assurance: Assurance) -> str:
    """Return the claim ``loa``: ``"2"`` or ``"3"``, after NIST's old numbers (STIL, OIDC claims)."""
    return _NUMBERS[assurance]


def notified_levels(highest: str) -> tuple[str, ...]:
    """Return the names of the NSIS levels up to the ``highest`` that was notified; none for an empty one."""
    names = tuple(NSIS_LEVELS)
    return names[: names.index(highest) + 1] if highest else ()


def nsis_level(assurance: Assurance, *, nsis_notified: str) -> str:
    """Return the highest notified NSIS level that a login at ``assurance`` reaches, "" for none."""
    reached = (name for name in notified_levels(nsis_notified) if satisfies(assurance, NSIS_LEVELS[name]))
    return next(reversed(list(reached)), "")


def requested_assurance(text: str, *, nsis_notified: str = "") -> Assurance | None:
    """Read one value of ``acr_values``; None for what we cannot promise, which the protocol must refuse.

    ``To_Faktor`` is an alias that services send. NSIS addresses mean something only where the operator has configured a
    notified assurance.
    """
    if text == "To_Faktor":
        return Assurance.TO_FAKTOR
    nsis = text.removeprefix(f"{NSIS_LOA}/")
    if nsis != text and nsis in notified_levels(nsis_notified):
        return NSIS_LEVELS[nsis]
    return next((assurance for assurance in Assurance if assurance.value == text), None)
