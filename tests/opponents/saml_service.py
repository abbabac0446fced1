"""A service provider of tests: it writes its metadata and its requests by hand, signs them with libxmlsec, and reads what it gets."""

from __future__ import annotations

import secrets
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape, quoteattr

import xmlsec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from idp.outside.certificates import der_of, self_signed
from idp.outside.jose import make_key
from tests.conftest import START
from tests.opponents.saml_metadata import entity, key_descriptor, role
from tests.opponents.saml_reader import ReadMessage, read_message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tests.opponents.browser import Page

SITE = "http://localhost:8080"
SSO = f"{SITE}/saml/sso"
IDP = f"{SITE}/saml/metadata"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
_PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"


@dataclass(frozen=True, repr=False)
class KeyPair:
    """A private key in PEM and its certificate in DER."""

    private: bytes
    certificate: bytes


@cache
def key_pair(name: str, algorithm: str = "RS256") -> KeyPair:
    """The key pair of this name, made once."""
    made = make_key(algorithm)
    return KeyPair(made.private, der_of(self_signed(made.private, name=name, now=START)))


@dataclass(frozen=True, kw_only=True)
class SamlService:
    """A service. ``signs``: it signs its requests, and its metadata says so; ``encrypted``: it has a key to encrypt to."""

    entity_id: str = "https://portal.example/saml"
    signs: bool = False
    encrypted: bool = False
    wants_assertions_signed: bool = False
    consumers: tuple[str, ...] = ("https://portal.example/acs",)
    logout: tuple[tuple[str, str], ...] = ()
    """(binding's last word, address)."""
    keys: KeyPair = field(default_factory=lambda: key_pair("service"))
    name_ids: str = ""
    """Its NameIDFormats, as they are written."""
    more: str = ""
    """What follows its consumers."""

    @property
    def consumer(self) -> str:
        return self.consumers[0]

    def metadata(self, **attributes: str) -> str:
        keys = key_descriptor(self.keys.certificate, "signing") if self.signs or self.logout else ""
        keys += key_descriptor(self.keys.certificate, "encryption") if self.encrypted else ""
        ends = "".join(
            f'<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:{binding}" Location={quoteattr(at)}/>'
            for binding, at in self.logout
        )
        acs = "".join(
            f"<md:AssertionConsumerService Binding={quoteattr(POST)} Location={quoteattr(at)} index={quoteattr(str(index))}/>"
            for index, at in enumerate(self.consumers)
        )
        flags = f' AuthnRequestsSigned="{str(self.signs).lower()}" WantAssertionsSigned="{str(self.wants_assertions_signed).lower()}"'
        said = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
        return entity(
            role(keys + ends + self.name_ids + acs + self.more, attributes=flags),
            entity_id=self.entity_id,
            attributes=said,
        )

    def authn_request(
        self,
        inside: str = "",
        *,
        now: datetime = START,
        identifier: str | None = None,
        destination: str | None = SSO,
        issuer: str | None = None,
        **attributes: str,
    ) -> str:
        """An AuthnRequest, unsigned. ``inside`` follows the Issuer; attributes are written as they are named."""
        said = {
            "ID": identifier or f"_{secrets.token_hex(16)}",
            "Version": "2.0",
            "IssueInstant": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            **({"Destination": destination} if destination else {}),
            **attributes,
        }
        written = "".join(f" {name}={quoteattr(value)}" for name, value in said.items())
        return (
            f'<samlp:AuthnRequest xmlns:samlp="{_PROTOCOL}" xmlns:saml="{_ASSERTION}"{written}>'
            f"<saml:Issuer>{escape(issuer or self.entity_id)}</saml:Issuer>{inside}</samlp:AuthnRequest>"
        )

    def logout_request(
        self,
        name_id: str,
        *,
        now: datetime,
        destination: str | None,
        indexes: Sequence[str] = (),
        name_format: str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        identifier: str | None = None,
        **attributes: str,
    ) -> str:
        """A LogoutRequest, unsigned."""
        said = {
            "ID": identifier or f"_{secrets.token_hex(16)}",
            "Version": "2.0",
            "IssueInstant": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            **({"Destination": destination} if destination else {}),
            **attributes,
        }
        written = "".join(f" {name}={quoteattr(value)}" for name, value in said.items())
        sessions = "".join(f"<samlp:SessionIndex>{escape(index)}</samlp:SessionIndex>" for index in indexes)
        return (
            f'<samlp:LogoutRequest xmlns:samlp="{_PROTOCOL}" xmlns:saml="{_ASSERTION}"{written}>'
            f"<saml:Issuer>{escape(self.entity_id)}</saml:Issuer>"
            f"<saml:NameID Format={quoteattr(name_format)}>{escape(name_id)}</saml:NameID>{sessions}</samlp:LogoutRequest>"
        )

    def logout_response(
        self,
        in_response_to: str,
        *,
        now: datetime,
        destination: str,
        status: str = "urn:oasis:names:tc:SAML:2.0:status:Success",
    ) -> str:
        """A LogoutResponse, unsigned."""
        return (
            f'<samlp:LogoutResponse xmlns:samlp="{_PROTOCOL}" xmlns:saml="{_ASSERTION}" ID="_{secrets.token_hex(16)}" Version="2.0"'
            f' IssueInstant="{now.strftime("%Y-%m-%dT%H:%M:%SZ")}" Destination={quoteattr(destination)}'
            f" InResponseTo={quoteattr(in_response_to)}><saml:Issuer>{escape(self.entity_id)}</saml:Issuer>"
            f'<samlp:Status><samlp:StatusCode Value="{status}"/></samlp:Status></samlp:LogoutResponse>'
        )

    def by_redirect(
        self,
        message: str,
        *,
        at: str = SSO,
        parameter: str = "SAMLRequest",
        relay_state: str | None = None,
        signed: bool | None = None,
    ) -> str:
        """The address that carries a message; the query signed where the service signs."""
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = b64encode(packer.compress(message.encode()) + packer.flush()).decode()
        query = f"{parameter}={quote(packed, safe='')}"
        if relay_state is not None:
            query += f"&RelayState={quote(relay_state, safe='')}"
        if self.signs if signed is None else signed:
            query += f"&SigAlg={quote(RSA_SHA256, safe='')}"
            key = load_pem_private_key(self.keys.private, None)
            value = key.sign(query.encode(), PKCS1v15(), SHA256())  # type: ignore[union-attr, call-arg, arg-type]
            query += f"&Signature={quote(b64encode(value).decode(), safe='')}"
        return f"{at}?{query}"

    def by_post(
        self,
        message: str,
        *,
        parameter: str = "SAMLRequest",
        relay_state: str | None = None,
        signed: bool | None = None,
    ) -> list[tuple[str, str]]:
        """The fields of a form that carries a message; the message signed where the service signs."""
        document = signed_by(self.keys, message) if (self.signs if signed is None else signed) else message
        fields = [(parameter, b64encode(document.encode()).decode())]
        return [*fields, ("RelayState", relay_state)] if relay_state is not None else fields

    def form(self, message: str, **about: bool | str | None) -> bytes:
        """The same as the bytes of a form."""
        return urlencode(self.by_post(message, **about)).encode()  # type: ignore[arg-type]

    def read(self, page: Page, certificates: Sequence[bytes]) -> tuple[ReadMessage, str | None]:
        """Read the Response that a page posts to this service, and its RelayState."""
        assert page.status == 200, (page.status, page.address, page.heading, page.body)
        found = page.soup.select_one("input[name=SAMLResponse]")
        assert found is not None, (page.address, page.heading, page.error)
        assert page.form["action"] in self.consumers
        state = page.soup.select_one("input[name=RelayState]")
        document = b64decode(str(found["value"]))
        read = read_message(document, certificates=certificates, decrypt_with=[self.keys.private])
        return read, str(state["value"]) if state else None

    def but(self, **other: object) -> SamlService:
        return replace(self, **other)  # type: ignore[arg-type]


def signed_by(keys: KeyPair, message: str, *, place: int = 1) -> str:
    """A message with an enveloped signature, after its Issuer where nothing else is said, as libxmlsec makes it."""
    root = etree.fromstring(message.encode())
    signature = xmlsec.template.create(root, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformRsaSha256)
    root.insert(place, signature)
    reference = xmlsec.template.add_reference(signature, xmlsec.constants.TransformSha256, uri=f"#{root.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    context = xmlsec.SignatureContext()
    context.register_id(root, "ID")
    context.key = xmlsec.Key.from_memory(keys.private, xmlsec.constants.KeyDataFormatPem)
    context.sign(signature)
    return etree.tostring(root, encoding="unicode")
