"""Under which names claims are sent, and which of them a service asks for.

Unilogin's names are long ones in SAML and short ones in OpenID Connect, for the same values. What has no name there has the one of
the common schemas, as an object identifier (X.500/LDAP Attribute Profile, SAML Profiles 8.2). Where no source gives a name, ours
follows the others: ``dk:unilogin:`` and the claim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp.saml.canonical import without_illegal
from idp.saml.core_2_3_assertion import Attribute
from idp.saml.profiles.shapes import Sent
from idp.usecases.service_providers import Profile
from policies.assurance import NSIS_LOA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.usecases.service_providers import ServiceProvider
    from policies.attribute_release import ClaimValue

_UNILOGIN: Final = "dk:unilogin"
_OIO: Final = "https://data.gov.dk/model/core/eid"
PAIRWISE_ID: Final = "urn:oasis:names:tc:SAML:attribute:pairwise-id"
SUBJECT_ID: Final = "urn:oasis:names:tc:SAML:attribute:subject-id"

COMMON: Final[Mapping[str, str]] = {
    "uniid": f"{_UNILOGIN}:uniid",
    "aktoer_gruppe": f"{_UNILOGIN}:aktoergruppe",
    "unilogin_loa": f"{_UNILOGIN}:loa",
    "loa": "dk:gov:saml:attribute:AssuranceLevel",
    NSIS_LOA: NSIS_LOA,
    "institution_ids": f"{_UNILOGIN}:institution_ids",
    "has_license": f"{_UNILOGIN}:has_license",
    "name": "urn:oid:2.16.840.1.113730.3.1.241",
    "given_name": "urn:oid:2.5.4.42",
    "family_name": "urn:oid:2.5.4.4",
    "email": "urn:oid:0.9.2342.19200300.100.1.3",
    "trin": f"{_UNILOGIN}:trin",
    "birthdate": f"{_UNILOGIN}:birthdate",
    "grupper": f"{_UNILOGIN}:grupper",
}
"""Claim -> name of the attribute. ``sub`` is the NameID, and ``spec_ver`` speaks of OpenID Connect."""

OIOSAML: Final[Mapping[str, str]] = {
    **COMMON,
    "name": f"{_OIO}/fullName",
    "given_name": f"{_OIO}/firstName",
    "family_name": f"{_OIO}/lastName",
    "email": f"{_OIO}/email",
    "birthdate": f"{_OIO}/dateOfBirth",
}

_FRIENDLY: Final[Mapping[str, str]] = {
    "name": "displayName",
    "given_name": "givenName",
    "family_name": "sn",
    "email": "mail",
    NSIS_LOA: "nsis_loa",
}
_SAML2INT_LONGEST: Final = 256


def names_of(profile: Profile) -> Mapping[str, str]:
    """Return under which names a profile sends claims."""
    return OIOSAML if profile is Profile.OIOSAML else COMMON


def asked_claims(service: ServiceProvider, index: int | None) -> frozenset[str] | None:
    """Return which claims a service asks for, in its metadata and by its registration; None for all that are agreed.

    ``index`` is that of the request's AttributeConsumingService; without one the default list counts (Metadata 2.4.4). An index
    that the metadata does not have names nothing. What the profile cannot be without stays.
    """
    bounds = [_of_metadata(service, index), _of_registration(service)]
    asked = [bound for bound in bounds if bound is not None]
    if not asked:
        return None
    least = {"sub", NSIS_LOA} if service.options.profile is Profile.OIOSAML else {"sub"}
    return frozenset.intersection(*asked) | least


def asked_names(service: ServiceProvider, index: int | None) -> frozenset[str]:
    """Return the names of attributes as the chosen list of the metadata has them."""
    services = service.metadata.attribute_services
    if index is None:
        chosen = [each for each in services if each.is_default] or list(services[:1])
    else:
        chosen = [each for each in services if each.index == index]
    return frozenset(attribute.name for each in chosen for attribute in each.requested)


def sent(names: Mapping[str, str], released: Mapping[str, ClaimValue]) -> tuple[Sent, ...]:
    """Return the claims as attributes, in the order of the table; each of several values is one of its own."""
    found = ((claim, name, values_of(claim, released[claim])) for claim, name in names.items() if claim in released)
    return tuple(
        Sent(claim=claim, attribute=Attribute(name=name, values=values, friendly=_FRIENDLY.get(claim, claim)))
        for claim, name, values in found
        if values
    )


def values_of(claim: str, value: ClaimValue) -> tuple[str, ...]:
    """Return a claim's values. Characters that XML cannot carry are left out, and so is what then is empty."""
    if claim == "institution_ids" and isinstance(value, str):
        value = tuple(value.strip("[]").split(","))
    several = (value,) if isinstance(value, str) else value
    return tuple(kept for kept in map(without_illegal, several) if kept)


def at_most_256(said: tuple[Sent, ...]) -> tuple[Sent, ...]:
    """Leave out what has a value of more than 256 characters (saml2int SDP-G02): half a value would be a wrong one."""
    return tuple(each for each in said if all(len(value) <= _SAML2INT_LONGEST for value in each.attribute.values))


def _of_metadata(service: ServiceProvider, index: int | None) -> frozenset[str] | None:
    asked = asked_names(service, index)
    if not asked and (index is None or not service.metadata.attribute_services):
        return None
    names = names_of(service.options.profile)
    return frozenset(claim for claim in names if claim in asked or names[claim] in asked or COMMON[claim] in asked)


def _of_registration(service: ServiceProvider) -> frozenset[str] | None:
    return None if service.options.attributes is None else frozenset(service.options.attributes)
