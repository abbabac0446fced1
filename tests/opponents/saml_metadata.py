"""What services publish about themselves, and what nobody should."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from xml.sax.saxutils import quoteattr

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from idp.outside.certificates import der_of, self_signed

ENTITY = "https://portal.example/saml"
ACS = "https://portal.example/saml/acs"
SIGNALS_PAIRWISE_ID = (
    '<md:Extensions><mdattr:EntityAttributes xmlns:mdattr="urn:oasis:names:tc:SAML:metadata:attribute">'
    '<saml:Attribute xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
    'Name="urn:oasis:names:tc:SAML:profiles:subject-id:req" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">'
    "<saml:AttributeValue>pairwise-id</saml:AttributeValue></saml:Attribute></mdattr:EntityAttributes></md:Extensions>"
)
"""An entity's Extensions, with the sign that it knows people by pairwise-id."""
_MADE_AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@cache
def certificate(kind: str = "rsa", bits: int = 2048) -> bytes:
    """A certificate in DER, made once."""
    key = rsa.generate_private_key(65537, bits) if kind == "rsa" else ec.generate_private_key(_CURVES[bits]())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return der_of(self_signed(pem, name=ENTITY, now=_MADE_AT))


_CURVES: dict[int, type[ec.EllipticCurve]] = {192: ec.SECP192R1, 256: ec.SECP256R1}


def key_descriptor(der: bytes, use: str | None = None, *, inside: str = "") -> str:
    """A KeyDescriptor; ``inside`` are its EncryptionMethods."""
    said = f" use={quoteattr(use)}" if use else ""
    return (
        f'<md:KeyDescriptor{said}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>'
        f"{b64encode(der).decode()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>{inside}</md:KeyDescriptor>"
    )


def consumer(location: str = ACS, *, index: str = "0", binding: str = "HTTP-POST", more: str = "") -> str:
    """An AssertionConsumerService."""
    bindings = f"urn:oasis:names:tc:SAML:2.0:bindings:{binding}"
    return (
        f"<md:AssertionConsumerService Binding={quoteattr(bindings)} Location={quoteattr(location)} "
        f"index={quoteattr(index)}{more}/>"
    )


def role(inside: str | None = None, *, attributes: str = "") -> str:
    """An SPSSODescriptor; without ``inside`` the least that is one."""
    return (
        '<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"'
        f"{attributes}>{consumer() if inside is None else inside}</md:SPSSODescriptor>"
    )


def entity(inside: str | None = None, *, entity_id: str = ENTITY, attributes: str = "") -> str:
    """An EntityDescriptor."""
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID={quoteattr(entity_id)}'
        f"{attributes}>{role() if inside is None else inside}</md:EntityDescriptor>"
    )


def entities(*every: str) -> str:
    """An EntitiesDescriptor."""
    inside = "".join(every)
    return f'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">{inside}</md:EntitiesDescriptor>'
