"""Private keys that sign XML and query strings (XML Signature 6.4, RFC 4051 and 9231): RSA-SHA256 and ECDSA-SHA256.

What is signed is text that its writer made canonical; no XML is read here. Verifying is :mod:`idp.outside.xml_security`'s.
"""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"

_PADDING: Final = PKCS1v15()
_SHA256: Final = SHA256()
_ECDSA: Final = ECDSA(_SHA256)


class XmlSigner:
    """A private key, imported once, that signs with its one algorithm; beside it the certificate that goes along."""

    def __init__(self, kid: str, certificate: bytes, key: RSAPrivateKey | EllipticCurvePrivateKey) -> None:
        """Use :func:`xml_signer`."""
        self.kid = kid
        self.algorithm = RSA_SHA256 if isinstance(key, RSAPrivateKey) else ECDSA_SHA256
        """The address of its signature method, for ``SignatureMethod`` and ``SigAlg``."""
        self.certificate = certificate
        """DER."""
        self.certificate_text = b64encode(certificate).decode()
        """What stands in ``X509Certificate``."""
        self._key = key

    def sign(self, signed: bytes) -> bytes:
        """Return the octets of a ``SignatureValue``; of ECDSA r and s, each as long as the curve's order (RFC 9231 2.3.6)."""
        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(signed, _PADDING, _SHA256)
        r, s = decode_dss_signature(self._key.sign(signed, _ECDSA))
        octets = (self._key.key_size + 7) // 8
        return r.to_bytes(octets, "big") + s.to_bytes(octets, "big")

    def __repr__(self) -> str:
        """Never show the key."""
        return f"XmlSigner({self.kid})"


@lru_cache(maxsize=32)
def xml_signer(kid: str, certificate: bytes, private: bytes) -> XmlSigner:
    """Import a private key (PKCS #8 in PEM) of RSA or P-256; kept, for importing costs more than signing."""
    key = load_pem_private_key(private, None)
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise TypeError(type(key).__name__)
    return XmlSigner(kid, certificate, key)
