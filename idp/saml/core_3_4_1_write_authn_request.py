"""AuthnRequest (SAML Core 3.4.1), written as canonical text: what we ask an identity provider of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.saml.canonical import ASSERTION, PROTOCOL, attribute, instant, signed, text
from idp.saml.core_2_3_assertion import NameId, name_id
from idp.usecases.service_providers import POST

if TYPE_CHECKING:
    from datetime import datetime

    from idp.outside.xml_signing import XmlSigner


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What is asked of an identity provider."""

    issuer: str
    """Our entityID as a service."""
    destination: str
    consumer: str
    """The address of ours that the Response is posted to."""
    now: datetime
    identifier: str
    """See :func:`idp.saml.canonical.new_id`; the answer names it."""
    force_authn: bool = False
    is_passive: bool = False
    name_id_format: str | None = None
    subject: NameId | None = None
    """Whom we expect (SAML Core 3.4.1, Subject)."""
    contexts: tuple[str, ...] = ()
    comparison: str = "exact"


def write_authn_request(asking: Asking, *, signer: XmlSigner | None) -> bytes:
    """Return an AuthnRequest. ``signer`` None where the query that carries it is signed (Bindings 3.4.4.1)."""
    forced = ' ForceAuthn="true"' if asking.force_authn else ""
    passive = ' IsPassive="true"' if asking.is_passive else ""
    before = (
        f'<samlp:AuthnRequest xmlns:samlp="{PROTOCOL}" AssertionConsumerServiceURL="{attribute(asking.consumer)}"'
        f' Destination="{attribute(asking.destination)}"{forced} ID="{attribute(asking.identifier)}"{passive}'
        f' IssueInstant="{instant(asking.now)}" ProtocolBinding="{POST}" Version="2.0">'
        f'<saml:Issuer xmlns:saml="{ASSERTION}">{text(asking.issuer)}</saml:Issuer>'
    )
    after = f"{_subject(asking.subject)}{_policy(asking.name_id_format)}{_contexts(asking)}</samlp:AuthnRequest>"
    written = signed(before, after, identifier=asking.identifier, signer=signer) if signer else f"{before}{after}"
    return written.encode()


def _subject(expected: NameId | None) -> str:
    return f'<saml:Subject xmlns:saml="{ASSERTION}">{name_id(expected)}</saml:Subject>' if expected else ""


def _policy(name_id_format: str | None) -> str:
    if name_id_format is None:
        return ""
    return f'<samlp:NameIDPolicy AllowCreate="true" Format="{attribute(name_id_format)}"></samlp:NameIDPolicy>'


def _contexts(asking: Asking) -> str:
    if not asking.contexts:
        return ""
    named = "".join(
        [
            f'<saml:AuthnContextClassRef xmlns:saml="{ASSERTION}">{text(each)}</saml:AuthnContextClassRef>'
            for each in asking.contexts
        ]
    )
    comparison = attribute(asking.comparison)
    return f'<samlp:RequestedAuthnContext Comparison="{comparison}">{named}</samlp:RequestedAuthnContext>'
