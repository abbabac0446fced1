"""SAML V2.0 Deployment Profile for Federation Interoperability (Kantara, saml2int 2.0).

The NameID is transient, and who somebody is stands in ``pairwise-id`` or ``subject-id``, by the service's own sign (SAML V2.0
Subject Identifier Attributes Profile 1.0); nothing where it gives none. ``any`` gets the pairwise one, which tells less. The
``subject-id`` is the same for every service, so that it leaves only where the agreement lets the user id leave.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from idp.saml.core_2_3_assertion import Attribute
from idp.saml.profiles.attribute_names import COMMON, PAIRWISE_ID, SUBJECT_ID, asked_names, at_most_256, sent
from idp.saml.profiles.plain import CONTEXTS
from idp.saml.profiles.shapes import REQUEST_DENIED, LoginFacts, Sent, Unmet, Written
from idp.usecases.service_providers import EMAIL, PERSISTENT, TRANSIENT, UNSPECIFIED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.usecases.service_providers import ServiceProvider
    from policies.attribute_release import ClaimValue

SIGN: Final = "urn:oasis:names:tc:SAML:profiles:subject-id:req"


def written(service: ServiceProvider, released: Mapping[str, ClaimValue], login: LoginFacts) -> Written | Unmet:
    """Return what is said to a service of a federation, or that it gets no identifier of the kind that it needs."""
    wanted = {value.strip() for name, values in service.metadata.entity_attributes if name == SIGN for value in values}
    asked = asked_names(service, None)
    identifiers: tuple[Sent, ...] = ()
    if wanted & {"pairwise-id", "any"} or PAIRWISE_ID in asked:
        value = base64.urlsafe_b64decode(f"{login.subject}=").hex()
        identifiers = (_scoped("sub", PAIRWISE_ID, "pairwise-id", value, login),)
    elif "subject-id" in wanted or SUBJECT_ID in asked:
        uniid = released.get("uniid")
        if isinstance(uniid, str):
            identifiers = (_scoped("uniid", SUBJECT_ID, "subject-id", uniid, login),)
        elif "subject-id" in wanted:
            return Unmet(
                second_status=REQUEST_DENIED,
                sentence="The service needs subject-id, and no agreement lets the user id leave.",
                requirement="saml2int, Subject Identifier Requirements Signaling",
            )
    return Written(
        sent=at_most_256((*identifiers, *sent(COMMON, released))),
        context_class=CONTEXTS[login.assurance],
        name_id_formats=(TRANSIENT, PERSISTENT, UNSPECIFIED, EMAIL),
        heeds_listed_formats=False,  # SDP-IDP12
    )


def _scoped(claim: str, name: str, friendly: str, value: str, login: LoginFacts) -> Sent:
    return Sent(claim=claim, attribute=Attribute(name=name, values=(f"{value}@{login.scope}",), friendly=friendly))
