"""How a service reads what an identity provider sends: verified and decrypted with python-xmlsec, which knows none of our code.

Signatures are believed only as children of the element that they are about, with one reference to it.
"""

from __future__ import annotations

import zlib
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import xmlsec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACES = {
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
}


class NotBelieved(Exception):
    """What came is not signed by whom it should be, or not in the way it should be."""


@dataclass(frozen=True, kw_only=True)
class ReadNameId:
    value: str
    format: str | None
    name_qualifier: str | None
    sp_name_qualifier: str | None


@dataclass(frozen=True, kw_only=True)
class ReadAssertion:
    """What one assertion says."""

    id: str
    issuer: str
    signed: bool
    encrypted: bool
    name_id: ReadNameId | None
    recipient: str | None
    in_response_to: str | None
    confirmed_until: str | None
    audiences: tuple[str, ...]
    not_before: str | None
    not_on_or_after: str | None
    authn_instant: str
    session_index: str | None
    session_not_on_or_after: str | None
    context_class: str
    authorities: tuple[str, ...]
    attributes: dict[str, tuple[str, ...]]
    name_formats: dict[str, str]
    friendly_names: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class ReadMessage:
    """What a message says: a Response (with ``assertion`` where it succeeded), a LogoutRequest or a LogoutResponse."""

    kind: str
    id: str
    issuer: str
    destination: str | None
    in_response_to: str | None
    issue_instant: str
    signed: bool
    status: str | None
    second_status: str | None
    status_message: str | None
    assertion: ReadAssertion | None
    name_id: ReadNameId | None
    session_indexes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReadQuery:
    """What an address of the Redirect binding carries."""

    address: str
    parameter: str
    message: bytes
    relay_state: str | None
    signed: bool


def read_message(
    document: bytes, *, certificates: Sequence[bytes] = (), decrypt_with: Sequence[bytes] = ()
) -> ReadMessage:
    """Read a message. ``certificates`` (DER) are those that may have signed, ``decrypt_with`` private keys in PEM.

    A signature by another key raises; none at all is told as ``signed=False``.
    """
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    assert not root.getroottree().docinfo.doctype
    assertions = [
        *[(found, False) for found in root.findall("saml:Assertion", NAMESPACES)],
        *[(_decrypted(found, decrypt_with), True) for found in root.findall("saml:EncryptedAssertion", NAMESPACES)],
    ]
    assert len(assertions) <= 1
    # Signed is what was sent, and decrypting has changed the tree.
    signed = _is_signed(etree.fromstring(document), certificates)
    return ReadMessage(
        kind=etree.QName(root).localname,
        id=root.get("ID", ""),
        issuer=_text(root, "saml:Issuer") or "",
        destination=root.get("Destination"),
        in_response_to=root.get("InResponseTo"),
        issue_instant=root.get("IssueInstant", ""),
        signed=signed,
        status=_value(root, "samlp:Status/samlp:StatusCode"),
        second_status=_value(root, "samlp:Status/samlp:StatusCode/samlp:StatusCode"),
        status_message=_text(root, "samlp:Status/samlp:StatusMessage"),
        assertion=_assertion(*assertions[0], certificates) if assertions else None,
        name_id=_name_id(root, "saml:NameID"),
        session_indexes=_texts(root, "samlp:SessionIndex"),
    )


def read_query(address: str, *, certificates: Sequence[bytes] = ()) -> ReadQuery:
    """Read an address, whose signature is over the text of the query as it stands (Bindings 3.4.4.1)."""
    query = urlsplit(address).query
    members = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
    parameter = next(name for name in ("SAMLRequest", "SAMLResponse") if name in members)
    raw = dict(part.split("=", 1) for part in query.split("&"))
    if "Signature" in raw:
        over = "&".join(f"{n}={raw[n]}" for n in (parameter, "RelayState", "SigAlg") if n in raw).encode()
        value = b64decode(unquote(raw["Signature"]))
        if not any(_signed_query(each, members["SigAlg"], value, over) for each in certificates):
            raise NotBelieved("query")
    return ReadQuery(
        address=address.partition("?")[0],
        parameter=parameter,
        message=zlib.decompress(b64decode(members[parameter]), -15),
        relay_state=members.get("RelayState"),
        signed="Signature" in raw,
    )


def _signed_query(certificate: bytes, algorithm: str, value: bytes, over: bytes) -> bool:
    key = x509.load_der_x509_certificate(certificate).public_key()
    try:
        if isinstance(key, RSAPublicKey) and algorithm.endswith("#rsa-sha256"):
            key.verify(value, over, PKCS1v15(), SHA256())
            return True
        if isinstance(key, EllipticCurvePublicKey) and algorithm.endswith("#ecdsa-sha256"):
            half = len(value) // 2
            r, s = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
            key.verify(encode_dss_signature(r, s), over, ECDSA(SHA256()))
            return True
    except InvalidSignature:
        return False
    return False


def _is_signed(element: etree._Element, certificates: Sequence[bytes]) -> bool:
    signatures = element.findall("ds:Signature", NAMESPACES)
    if not signatures:
        return False
    (signature,) = signatures
    (reference,) = signature.findall("ds:SignedInfo/ds:Reference", NAMESPACES)
    if reference.get("URI") != f"#{element.get('ID')}":
        raise NotBelieved("reference")
    assert signature.getprevious() is not None
    assert etree.QName(signature.getprevious()).localname == "Issuer"
    xmlsec.tree.add_ids(element, ["ID"])
    for certificate in certificates:
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertDer)
        try:
            context.verify(signature)
        except xmlsec.Error:
            continue
        return True
    raise NotBelieved("signature")


def _decrypted(wrapper: etree._Element, keys: Sequence[bytes]) -> etree._Element:
    (data,) = wrapper.findall("xenc:EncryptedData", NAMESPACES)
    text = etree.tostring(data)
    for key in keys:
        manager = xmlsec.KeysManager()
        manager.add_key(xmlsec.Key.from_memory(key, xmlsec.constants.KeyDataFormatPem))
        try:
            plain = xmlsec.EncryptionContext(manager).decrypt(etree.fromstring(text))
        except xmlsec.Error:
            continue
        return etree.fromstring(etree.tostring(plain))
    raise NotBelieved("encrypted to another key")


def _assertion(element: etree._Element, encrypted: bool, certificates: Sequence[bytes]) -> ReadAssertion:  # noqa: FBT001
    statement = _one(element, "saml:AuthnStatement")
    data = _one(element, "saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData")
    conditions = _one(element, "saml:Conditions")
    attributes = element.findall("saml:AttributeStatement/saml:Attribute", NAMESPACES)
    signed = _is_signed(etree.fromstring(etree.tostring(element, method="c14n", exclusive=True)), certificates)
    return ReadAssertion(
        id=element.get("ID", ""),
        issuer=_text(element, "saml:Issuer") or "",
        signed=signed,
        encrypted=encrypted,
        name_id=_name_id(element, "saml:Subject/saml:NameID"),
        recipient=data.get("Recipient"),
        in_response_to=data.get("InResponseTo"),
        confirmed_until=data.get("NotOnOrAfter"),
        audiences=_texts(element, "saml:Conditions/saml:AudienceRestriction/saml:Audience"),
        not_before=conditions.get("NotBefore"),
        not_on_or_after=conditions.get("NotOnOrAfter"),
        authn_instant=statement.get("AuthnInstant", ""),
        session_index=statement.get("SessionIndex"),
        session_not_on_or_after=statement.get("SessionNotOnOrAfter"),
        context_class=_text(statement, "saml:AuthnContext/saml:AuthnContextClassRef") or "",
        authorities=_texts(statement, "saml:AuthnContext/saml:AuthenticatingAuthority"),
        attributes={each.get("Name", ""): _texts(each, "saml:AttributeValue") for each in attributes},
        name_formats={each.get("Name", ""): each.get("NameFormat", "") for each in attributes},
        friendly_names={each.get("Name", ""): each.get("FriendlyName", "") for each in attributes},
    )


def _one(element: etree._Element, path: str) -> etree._Element:
    (found,) = element.findall(path, NAMESPACES)
    return found


def _name_id(element: etree._Element, path: str) -> ReadNameId | None:
    found = element.find(path, NAMESPACES)
    if found is None:
        return None
    return ReadNameId(
        value=found.text or "",
        format=found.get("Format"),
        name_qualifier=found.get("NameQualifier"),
        sp_name_qualifier=found.get("SPNameQualifier"),
    )


def _text(element: etree._Element, path: str) -> str | None:
    found = element.find(path, NAMESPACES)
    return (found.text or "") if found is not None else None


def _texts(element: etree._Element, path: str) -> tuple[str, ...]:
    return tuple(found.text or "" for found in element.findall(path, NAMESPACES))


def _value(element: etree._Element, path: str) -> str | None:
    found = element.find(path, NAMESPACES)
    return found.get("Value") if found is not None else None
