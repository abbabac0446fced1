"""Responses (SAML Core 3.2.2 and 3.3.3), written as canonical text: with an assertion, or with a status that says why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from idp.outside.xml_encryption import encrypted_element
from idp.saml.canonical import ASSERTION, PROTOCOL, attribute, instant, new_id, signed, text
from idp.saml.core_2_3_assertion import write_assertion

if TYPE_CHECKING:
    from datetime import datetime

    from idp.outside.xml_encryption import Recipient
    from idp.outside.xml_signing import XmlSigner
    from idp.saml.core_2_3_assertion import Told

SUCCESS: Final = "urn:oasis:names:tc:SAML:2.0:status:Success"
REQUESTER: Final = "urn:oasis:names:tc:SAML:2.0:status:Requester"
RESPONDER: Final = "urn:oasis:names:tc:SAML:2.0:status:Responder"


@dataclass(frozen=True, kw_only=True)
class Protection:
    """What is signed and what is encrypted, and with which keys. At least one of the two is signed (Profiles 4.1.4.5)."""

    signer: XmlSigner
    sign_assertion: bool = True
    sign_response: bool = False
    recipient: Recipient | None = None
    """To whom the assertion is encrypted; None: it is not."""

    def __post_init__(self) -> None:
        """Refuse to send what nobody signed."""
        if not (self.sign_assertion or self.sign_response):
            raise ValueError("Neither the assertion nor the response would be signed.")


@dataclass(frozen=True, kw_only=True)
class Status:
    """What became of a request (SAML Core 3.2.2.1): a top-level code, one below it, and a sentence for the service."""

    code: str
    second: str | None = None
    message: str | None = None


def write_response(told: Told, protection: Protection) -> bytes:
    """Return a successful Response with one assertion."""
    assertion = write_assertion(told, signer=protection.signer if protection.sign_assertion else None)
    if protection.recipient is not None:
        sealed = encrypted_element(assertion, protection.recipient)
        assertion = f'<saml:EncryptedAssertion xmlns:saml="{ASSERTION}">{sealed}</saml:EncryptedAssertion>'
    return status_message(
        "Response",
        status=_SUCCEEDED,
        issuer=told.issuer,
        destination=told.recipient,
        in_response_to=told.in_response_to,
        now=told.issued_at,
        signer=protection.signer if protection.sign_response else None,
        content=assertion,
    )


def error_response(
    status: Status,
    *,
    issuer: str,
    destination: str,
    in_response_to: str | None,
    now: datetime,
    signer: XmlSigner | None,
) -> bytes:
    """Return a Response that says why there is no assertion (SAML Core 3.2.2.2)."""
    return status_message(
        "Response",
        status=status,
        issuer=issuer,
        destination=destination,
        in_response_to=in_response_to,
        now=now,
        signer=signer,
    )


def status_message(
    element: str,
    *,
    status: Status,
    issuer: str,
    destination: str | None,
    in_response_to: str | None,
    now: datetime,
    signer: XmlSigner | None,
    content: str = "",
) -> bytes:
    """Return any message of StatusResponseType (SAML Core 3.2.2): Response, LogoutResponse."""
    identifier = new_id()
    to = f' Destination="{attribute(destination)}"' if destination is not None else ""
    answers = f' InResponseTo="{attribute(in_response_to)}"' if in_response_to is not None else ""
    before = (
        f'<samlp:{element} xmlns:samlp="{PROTOCOL}"{to} ID="{identifier}"{answers} IssueInstant="{instant(now)}"'
        f' Version="2.0"><saml:Issuer xmlns:saml="{ASSERTION}">{text(issuer)}</saml:Issuer>'
    )
    after = f"{_status(status)}{content}</samlp:{element}>"
    written = signed(before, after, identifier=identifier, signer=signer) if signer else f"{before}{after}"
    return written.encode()


_SUCCEEDED: Final = Status(code=SUCCESS)


def _status(status: Status) -> str:
    second = f'<samlp:StatusCode Value="{attribute(status.second)}"></samlp:StatusCode>' if status.second else ""
    said = f"<samlp:StatusMessage>{text(status.message)}</samlp:StatusMessage>" if status.message else ""
    return (
        f'<samlp:Status><samlp:StatusCode Value="{attribute(status.code)}">{second}</samlp:StatusCode>'
        f"{said}</samlp:Status>"
    )
