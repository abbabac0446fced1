"""Verifying and decrypting XML that others sent (XML Signature 1.1, XML Encryption 1.1), in this process: libxmlsec and OpenSSL.

Signatures are libxmlsec's to verify. It does not decrypt: encrypted data may say that its value or its key stands in a file or at an
address (``CipherReference``, ``RetrievalMethod``), and libxmlsec would look there before anybody knows who sent it.

Only what SAML Core 5.4 describes is a signature here: one, a child of the element that it is about, with one reference to that
element's own ID, and no transform but *enveloped* and *exclusive canonicalization*. The keys are those that the caller knows;
nothing in the message is ever believed to be one. SHA-1, MD5, HMAC, CBC and PKCS #1 v1.5 encryption are refused by name
before any key is used.
"""

from __future__ import annotations

from base64 import b64decode
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import xmlsec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from idp.errors import SkolepasError
from idp.outside.xml_encryption import KEY_OCTETS, NONCE_OCTETS, RSA_OAEP, RSA_OAEP_MGF1P

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cryptography.hazmat.primitives.hashes import HashAlgorithm

    Element = etree._Element  # noqa: SLF001 (lxml has no other name for it)

_DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
_XENC: Final = "{http://www.w3.org/2001/04/xmlenc#}"
_MGF: Final = "http://www.w3.org/2009/xmlenc11#"
_XENC11: Final = f"{{{_MGF}}}"
_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_INCLUSIVE_NAMESPACES: Final = f"{{{_EXCLUSIVE}}}InclusiveNamespaces"
_OF_SIGNATURES: Final = (_DS, f"{{{_EXCLUSIVE}}}", "{http://www.w3.org/2009/xmldsig11#}")
"""What stands in a signature is not signed by it (the enveloped transform leaves it out), so that nothing else may."""
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_ENC: Final = "http://www.w3.org/2001/04/xmlenc#"
_ELEMENT: Final = f"{_ENC}Element"

_RSA: Final[Mapping[str, HashAlgorithm]] = {
    f"{_MORE}rsa-sha256": SHA256(),
    f"{_MORE}rsa-sha384": SHA384(),
    f"{_MORE}rsa-sha512": SHA512(),
}
_ECDSA: Final[Mapping[str, HashAlgorithm]] = {
    f"{_MORE}ecdsa-sha256": SHA256(),
    f"{_MORE}ecdsa-sha384": SHA384(),
    f"{_MORE}ecdsa-sha512": SHA512(),
}
SIGNATURE_METHODS: Final = (*_RSA, *_ECDSA)
DIGEST_METHODS: Final = (f"{_ENC}sha256", f"{_MORE}sha384", f"{_ENC}sha512")
# A padding's digest need not resist collisions, and signs nothing.
_PADDING_DIGESTS: Final[Mapping[str, HashAlgorithm]] = {
    "http://www.w3.org/2000/09/xmldsig#sha1": SHA1(),  # noqa: S303
    f"{_ENC}sha256": SHA256(),
    f"{_MORE}sha384": SHA384(),
    f"{_ENC}sha512": SHA512(),
}
_MASKS: Final[Mapping[str, HashAlgorithm]] = {
    f"{_MGF}mgf1sha1": SHA1(),  # noqa: S303
    f"{_MGF}mgf1sha256": SHA256(),
    f"{_MGF}mgf1sha384": SHA384(),
    f"{_MGF}mgf1sha512": SHA512(),
}
_TRANSPORTS: Final = frozenset({RSA_OAEP, RSA_OAEP_MGF1P})


class NotVerified(SkolepasError):
    """A signature is not there, not of the one shape that is believed, or not by any of the keys. Says which."""


class NotDecrypted(SkolepasError):
    """Something was encrypted with what we refuse, or to none of our keys. Says no more than which of the two."""


def is_signed(element: Element) -> bool:
    """Whether there is a signature anywhere in an element; whether it is worth anything is :func:`verify_signed`'s to say."""
    return next(element.iter(f"{_DS}Signature"), None) is not None


def verify_signed(element: Element, certificates: Sequence[bytes]) -> Element:
    """Return ``element`` once its own signature by one of the ``certificates`` (DER) has been found good.

    What is signed is the whole element without the signature. Raises :class:`NotVerified`.
    """
    signature = _own_signature(element)
    reason = "no key of the sender is known"
    for certificate in certificates:
        context = xmlsec.SignatureContext()
        context.register_id(element, "ID")
        try:
            context.key = _xmlsec_key(certificate)
            context.verify(signature)
        except xmlsec.Error:
            reason = "the signature is by none of the sender's keys, or what it signs was changed"
            continue
        return element
    raise NotVerified(reason)


def verify_query(signed: bytes, signature: bytes, algorithm: str, certificates: Sequence[bytes]) -> None:
    """Verify the signature of a query (SAML Bindings 3.4.4.1) over the very octets that came. Raises :class:`NotVerified`."""
    if algorithm not in SIGNATURE_METHODS:
        raise NotVerified("the signature's algorithm is not allowed")
    for certificate in certificates:
        key = _public_key(certificate)
        try:
            if isinstance(key, RSAPublicKey) and algorithm in _RSA:
                key.verify(signature, signed, PKCS1v15(), _RSA[algorithm])
                return
            if isinstance(key, EllipticCurvePublicKey) and algorithm in _ECDSA:
                key.verify(_as_der(signature, key), signed, ECDSA(_ECDSA[algorithm]))
                return
        except InvalidSignature:
            continue
    raise NotVerified(
        "the signature is by none of the sender's keys, or what it signs was changed"
        if certificates
        else "no key of the sender is known"
    )


def decrypt(encrypted: Element, keys: Sequence[bytes]) -> bytes:
    """Return the text inside an ``xenc:EncryptedData``, as it was encrypted; ``keys`` are our private keys (PKCS #8 in PEM).

    Nothing else of it is read than its value, the value of its one key, and what both are encrypted with. Raises :class:`NotDecrypted`.
    """
    key, octets, padding = _known_encryption(encrypted)
    wrapped, sealed = _value(key), _value(encrypted)
    for each in keys:
        try:
            content_key = _private_key(each).decrypt(wrapped, padding)
            if len(content_key) == octets:
                return AESGCM(content_key).decrypt(sealed[:NONCE_OCTETS], sealed[NONCE_OCTETS:], None)
        except (ValueError, InvalidTag):
            continue
    raise NotDecrypted("it is encrypted to none of our keys, or was changed")


def _own_signature(element: Element) -> Element:
    """Return the one signature of an element, if all of its structure is of the shape that is believed."""
    identifier, own = element.get("ID"), element.findall(f"{_DS}Signature")
    if not own:
        raise NotVerified("it is not signed")
    if len(own) > 1 or not identifier:
        raise NotVerified("it has several signatures, or no ID that one could name")
    (signature,) = own
    parts = [part.tag for part in signature]
    if parts not in (
        [f"{_DS}SignedInfo", f"{_DS}SignatureValue"],
        [f"{_DS}SignedInfo", f"{_DS}SignatureValue", f"{_DS}KeyInfo"],
    ):
        raise NotVerified("the signature has more in it than a signature")
    if not all(part.tag.startswith(_OF_SIGNATURES) for part in signature.iterdescendants(etree.Element)):
        raise NotVerified("the signature holds what is no part of a signature")
    if next(signature.iterdescendants(f"{_DS}Signature"), None) is not None:
        raise NotVerified("there is a signature in the signature")
    info = signature[0]
    if [part.tag for part in info] != [f"{_DS}CanonicalizationMethod", f"{_DS}SignatureMethod", f"{_DS}Reference"]:
        raise NotVerified("the signature must have exactly one reference")
    canonicalization, method, reference = info
    if canonicalization.get("Algorithm") != _EXCLUSIVE or not _is_bare(canonicalization):
        raise NotVerified("the signature's canonicalization is not allowed")
    if method.get("Algorithm") not in SIGNATURE_METHODS or len(method):
        raise NotVerified("the signature's algorithm is not allowed")
    if reference.get("URI") != f"#{identifier}":
        raise NotVerified("the signature is about another element than the one it stands in")
    _demand_known_reference(reference)
    return signature


def _demand_known_reference(reference: Element) -> None:
    if [part.tag for part in reference] != [f"{_DS}Transforms", f"{_DS}DigestMethod", f"{_DS}DigestValue"]:
        raise NotVerified("the signature's reference is not of the shape that SAML asks for")
    transforms, digest, _ = reference
    if [each.get("Algorithm") for each in transforms] != [_ENVELOPED, _EXCLUSIVE] or not all(map(_is_bare, transforms)):
        raise NotVerified("the signature has a transform that is not allowed")
    if digest.get("Algorithm") not in DIGEST_METHODS or len(digest):
        raise NotVerified("the signature's digest is not allowed")


def _is_bare(method: Element) -> bool:
    """Whether an algorithm has no parameter but the prefixes of exclusive canonicalization."""
    return all(part.tag == _INCLUSIVE_NAMESPACES and not len(part) for part in method)


def _encrypted_keys(encrypted: Element) -> list[Element]:
    """Return the EncryptedKeys inside, else those beside it (SAML Core 2.3.4)."""
    inside, parent = list(encrypted.iter(f"{_XENC}EncryptedKey")), encrypted.getparent()
    return inside or (parent.findall(f"{_XENC}EncryptedKey") if parent is not None else [])


def _known_encryption(encrypted: Element) -> tuple[Element, int, OAEP]:
    """Return the one EncryptedKey, how many octets the key in it has, and how it is encrypted."""
    keys = _encrypted_keys(encrypted)
    if len(keys) != 1:
        raise NotDecrypted("it must have exactly one encrypted key")
    block, transport = encrypted.find(f"{_XENC}EncryptionMethod"), keys[0].find(f"{_XENC}EncryptionMethod")
    if encrypted.get("Type") != _ELEMENT:
        raise NotDecrypted("it says that it is no element")
    octets = KEY_OCTETS.get(block.get("Algorithm") or "") if block is not None else None
    if octets is None:
        raise NotDecrypted("its encryption is not allowed: AES-GCM is")
    if transport is None or transport.get("Algorithm") not in _TRANSPORTS:
        raise NotDecrypted("its key is not encrypted in a way that is allowed: RSA-OAEP is")
    return keys[0], octets, _padding(transport)


def _padding(transport: Element) -> OAEP:
    """Read the parameters of RSA-OAEP (XML Encryption 5.5.2): without them digest and mask are SHA-1's."""
    digest, mask = transport.find(f"{_DS}DigestMethod"), transport.find(f"{_XENC11}MGF")
    label = transport.find(f"{_XENC}OAEPparams")
    over = _PADDING_DIGESTS.get(digest.get("Algorithm") or "") if digest is not None else SHA1()  # noqa: S303
    made = _MASKS.get(mask.get("Algorithm") or "") if mask is not None else SHA1()  # noqa: S303
    if over is None or made is None or (mask is not None and transport.get("Algorithm") == RSA_OAEP_MGF1P):
        raise NotDecrypted("its key is not encrypted in a way that is allowed: RSA-OAEP is")
    return OAEP(mgf=MGF1(made), algorithm=over, label=_octets(label) if label is not None else None)


def _value(sealed: Element) -> bytes:
    found = sealed.findall(f"{_XENC}CipherData/*")
    if [part.tag for part in found] != [f"{_XENC}CipherValue"]:
        raise NotDecrypted("it must hold one value itself")
    return _octets(found[0])


def _octets(element: Element) -> bytes:
    try:
        return b64decode("".join((element.text or "").split()), validate=True)
    except ValueError:
        raise NotDecrypted("what it holds is not base64") from None


def _private_key(pem: bytes) -> RSAPrivateKey:
    key = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)  # our own, made here
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("only RSA keys decrypt")
    return key


def _as_der(signature: bytes, key: EllipticCurvePublicKey) -> bytes:
    """Return r and s, each as long as the curve's order (RFC 9231 2.3.6), in the form that OpenSSL takes."""
    octets = (key.key_size + 7) // 8
    if len(signature) != 2 * octets:
        raise InvalidSignature
    r, s = int.from_bytes(signature[:octets], "big"), int.from_bytes(signature[octets:], "big")
    return encode_dss_signature(r, s)


@lru_cache(maxsize=1024)
def _public_key(certificate: bytes) -> object:
    return x509.load_der_x509_certificate(certificate).public_key()


@lru_cache(maxsize=1024)
def _xmlsec_key(certificate: bytes) -> xmlsec.Key:
    """Import the key of a certificate; what else it says, such as when it ends, is nobody's business here."""
    return xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertDer)
