"""Assertions (SAML Core 2.3.3), written as canonical text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from idp.saml.canonical import ASSERTION, attribute, instant, new_id, signed, text

if TYPE_CHECKING:
    from datetime import datetime

    from idp.outside.xml_signing import XmlSigner

URI: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
BASIC: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
_BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """An attribute with its values, each an element of its own (SAML Core 2.7.3.1, saml2int SDP-IDP20)."""

    name: str
    values: tuple[str, ...]
    friendly: str | None = None
    name_format: str = URI


@dataclass(frozen=True, kw_only=True)
class NameId:
    """Who it is about (SAML Core 2.2.3)."""

    value: str
    format: str
    name_qualifier: str | None = None
    sp_name_qualifier: str | None = None


@dataclass(frozen=True, kw_only=True)
class Told:
    """Everything that an assertion says to one service about one login, and where it goes."""

    issuer: str
    audience: str
    """The service's entityID."""
    recipient: str
    """The address of its assertion consumer: ``Destination`` of the Response and ``Recipient`` of the assertion."""
    in_response_to: str | None
    """The ID of its request; None where the login began with us."""
    name_id: NameId
    session_index: str
    authn_instant: datetime
    context_class: str
    """The AuthnContextClassRef (SAML Core 2.7.2.2)."""
    attributes: tuple[Attribute, ...]
    issued_at: datetime
    not_before: datetime
    not_on_or_after: datetime
    session_not_on_or_after: datetime | None = None
    authenticated_by: tuple[str, ...] = ()
    """entityIDs of identity providers behind us (AuthenticatingAuthority)."""


def write_assertion(told: Told, *, identifier: str | None = None, signer: XmlSigner | None = None) -> str:
    """Return the text of an assertion, signed where a signer is given. Its ID is fresh unless it is given."""
    known = identifier or new_id()
    until = instant(told.not_on_or_after)
    answers = _optional("InResponseTo", told.in_response_to)
    session_end = (
        _optional("SessionNotOnOrAfter", instant(told.session_not_on_or_after)) if told.session_not_on_or_after else ""
    )
    before = (
        f'<saml:Assertion xmlns:saml="{ASSERTION}" ID="{known}" IssueInstant="{instant(told.issued_at)}" Version="2.0">'
        f"<saml:Issuer>{text(told.issuer)}</saml:Issuer>"
    )
    after = (
        f"<saml:Subject>{name_id(told.name_id)}"
        f'<saml:SubjectConfirmation Method="{_BEARER}"><saml:SubjectConfirmationData{answers} NotOnOrAfter="{until}"'
        f' Recipient="{attribute(told.recipient)}"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>'
        f'<saml:Conditions NotBefore="{instant(told.not_before)}" NotOnOrAfter="{until}"><saml:AudienceRestriction>'
        f"<saml:Audience>{text(told.audience)}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
        f'<saml:AuthnStatement AuthnInstant="{instant(told.authn_instant)}" SessionIndex="{attribute(told.session_index)}"'
        f"{session_end}><saml:AuthnContext><saml:AuthnContextClassRef>{text(told.context_class)}"
        f"</saml:AuthnContextClassRef>{''.join(map(_authority, told.authenticated_by))}</saml:AuthnContext>"
        f"</saml:AuthnStatement>{_statement(told.attributes)}</saml:Assertion>"
    )
    return signed(before, after, identifier=known, signer=signer) if signer else f"{before}{after}"


def name_id(named: NameId, declared: str = "") -> str:
    """Return the text of a NameID; ``declared`` is the declaration of ``saml`` where nothing around it has it."""
    return (
        f'<saml:NameID{declared} Format="{attribute(named.format)}"{_optional("NameQualifier", named.name_qualifier)}'
        f"{_optional('SPNameQualifier', named.sp_name_qualifier)}>{text(named.value)}</saml:NameID>"
    )


def _statement(attributes: tuple[Attribute, ...]) -> str:
    """Return the AttributeStatement; none at all when there is nothing to say, for the schema wants one attribute in it."""
    if not attributes:
        return ""
    return f"<saml:AttributeStatement>{''.join(map(_attribute, attributes))}</saml:AttributeStatement>"


def _attribute(said: Attribute) -> str:
    values = "".join([f"<saml:AttributeValue>{text(value)}</saml:AttributeValue>" for value in said.values])
    return f"{_start_of_attribute(said.friendly, said.name, said.name_format)}{values}</saml:Attribute>"


@lru_cache(maxsize=512)
def _start_of_attribute(friendly: str | None, name: str, name_format: str) -> str:
    """Return a start tag. The names are few and the same in every assertion."""
    return (
        f'<saml:Attribute{_optional("FriendlyName", friendly)} Name="{attribute(name)}"'
        f' NameFormat="{attribute(name_format)}">'
    )


def _authority(entity_id: str) -> str:
    return f"<saml:AuthenticatingAuthority>{text(entity_id)}</saml:AuthenticatingAuthority>"


def _optional(name: str, value: str | None) -> str:
    return f' {name}="{attribute(value)}"' if value is not None else ""
