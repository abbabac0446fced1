"""RequestedAuthnContext (SAML Core 3.3.2.2.1): which level a service asks for, and in which words it is answered (decision 9).

=============  ==============================================  ================================================
Comparison     The login must reach                            The answer names
=============  ==============================================  ================================================
``exact``      any of the levels named                         the first named that the login reaches
``minimum``    any of the levels named                         the level of the login
``better``     a level above every one named                   the level of the login
``maximum``    EnFaktor, and no more is asked for              the highest that is not above all of those named
=============  ==============================================  ================================================

Names that we do not know are passed over as long as one is known; a request for nothing that we know is not answered. VoksenVerificeret
and ToFaktor both lie above EnFaktor, and neither is the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from idp.saml.core_3_3_3_response import RESPONDER, Status
from idp.saml.profiles.oiosaml import PERSON, PROFESSIONAL
from idp.saml.profiles.plain import CONTEXTS, PASSWORD, REFEDS_MFA
from idp.saml.profiles.shapes import NO_AUTHN_CONTEXT
from idp.saml.profiles.unilogin import LEVELS
from idp.saml.refusals import Fault
from policies.assurance import NSIS_LOA, levels_of, nsis_level, requested_assurance, satisfies
from policies.vocabulary import Assurance

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from policies.vocabulary import Factor

EXACT: Final = "exact"
COMPARISONS: Final = (EXACT, "minimum", "better", "maximum")
MOST: Final = 20
"""Names in one request."""
_CLASSES: Final[Mapping[str, Assurance]] = {
    "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified": Assurance.EN_FAKTOR,
    "urn:oasis:names:tc:SAML:2.0:ac:classes:Password": Assurance.EN_FAKTOR,
    PASSWORD: Assurance.EN_FAKTOR,
    "https://refeds.org/profile/sfa": Assurance.EN_FAKTOR,
    REFEDS_MFA: Assurance.TO_FAKTOR,
    "http://schemas.microsoft.com/claims/multipleauthn": Assurance.TO_FAKTOR,
}
_LOWEST_FIRST: Final = (Assurance.EN_FAKTOR, Assurance.TO_FAKTOR, Assurance.VOKSEN_VERIFICERET)
_ABOVE: Final = frozenset({Assurance.TO_FAKTOR, Assurance.VOKSEN_VERIFICERET})
_UNMET: Final = Status(code=RESPONDER, second=NO_AUTHN_CONTEXT)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a request asks of the login. ``names`` are those that we know, in the request's order."""

    assurance: Assurance | None = None
    adult_will_do: bool = False
    comparison: str = EXACT
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """As what the person must come, by OIOSAML's names; any of them, empty for whatever they are."""


def level_of(name: str, *, nsis: str) -> Assurance | None:
    """Return the level that a name stands for. ``nsis`` is the highest NSIS level that was notified, "" for none."""
    if name in _CLASSES:
        return _CLASSES[name]
    if name.startswith(LEVELS):
        return requested_assurance(name.removeprefix(LEVELS))
    return requested_assurance(name, nsis_notified=nsis) if name.startswith(f"{NSIS_LOA}/") else None


def wanted(
    names: tuple[str, ...], comparison: str | None, *, nsis: str, minimum: Assurance | None, declares: bool = False
) -> Wanted | Fault:
    """Return what is asked, or why it cannot be met. ``minimum`` is what the service registered, and is never lowered.

    ``declares``: the request names declarations rather than classes, of which we have none.
    """
    comparison = comparison or EXACT
    if comparison not in COMPARISONS or declares or len(names) > MOST:
        return _unmet("RequestedAuthnContext is not one that we can read.")
    kinds = tuple(name for name in names if name in {PERSON, PROFESSIONAL})
    known = {name: level for name in names if (level := level_of(name, nsis=nsis)) is not None}
    if len(names) > len(kinds) and not known:
        return _unmet("None of the levels that RequestedAuthnContext names is known here.")
    asked = set(known.values())
    if comparison == "better" and asked:
        asked = {level for level in Assurance if all(level is not one and satisfies(level, one) for one in asked)}
        if not asked:
            return _unmet("No level is better than those that RequestedAuthnContext names.")
    if comparison == "maximum" and asked:
        asked = {Assurance.EN_FAKTOR}
    lowest = next((level for level in _LOWEST_FIRST if level in asked), None)
    if minimum is not None and (lowest is None or not satisfies(lowest, minimum)):
        return Wanted(assurance=minimum, comparison=comparison, names=tuple(known), kinds=kinds)
    either = asked >= _ABOVE and lowest is not Assurance.EN_FAKTOR
    return Wanted(assurance=lowest, adult_will_do=either, comparison=comparison, names=tuple(known), kinds=kinds)


def told_level(factors: Collection[Factor], want: Wanted, *, nsis: str, adult_as_two: bool = False) -> Assurance | None:
    """Return the level that the answer speaks of, None when the login reaches none that the request allows.

    ``adult_as_two``: the service takes an adult's word where it asked for two factors, and is told that it was one.
    """
    ranked: tuple[Assurance, ...] = (Assurance.TO_FAKTOR, Assurance.VOKSEN_VERIFICERET, Assurance.EN_FAKTOR)
    named = [level for name in want.names if (level := level_of(name, nsis=nsis)) is not None]
    if want.comparison == EXACT and named:
        ranked = tuple(named)
    elif want.comparison == "maximum" and named:
        ranked = tuple(level for level in ranked if any(satisfies(one, level) for one in named))
    elif want.assurance not in {None, Assurance.EN_FAKTOR}:
        ranked = tuple(level for level in ranked if level is want.assurance or (want.adult_will_do and level in _ABOVE))
    if adult_as_two and Assurance.TO_FAKTOR in ranked:
        ranked = (*ranked, Assurance.VOKSEN_VERIFICERET)
    reached = levels_of(factors)
    return next((level for level in ranked if level in reached), None)


def told_class(level: Assurance, want: Wanted, *, usual: str, nsis: str) -> str:
    """Return the AuthnContextClassRef for a level: the request's own name of it, else one of the kind that it uses."""
    for name in want.names:
        if level_of(name, nsis=nsis) is level:
            return name
    if not want.names:
        return usual
    first = want.names[0]
    if first.startswith(LEVELS):
        return f"{LEVELS}{level.value}"
    reached = nsis_level(level, nsis_notified=nsis) if first.startswith(f"{NSIS_LOA}/") else ""
    return f"{NSIS_LOA}/{reached}" if reached else CONTEXTS[level]


def _unmet(sentence: str) -> Fault:
    return Fault(rule="no-authn-context", description=sentence, part="RequestedAuthnContext", status=_UNMET)
