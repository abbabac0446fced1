"""The places that read SAML from others: what a good message is there, what an attacker would change, and the reader."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from lxml import etree

from idp.outside.xml_security import NotVerified, verify_signed
from idp.saml.core_3_3_3_response import Protection, write_response
from idp.saml.core_3_7_logout import read_logout
from idp.saml.engine import read_message
from idp.saml.intake import arrived_by_post, arrived_by_soap
from idp.saml.metadata_theirs import MetadataFault, entity_of, read_entity
from idp.saml.profiles_4_4_by_soap import enveloped
from idp.saml.refusals import Refused
from idp.saml.xml_documents import NotADocument, parse_document
from idp.usecases.service_providers import PublishedMetadata, SamlOptions, ServiceProvider
from tests.conftest import START
from tests.opponents.saml_service import KeyPair, SamlService, key_pair, signed_by
from tests.saml.test_core_3_3_read_response import read as read_upstream
from tests.saml.written import keys, told

if TYPE_CHECKING:
    from collections.abc import Callable

    Element = etree._Element

NS = {
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
}
SERVICE = SamlService(signs=True)
SLO = "http://localhost:8080/saml/slo"
EVIL = "https://attacker.example/"


@dataclass(frozen=True)
class Place:
    """``signed``: which element of a good message carries the signature. ``text``: what an attacker would truncate or change."""

    name: str
    good: Callable[[], str]
    take: Callable[[bytes], object]
    text: str
    signed: str = "."

    def document(self) -> Element:
        return etree.fromstring(self.good().encode())

    def element(self, root: Element) -> Element:
        found = root if self.signed == "." else root.find(self.signed, NS)
        assert found is not None
        return found

    def changed(self, element: Element) -> Element:
        """The same element, saying what the attacker wants."""
        (found,) = element.findall(self.text, NS)
        found.text = EVIL
        return element


def known_service() -> ServiceProvider:
    metadata = PublishedMetadata(entity_id=SERVICE.entity_id, signing_certificates=(SERVICE.keys.certificate,))
    return ServiceProvider(
        service_id=1, entity_id=SERVICE.entity_id, name_da="P", name_en="P", sector="s", options=SamlOptions(),
        metadata=metadata,
    )  # fmt: skip


def posted(document: bytes, parameter: str = "SAMLRequest") -> bytes:
    return urlencode({parameter: b64encode(document).decode()}).encode()


def take_authn_request(document: bytes) -> object:
    arrived = arrived_by_post(posted(document))
    return read_message(arrived, "AuthnRequest", certificates=[SERVICE.keys.certificate], must_be_signed=True)


def take_logout_request(document: bytes) -> object:
    return read_logout(arrived_by_post(posted(document)), "LogoutRequest", known_service(), here=SLO, now=START)


def take_logout_by_soap(document: bytes) -> object:
    return read_logout(arrived_by_soap(enveloped(document)), "LogoutRequest", known_service(), here=SLO, now=START)


def take_logout_response(document: bytes) -> object:
    arrived = arrived_by_post(posted(document, "SAMLResponse"))
    return read_logout(arrived, "LogoutResponse", known_service(), here=SLO, now=START)


def take_metadata(document: bytes) -> object:
    try:
        root = verify_signed(parse_document(document, largest=1 << 20), [SERVICE.keys.certificate])
        return read_entity(entity_of(root, SERVICE.entity_id))
    except (NotVerified, NotADocument, MetadataFault) as fault:
        raise Refused("metadata", str(fault)) from fault


@cache
def a_response(*, response: bool) -> str:
    how = Protection(signer=keys().signer, sign_response=response, sign_assertion=not response)
    return write_response(told(), how).decode()


@cache
def an_authn_request() -> str:
    return signed_by(
        SERVICE.keys, SERVICE.authn_request("<saml:Subject><saml:NameID>emil</saml:NameID></saml:Subject>")
    )


@cache
def a_logout_request() -> str:
    return signed_by(SERVICE.keys, SERVICE.logout_request("emil", now=START, destination=SLO))


@cache
def a_logout_response() -> str:
    return signed_by(SERVICE.keys, SERVICE.logout_response("_asked.1", now=START, destination=SLO))


@cache
def some_metadata() -> str:
    persistent = "<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>"
    return signed_by(SERVICE.keys, SERVICE.but(name_ids=persistent).metadata(ID="_metadata"), place=0)


PLACES = (
    Place("AuthnRequest", an_authn_request, take_authn_request, "saml:Subject/saml:NameID"),
    Place("LogoutRequest", a_logout_request, take_logout_request, "saml:NameID"),
    Place("LogoutRequest by SOAP", a_logout_request, take_logout_by_soap, "saml:NameID"),
    Place("LogoutResponse", a_logout_response, take_logout_response, "saml:Issuer"),
    Place("Response", lambda: a_response(response=True), read_upstream, "saml:Assertion/saml:Subject/saml:NameID"),
    Place("Assertion", lambda: a_response(response=False), read_upstream, "saml:Subject/saml:NameID", "saml:Assertion"),
    Place("Metadata", some_metadata, take_metadata, "md:SPSSODescriptor/md:NameIDFormat"),
)
everywhere = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)


def refuses(place: Place, document: bytes | Element) -> bool:
    """Say whether a message is refused where the good one is taken."""
    place.take(place.good().encode())
    came = document if isinstance(document, bytes) else etree.tostring(document)
    assert came != place.good().encode()
    try:
        place.take(came)
    except Refused:
        return True
    return False


def stranger() -> KeyPair:
    """A key pair whose certificate bears the service's own name."""
    return key_pair("stranger")
