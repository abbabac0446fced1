"""Encrypting an element to a service's key (XML Encryption 1.1): AES-GCM under RSA-OAEP, as canonical text.

AES-256-GCM and RSA-OAEP with SHA-256 and MGF1 with SHA-256, unless the service's metadata names less and nothing better:
AES-128-GCM, or ``rsa-oaep-mgf1p``, whose mask is made with SHA-1. CBC, which tells an attacker about padding, and PKCS #1
v1.5 are never used. Decrypting is :mod:`idp.outside.xml_security`'s.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from enum import Enum, unique
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from idp.errors import SkolepasError

if TYPE_CHECKING:
    from collections.abc import Sequence

AES_256_GCM: Final = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
AES_128_GCM: Final = "http://www.w3.org/2009/xmlenc11#aes128-gcm"
RSA_OAEP: Final = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
RSA_OAEP_MGF1P: Final = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"

_XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
_XENC11: Final = "http://www.w3.org/2009/xmlenc11#"
_DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
KEY_OCTETS: Final = {AES_256_GCM: 32, AES_128_GCM: 16}
_BLOCKS: Final = frozenset(
    {
        *KEY_OCTETS,
        "http://www.w3.org/2009/xmlenc11#aes192-gcm",
        f"{_XENC}aes128-cbc",
        f"{_XENC}aes192-cbc",
        f"{_XENC}aes256-cbc",
        f"{_XENC}tripledes-cbc",
    }
)
_TRANSPORTS: Final = frozenset({RSA_OAEP, RSA_OAEP_MGF1P, f"{_XENC}rsa-1_5"})
NONCE_OCTETS: Final = 12
_LEAST_BITS: Final = 2048


@unique
class Way(Enum):
    """Which digest and mask go with RSA-OAEP."""

    STRONGEST = "strongest"
    """SHA-256 in both; with ``rsa-oaep-mgf1p`` SHA-1, the only ones that programs of its age know."""
    SAML2INT = "saml2int"
    """SHA-256 and the default mask, in both transports (saml2int SDP-ALG01)."""


class _Hash(NamedTuple):
    name: str
    hash: SHA256 | SHA1


_SHA256: Final = _Hash(f"{_XENC}sha256", SHA256())
# A padding's digest need not resist collisions, and signs nothing.
_SHA1: Final = _Hash(f"{_DSIG}sha1", SHA1())  # noqa: S303


class CannotEncrypt(SkolepasError):
    """A service has no key to encrypt to with what it names and we would use. Says which."""


class Recipient:
    """A public key to encrypt to, with the algorithms that are used, read once."""

    def __init__(self, key: RSAPublicKey, way: Way, *, block: str, transport: str, certificate: bytes) -> None:
        """Use :func:`recipient`."""
        self.block = block
        self.transport = transport
        self._key = key
        digest = _SHA256 if way is Way.SAML2INT or transport == RSA_OAEP else _SHA1
        mask = _SHA256 if way is Way.STRONGEST and transport == RSA_OAEP else _SHA1
        self._padding = OAEP(mgf=MGF1(mask.hash), algorithm=digest.hash, label=None)
        # Without the element the mask is MGF1 with SHA-1 (XML Encryption 5.5.2).
        said = f'<xenc11:MGF xmlns:xenc11="{_XENC11}" Algorithm="{_XENC11}mgf1sha256"></xenc11:MGF>'
        self.opening = (
            f'<xenc:EncryptedData xmlns:xenc="{_XENC}" Type="{_XENC}Element"><xenc:EncryptionMethod Algorithm="{block}">'
            f'</xenc:EncryptionMethod><ds:KeyInfo xmlns:ds="{_DSIG}"><xenc:EncryptedKey><xenc:EncryptionMethod'
            f' Algorithm="{transport}"><ds:DigestMethod Algorithm="{digest.name}"></ds:DigestMethod>'
            f"{said if mask is _SHA256 else ''}</xenc:EncryptionMethod><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
            f"{b64encode(certificate).decode()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            "<xenc:CipherData><xenc:CipherValue>"
        )

    def wrap(self, key: bytes) -> bytes:
        """Return a content key, encrypted."""
        return self._key.encrypt(key, self._padding)


def recipient(keys: Sequence[tuple[bytes, tuple[str, ...]]], way: Way = Way.STRONGEST) -> Recipient:
    """Return the first of a service's keys (certificate in DER, algorithms that its metadata names) that we would use.

    Raises :class:`CannotEncrypt`.
    """
    reason = "it has no key to encrypt to"
    for certificate, named in keys:
        found = _recipient(certificate, named, way)
        if isinstance(found, Recipient):
            return found
        reason = found
    raise CannotEncrypt(reason)


def encrypted_element(element: str, to: Recipient) -> str:
    """Return an EncryptedData with the key inside it, encrypted to ``to``; a fresh key and a fresh nonce each time."""
    key, nonce = secrets.token_bytes(KEY_OCTETS[to.block]), secrets.token_bytes(NONCE_OCTETS)
    sealed = b64encode(nonce + AESGCM(key).encrypt(nonce, element.encode(), None)).decode()
    return (
        f"{to.opening}{b64encode(to.wrap(key)).decode()}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>"
        f"</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{sealed}</xenc:CipherValue></xenc:CipherData>"
        "</xenc:EncryptedData>"
    )


@lru_cache(maxsize=1024)
def _recipient(certificate: bytes, named: tuple[str, ...], way: Way) -> Recipient | str:
    blocks = [block for block in named if block in _BLOCKS]
    transports = [transport for transport in named if transport in _TRANSPORTS]
    block = next((each for each in KEY_OCTETS if each in blocks or not blocks), None)
    # Whoever names ciphers and no transport has the one that everybody must have (XML Encryption 1.1, 5.5).
    known = transports or ([RSA_OAEP_MGF1P] if blocks else [RSA_OAEP])
    transport = next((each for each in (RSA_OAEP, RSA_OAEP_MGF1P) if each in known), None)
    if block is None or transport is None:
        return f"its metadata names no encryption that we use: {' '.join(named)}"
    key = x509.load_der_x509_certificate(certificate).public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < _LEAST_BITS:
        return "its key is not RSA of at least 2048 bits"
    return Recipient(key, way, block=block, transport=transport, certificate=certificate)
