"""LogoutRequest and LogoutResponse (SAML Core 3.7), written as canonical text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.saml.canonical import ASSERTION, PROTOCOL, attribute, instant, new_id, signed, text
from idp.saml.core_2_3_assertion import name_id
from idp.saml.core_3_3_3_response import Status, status_message

if TYPE_CHECKING:
    from datetime import datetime

    from idp.outside.xml_signing import XmlSigner
    from idp.saml.core_2_3_assertion import NameId


def write_logout_request(
    *,
    issuer: str,
    destination: str,
    named: NameId,
    session_indexes: tuple[str, ...],
    now: datetime,
    not_on_or_after: datetime,
    signer: XmlSigner | None,
    identifier: str | None = None,
    reason: str | None = None,
) -> bytes:
    """Return a LogoutRequest. ``signer`` None where the query that carries it is signed (Bindings 3.4.4.1).

    The NameID stands in the clear, as saml2int wants it (SDP-IDP27); ``identifier`` is for whoever keeps it to know the answer.
    """
    known = identifier or new_id()
    why = f' Reason="{attribute(reason)}"' if reason is not None else ""
    before = (
        f'<samlp:LogoutRequest xmlns:samlp="{PROTOCOL}" Destination="{attribute(destination)}" ID="{attribute(known)}"'
        f' IssueInstant="{instant(now)}" NotOnOrAfter="{instant(not_on_or_after)}"{why} Version="2.0">'
        f'<saml:Issuer xmlns:saml="{ASSERTION}">{text(issuer)}</saml:Issuer>'
    )
    indexes = "".join([f"<samlp:SessionIndex>{text(index)}</samlp:SessionIndex>" for index in session_indexes])
    after = f"{name_id(named, _DECLARED)}{indexes}</samlp:LogoutRequest>"
    written = signed(before, after, identifier=known, signer=signer) if signer else f"{before}{after}"
    return written.encode()


def write_logout_response(
    status: Status,
    *,
    issuer: str,
    destination: str | None,
    in_response_to: str,
    now: datetime,
    signer: XmlSigner | None,
) -> bytes:
    """Return a LogoutResponse; ``destination`` None over SOAP, where the connection is the way back."""
    return status_message(
        "LogoutResponse",
        status=status,
        issuer=issuer,
        destination=destination,
        in_response_to=in_response_to,
        now=now,
        signer=signer,
    )


_DECLARED = f' xmlns:saml="{ASSERTION}"'
