"""NameIDs (SAML Core 8.3): who the assertion is about, in the format that the service may have.

``persistent`` and ``unspecified`` are the pairwise subject, which no two sectors share; ``transient`` is made anew each time;
``emailAddress`` is sent only where the agreement lets the address leave. What the metadata lists chooses between them where
the profile lets it; saml2int does not (SDP-IDP12).
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Final
from uuid import UUID

from idp.saml.canonical import new_id
from idp.saml.core_2_3_assertion import NameId
from idp.saml.core_3_3_3_response import REQUESTER, Status
from idp.saml.refusals import Fault
from idp.usecases.service_providers import EMAIL, PERSISTENT, TRANSIENT, UNSPECIFIED

if TYPE_CHECKING:
    from idp.saml.profiles.shapes import Written
    from idp.usecases.service_providers import ServiceProvider
    from policies.attribute_release import Released

OFFERED: Final = (PERSISTENT, TRANSIENT, UNSPECIFIED, EMAIL)
_INVALID: Final = Status(code=REQUESTER, second="urn:oasis:names:tc:SAML:2.0:status:InvalidNameIDPolicy")


def wrong_policy(name_format: str | None, qualifier: str | None, service: ServiceProvider) -> Fault | None:
    """Say what a NameIDPolicy asks for that nobody gets. Whether an e-mail address may be told is seen later."""
    if name_format is not None and name_format not in OFFERED:
        return _invalid("NameIDPolicy asks for a format that is not offered.")
    if qualifier not in {None, "", service.entity_id}:
        return _invalid("NameIDPolicy names another SPNameQualifier than the service's own entityID.")
    return None


def name_id(
    asked: str | None, service: ServiceProvider, written: Written, released: Released, *, subject: str, issuer: str
) -> NameId | Fault:
    """Return the NameID; ``subject`` is the pairwise one, ``asked`` the policy's format."""
    wanted = None if asked == UNSPECIFIED and UNSPECIFIED not in written.name_id_formats else asked
    listed = service.metadata.name_id_formats if written.heeds_listed_formats else ()
    usual = service.options.name_id_format or next(
        (each for each in listed if each in written.name_id_formats and each not in {EMAIL, UNSPECIFIED}),
        written.name_id_formats[0],
    )
    chosen = wanted or usual
    if chosen not in written.name_id_formats:
        return _invalid("The service's profile does not allow the format that NameIDPolicy asks for.")
    if chosen == EMAIL:
        address = released.claims.get("email")
        if not isinstance(address, str):
            return _invalid("No e-mail address may be told to this service about this person.")
        return NameId(value=address, format=EMAIL)
    prefix = written.name_id_prefix
    if chosen == TRANSIENT:
        value = f"{prefix}{UUID(bytes=secrets.token_bytes(16), version=4)}" if prefix else new_id()
        return NameId(value=value, format=TRANSIENT, name_qualifier=issuer, sp_name_qualifier=service.entity_id)
    value = f"{prefix}{UUID(bytes=urlsafe_b64decode(f'{subject}=')[:16], version=5)}" if prefix else subject
    if chosen == UNSPECIFIED:
        return NameId(value=value, format=UNSPECIFIED)
    return NameId(value=value, format=PERSISTENT, name_qualifier=issuer, sp_name_qualifier=service.entity_id)


def _invalid(sentence: str) -> Fault:
    return Fault(rule="invalid-name-id-policy", description=sentence, part="NameIDPolicy", status=_INVALID)
