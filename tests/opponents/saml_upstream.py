"""A municipality's identity provider: it reads our AuthnRequests and answers them with Responses of its own keys."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import quoteattr

from lxml import etree

from idp.outside.xml_encryption import recipient
from idp.outside.xml_signing import xml_signer
from idp.saml.core_2_3_assertion import Attribute, NameId, Told
from idp.saml.core_3_3_3_response import Protection, write_response
from tests.opponents.saml_metadata import key_descriptor
from tests.opponents.saml_reader import read_message, read_query
from tests.opponents.saml_service import KeyPair, key_pair

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tests.opponents.saml_reader import ReadMessage

ENTITY = "https://idp.kommune.example/saml"
ADDRESS = "https://idp.kommune.example/sso"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


@dataclass(frozen=True)
class AskedLogin:
    """What came with a browser."""

    message: ReadMessage
    root: etree._Element
    relay_state: str


@dataclass(frozen=True)
class SamlUpstream:
    keys: KeyPair = field(default_factory=lambda: key_pair("municipality"))
    encrypt_to: bytes | None = None

    def metadata(self) -> str:
        return (
            f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID={quoteattr(ENTITY)}>'
            '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
            f"{key_descriptor(self.keys.certificate, 'signing')}"
            f'<md:SingleSignOnService Binding="{REDIRECT}" Location={quoteattr(ADDRESS)}/></md:IDPSSODescriptor>'
            "</md:EntityDescriptor>"
        )

    def asked(self, address: str, certificates: Sequence[bytes]) -> AskedLogin:
        """Read the address that a browser was sent to; the query must be signed."""
        assert address.startswith(f"{ADDRESS}?"), address
        read = read_query(address, certificates=certificates)
        assert read.signed
        state = parse_qs(urlsplit(address).query)["RelayState"][0]
        return AskedLogin(read_message(read.message), etree.fromstring(read.message), state)

    def answers(self, asked: AskedLogin, name: str, *, now: datetime, **about: Any) -> list[tuple[str, str]]:  # noqa: ANN401
        """The form that its page posts to us."""
        attributes = about.pop("attributes", ())
        usual: dict[str, Any] = {
            "issuer": ENTITY,
            "audience": "http://localhost:8080/saml/upstream/metadata",
            "recipient": "http://localhost:8080/saml/upstream/acs",
            "in_response_to": asked.message.id,
            "name_id": NameId(value=name, format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"),
            "session_index": "_there",
            "authn_instant": now,
            "context_class": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            "attributes": tuple(Attribute(name=key, values=(value,)) for key, value in attributes),
            "issued_at": now,
            "not_before": now,
            "not_on_or_after": now + timedelta(minutes=5),
        }
        signer = xml_signer("there", self.keys.certificate, self.keys.private)
        to = recipient([(self.encrypt_to, ())]) if self.encrypt_to else None
        document = write_response(Told(**{**usual, **about}), Protection(signer=signer, recipient=to))
        return [("SAMLResponse", b64encode(document).decode()), ("RelayState", asked.relay_state)]
