"""Self-signed certificates for keys of ours: what SAML's metadata carries a public key in."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from datetime import datetime

VALID: Final = timedelta(days=3650)
"""Peers go by the key alone (SAML V2.0 Metadata Interoperability Profile 2.6); a date that passes would stop the careless."""
_LONGEST_NAME: Final = 64


def self_signed(private: bytes, *, name: str, now: datetime) -> str:
    """Return a certificate in PEM for a private key (PKCS #8 in PEM), valid from a day ago, for clocks differ."""
    key = load_pem_private_key(private, None)
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise TypeError(type(key).__name__)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:_LONGEST_NAME])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode()


def pem_of(certificate: bytes) -> str:
    """Return a certificate's bytes in PEM."""
    return x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM).decode()


def fingerprint_of(certificate: bytes) -> str:
    """Return the SHA-256 of a certificate's bytes as openssl and others write it: pairs of digits with colons."""
    return sha256(certificate).digest().hex(":").upper()


@lru_cache(maxsize=64)
def der_of(certificate: str) -> bytes:
    """Return the bytes of a certificate in PEM."""
    return x509.load_pem_x509_certificate(certificate.encode()).public_bytes(Encoding.DER)
