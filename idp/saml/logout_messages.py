"""What we send to a service about a logout, the same through a browser and from machine to machine."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from idp.saml.core_2_3_assertion import NameId
from idp.saml.core_3_3_3_response import SUCCESS, Status
from idp.saml.core_3_7_write_logout import write_logout_request, write_logout_response
from idp.usecases import saml_logout
from idp.usecases.service_providers import PERSISTENT, TRANSIENT, UNSPECIFIED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.outside.xml_signing import XmlSigner
    from idp.usecases.logout_notices import Participant
    from idp.usecases.system import System

PARTIAL: Final = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout"
UNKNOWN_PRINCIPAL: Final = "urn:oasis:names:tc:SAML:2.0:status:UnknownPrincipal"
VALID_FOR: Final = timedelta(minutes=5)
_QUALIFIED: Final = frozenset({PERSISTENT, TRANSIENT})


def request_to(
    system: System, one: Participant, *, destination: str, identifier: str, signer: XmlSigner | None
) -> bytes:
    """Return the LogoutRequest to a service, under the name by which it knows the person."""
    issuer, now = system.settings.site.entity_id, system.now()
    qualified = one.name_id_format in _QUALIFIED
    return write_logout_request(
        issuer=issuer,
        destination=destination,
        named=NameId(
            value=one.subject,
            format=one.name_id_format or UNSPECIFIED,
            name_qualifier=issuer if qualified else None,
            sp_name_qualifier=one.identifier if qualified else None,
        ),
        session_indexes=(one.sid,),
        now=now,
        not_on_or_after=now + VALID_FOR,
        signer=signer,
        identifier=identifier,
    )


def response_to(
    system: System, status: Status, *, destination: str | None, request_id: str, signer: XmlSigner | None
) -> bytes:
    """Return the LogoutResponse to a service that asked."""
    return write_logout_response(
        status,
        issuer=system.settings.site.entity_id,
        destination=destination,
        in_response_to=request_id,
        now=system.now(),
        signer=signer,
    )


def status_of(db: Session, system: System, sessions: Sequence[int]) -> Status:
    """Return what is true of a logout: the session has ended here; whether it has at every service stands below."""
    complete = saml_logout.is_complete(db, system, sessions)
    return Status(code=SUCCESS, second=None if complete else PARTIAL)
