"""``acr_values``: which level a service needs, in whichever request it says so (OpenID Connect Core 3.1.2.1, decision 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp.oidc.parameters import Fault
from policies.assurance import requested_assurance, satisfies
from policies.vocabulary import Assurance

if TYPE_CHECKING:
    from idp.usecases.services import Client

_NSIS: Final = "https://data.gov.dk/concept/core/nsis/"
"""What the names of NSIS levels begin with. ``nsis`` is the highest that the operator says was notified, "" for none."""


def unpromised_level(
    values: tuple[str, ...], *, nsis: str, insists: bool = False, parameter: str = "acr_values"
) -> Fault | None:
    """Values we do not know are ignored (Core 3.1.2.1), unless the service insists on one of them (5.5.1.1).

    An NSIS level must never be quietly missed (decision 9).
    """
    if known_levels(values, nsis):
        return None
    if any(value.startswith(_NSIS) for value in values):
        return Fault(
            "unmet_authentication_requirements", "That NSIS level is not notified at this installation.", parameter
        )
    if insists:
        return Fault("unmet_authentication_requirements", "None of the essential values is known here.", parameter)
    return None


def wanted_level(values: tuple[str, ...], client: Client, nsis: str) -> tuple[Assurance | None, str | None]:
    """Return the level that is needed, and the service's own name for it; without ``values`` what it registered.

    ``acr_values`` come in the order of preference and any of them will do, so EnFaktor among them is enough. A service's
    registered minimum is never lowered. Of two factors and an adult's word neither is the other: then two factors are
    wanted, and :func:`adult_will_do`.
    """
    known = known_levels(values or client.default_acr_values, nsis)
    minimum = client.least_assurance
    enough = {level: name for name, level in reversed(known.items())}
    if not enough:
        return minimum, None
    lowest_first = (Assurance.EN_FAKTOR, Assurance.TO_FAKTOR, Assurance.VOKSEN_VERIFICERET)
    wanted = next(level for level in lowest_first if level in enough)
    if minimum is not None and not satisfies(wanted, minimum):
        return minimum, enough.get(minimum)
    return wanted, enough[wanted]


def adult_will_do(values: tuple[str, ...], client: Client, nsis: str) -> bool:
    """Say whether a request names an adult's word beside two factors, and the service registered no more than either."""
    named = set(known_levels(values or client.default_acr_values, nsis).values())
    either = {Assurance.TO_FAKTOR, Assurance.VOKSEN_VERIFICERET} <= named
    return either and client.least_assurance in {None, Assurance.EN_FAKTOR}


def known_levels(values: tuple[str, ...], nsis: str) -> dict[str, Assurance]:
    """Return the levels that are known here, by the names that they were asked by."""
    levels = ((value, requested_assurance(value, nsis_notified=nsis)) for value in values)
    return {value: level for value, level in levels if level is not None}
