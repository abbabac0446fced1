"""The places that read SAML from others: what a good message is there, what an attacker would change, and the reader."""

from __future__ import annotations

from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from lxml import etree

from idp.outside.certificates import pem_of
from idp.outside.fetch import Answered
from idp.outside.xml_encryption import encrypted_element, recipient
from idp.saml.core_2_3_assertion import NameId
from idp.saml.core_3_3_3_response import Protection, write_response
from idp.saml.core_3_7_logout import read_logout
from idp.saml.engine import read_message
from idp.saml.intake import arrived_by_post, arrived_by_redirect, arrived_by_soap
from idp.saml.metadata_fetched import fetch
from idp.saml.metadata_of_providers import read_provider
from idp.saml.metadata_theirs import MetadataFault, read_metadata
from idp.saml.profiles_4_4_by_soap import enveloped
from idp.saml.refusals import Refused
from idp.settings import read_settings
from idp.usecases.metadata_sources import Kind as MetadataKind
from idp.usecases.metadata_sources import Source
from idp.usecases.service_providers import PublishedMetadata, SamlOptions, ServiceProvider
from tests.conftest import START
from tests.opponents.saml_metadata import entities
from tests.opponents.saml_service import KeyPair, SamlService, key_pair, signed_by
from tests.opponents.saml_upstream import SamlUpstream
from tests.saml.hostile.bounds import attempted, baited
from tests.saml.test_core_3_3_read_response import read as read_upstream
from tests.saml.written import keys, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from idp.outside.xml_encryption import Recipient
    from idp.saml.intake import Arrived, Kind

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
ENCRYPTED = "saml:EncryptedAssertion"
IN_A_WEEK = "2026-11-30T08:00:00Z"


@dataclass(frozen=True)
class Place:
    """``signed``: which element of a good message carries the signature, None where there is no signature of XML.

    ``text`` is what an attacker would truncate or change, unless ``change`` does so.
    """

    name: str
    good: Callable[[], str]
    take: Callable[[bytes], object]
    text: str
    signed: str | None = "."
    change: Callable[[Element], None] | None = None

    def document(self) -> Element:
        return etree.fromstring(self.good().encode())

    def element(self, root: Element) -> Element:
        found = root.find(self.signed or ".", NS)
        assert found is not None
        return found

    def changed(self, element: Element) -> Element:
        """The same element, saying what the attacker wants."""
        if self.change is not None:
            self.change(element)
        else:
            (found,) = element.findall(self.text, NS)
            found.text = EVIL
        return element


def known_service() -> ServiceProvider:
    metadata = PublishedMetadata(entity_id=SERVICE.entity_id, signing_certificates=(SERVICE.keys.certificate,))
    return ServiceProvider(
        service_id=1, entity_id=SERVICE.entity_id, name_da="P", name_en="P", sector="s", options=SamlOptions(),
        metadata=metadata,
    )  # fmt: skip


# ── What is read ──


def read_authn_request(arrived: Arrived) -> object:
    return read_message(arrived, "AuthnRequest", certificates=[SERVICE.keys.certificate], must_be_signed=True)


def read_logout_request(arrived: Arrived) -> object:
    return read_logout(arrived, "LogoutRequest", known_service(), here=SLO, now=START)


def read_logout_response(arrived: Arrived) -> object:
    return read_logout(arrived, "LogoutResponse", known_service(), here=SLO, now=START)


# ── How it comes ──


def by_post(document: bytes, kind: Kind) -> Arrived:
    return arrived_by_post(urlencode({kind: b64encode(document).decode()}).encode())


def by_soap(document: bytes, kind: Kind) -> Arrived:
    return arrived_by_soap(enveloped(document), kind)


def in_a_signed_query(document: bytes, kind: Kind) -> Arrived:
    """The query is signed as it should be, whatever stands in the message."""
    return arrived_by_redirect(query_of(document.decode(), kind))


def in_a_query(document: bytes, kind: Kind) -> Arrived:
    """The signature stands in the message itself, which some services do."""
    return arrived_by_redirect(query_of(document.decode(), kind, signed=False))


def query_of(message: str, kind: Kind, *, signed: bool = True, keys: KeyPair = SERVICE.keys) -> bytes:
    return SERVICE.but(keys=keys).by_redirect(message, parameter=kind, signed=signed).partition("?")[2].encode()


def coming(
    way: Callable[[bytes, Kind], Arrived], read: Callable[[Arrived], object], kind: Kind = "SAMLRequest"
) -> Callable[[bytes], object]:
    return lambda document: read(way(document, kind))


def take_encrypted(assertion: bytes) -> object:
    """What stands in an encrypted assertion, in a Response of which nothing else is signed; anybody can encrypt to us."""
    held = f'<saml:EncryptedAssertion xmlns:saml="{NS["saml"]}">{encrypted_element(assertion.decode(), to_us())}</saml:EncryptedAssertion>'
    response = etree.fromstring(a_response(response=False).encode())
    (plain,) = response.findall("saml:Assertion", NS)
    response.replace(plain, etree.fromstring(held))
    return read_upstream(etree.tostring(response))


@dataclass(frozen=True)
class Served:
    """Stands where the way out to a federation is: it has the document already."""

    document: bytes

    def get_document(self, _: str, **__: object) -> Answered:
        return Answered(200, self.document)


def take_fetched(kind: MetadataKind) -> Callable[[bytes], object]:
    source = Source(
        id=1, kind=kind, url="https://federation.example/metadata", certificates=pem_of(SERVICE.keys.certificate), etag=None, tried_at=None,
        refreshed_at=None, valid_until=None, fault=None,
    )  # fmt: skip
    settings = read_settings(
        {"site": {"issuer": "http://localhost:8080"}, "database": {"url": "sqlite:////nowhere.sqlite3"}}
    )

    def take(document: bytes) -> object:
        system: Any = SimpleNamespace(now=lambda: START, settings=settings, fetcher=Served(document))
        with metadata_refused():
            return fetch(system, source, SERVICE.entity_id).service(SERVICE.entity_id)

    return take


def take_provider(document: bytes) -> object:
    with metadata_refused():
        return read_provider(document)


def take_service(document: bytes) -> object:
    """The metadata of a service out of a file, in which a signature is nobody's to check: whoever registers it vouches for it."""
    with metadata_refused():
        return read_metadata(document)


@contextmanager
def metadata_refused() -> Iterator[None]:
    try:
        yield
    except MetadataFault as fault:
        raise Refused("metadata", str(fault)) from fault


# ── What a good one is ──


def to_us() -> Recipient:
    return recipient([(keys(name="service").certificate, ())])


@cache
def a_response(*, response: bool, encrypted: bool = False, by: str = "idp", name: str = "6f1c") -> str:
    to = to_us() if encrypted else None
    how = Protection(signer=keys(name=by).signer, sign_response=response, sign_assertion=not response, recipient=to)
    return write_response(told(name_id=NameId(value=name, format="urn:x")), how).decode()


@cache
def an_assertion() -> str:
    (found,) = etree.fromstring(a_response(response=False).encode()).findall("saml:Assertion", NS)
    return etree.tostring(found, method="c14n", exclusive=True).decode()


def encrypt_another(response: Element) -> None:
    """Put another encrypted assertion in its place."""
    (held,) = response.findall(ENCRYPTED, NS)
    other = etree.fromstring(a_response(response=True, encrypted=True, by="stranger", name=EVIL).encode())
    (evil,) = other.findall(ENCRYPTED, NS)
    response.replace(held, evil)


@cache
def an_authn_request() -> str:
    return SERVICE.authn_request("<saml:Subject><saml:NameID>emil</saml:NameID></saml:Subject>")


@cache
def a_logout_request() -> str:
    return SERVICE.logout_request("emil", now=START, destination=SLO)


@cache
def a_logout_response() -> str:
    return SERVICE.logout_response("_asked.1", now=START, destination=SLO)


def signed(message: Callable[[], str]) -> Callable[[], str]:
    return cache(lambda: signed_by(SERVICE.keys, message()))


def metadata(inside: str = "", **said: str) -> str:
    """``inside`` stands first in what it says of itself as a service."""
    persistent = "<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>"
    written = SERVICE.but(name_ids=persistent).metadata(**said)
    at = written.index(">", written.index("<md:SPSSODescriptor")) + 1
    return written[:at] + inside + written[at:]


@cache
def one_entity(inside: str = "", entity_id: str = SERVICE.entity_id) -> str:
    document = metadata(inside, ID="_metadata", validUntil=IN_A_WEEK).replace(
        f'"{SERVICE.entity_id}"', f'"{entity_id}"', 1
    )
    return signed_by(SERVICE.keys, document, place=0)


@cache
def an_aggregate() -> str:
    other = SERVICE.but(entity_id="https://other.example/saml").metadata()
    every = entities(metadata(), other).replace(">", f' ID="_all" validUntil="{IN_A_WEEK}">', 1)
    return signed_by(SERVICE.keys, every, place=0)


@cache
def a_provider_of_others() -> str:
    return SamlUpstream().metadata()


_REQUEST, _RESPONSE = "saml:Subject/saml:NameID", "saml:Issuer"
_NAME_ID = "md:SPSSODescriptor/md:NameIDFormat"
_KEY = "md:IDPSSODescriptor/md:KeyDescriptor//ds:X509Certificate"
FILES = (
    Place("Metadata of a file", lambda: metadata(ID="_file"), take_service, _NAME_ID, None),
    Place("Metadata of a provider", a_provider_of_others, take_provider, _KEY, None),
)
"""Whoever reads these in vouches for them, and no ID in them names anything."""
PLACES = (
    Place("AuthnRequest", signed(an_authn_request), coming(by_post, read_authn_request), _REQUEST),
    Place("AuthnRequest by Redirect", an_authn_request, coming(in_a_signed_query, read_authn_request), _REQUEST, None),
    Place("AuthnRequest signed inside, by Redirect", signed(an_authn_request), coming(in_a_query, read_authn_request), _REQUEST),
    Place("LogoutRequest", signed(a_logout_request), coming(by_post, read_logout_request), "saml:NameID"),
    Place("LogoutRequest by SOAP", signed(a_logout_request), coming(by_soap, read_logout_request), "saml:NameID"),
    Place("LogoutRequest by Redirect", a_logout_request, coming(in_a_signed_query, read_logout_request), "saml:NameID", None),
    Place("LogoutRequest signed inside, by Redirect", signed(a_logout_request), coming(in_a_query, read_logout_request), "saml:NameID"),
    Place("LogoutResponse", signed(a_logout_response), coming(by_post, read_logout_response, "SAMLResponse"), _RESPONSE),
    Place("LogoutResponse by SOAP", signed(a_logout_response), coming(by_soap, read_logout_response, "SAMLResponse"), _RESPONSE),
    Place(
        "LogoutResponse by Redirect", a_logout_response, coming(in_a_signed_query, read_logout_response, "SAMLResponse"),
        _RESPONSE, None,
    ),
    Place(
        "LogoutResponse signed inside, by Redirect", signed(a_logout_response),
        coming(in_a_query, read_logout_response, "SAMLResponse"), _RESPONSE,
    ),
    Place("Response", lambda: a_response(response=True), read_upstream, "saml:Assertion/saml:Subject/saml:NameID"),
    Place("Assertion", lambda: a_response(response=False), read_upstream, "saml:Subject/saml:NameID", "saml:Assertion"),
    Place(
        "Response around an EncryptedAssertion", lambda: a_response(response=True, encrypted=True), read_upstream,
        "saml:Issuer", change=encrypt_another,
    ),
    Place("Assertion in an EncryptedAssertion", an_assertion, take_encrypted, "saml:Subject/saml:NameID"),
    Place("Metadata", one_entity, take_fetched(MetadataKind.ENTITY), _NAME_ID),
    Place("Metadata by query", one_entity, take_fetched(MetadataKind.MDQ), _NAME_ID),
    Place("Metadata of many", an_aggregate, take_fetched(MetadataKind.AGGREGATE), f"md:EntityDescriptor/{_NAME_ID}"),
    *FILES,
)  # fmt: skip
everywhere = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
wherever_an_id_names = pytest.mark.parametrize(
    "place", [place for place in PLACES if place not in FILES], ids=lambda place: place.name
)
wherever_xml_is_signed = pytest.mark.parametrize(
    "place", [place for place in PLACES if place.signed is not None], ids=lambda place: place.name
)

MESSAGES: tuple[tuple[Kind, Callable[[], str], Callable[[Arrived], object]], ...] = (
    ("SAMLRequest", an_authn_request, read_authn_request),
    ("SAMLRequest", a_logout_request, read_logout_request),
    ("SAMLResponse", a_logout_response, read_logout_response),
)
wherever_a_query_is_signed = pytest.mark.parametrize(
    ("kind", "message", "read"), MESSAGES, ids=["AuthnRequest", "LogoutRequest", "LogoutResponse"]
)


def refuses(place: Place, document: bytes | Element) -> bool:
    """Say whether a message is refused where the good one is taken."""
    place.take(place.good().encode())
    came = baited(document if isinstance(document, bytes) else etree.tostring(document))
    assert came != place.good().encode()
    return is_refused(lambda: place.take(came))


def refuses_query(read: Callable[[Arrived], object], good: bytes, query: bytes) -> bool:
    """Say the same of a query."""
    read(arrived_by_redirect(good))
    assert query != good
    return is_refused(lambda: read(arrived_by_redirect(query)))


def is_refused(take: Callable[[], object]) -> bool:
    """Say whether an attempt is refused, within the bounds."""

    def attempt() -> bool:
        try:
            take()
        except Refused:
            return True
        return False

    return attempted(attempt)


def stranger() -> KeyPair:
    """A key pair whose certificate bears the service's own name."""
    return key_pair("stranger")
