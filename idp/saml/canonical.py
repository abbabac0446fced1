"""Text that is exclusive canonical XML as it stands (Exclusive XML Canonicalization 1.0), so that it can be signed without being read.

Whoever writes keeps these rules: each element says the namespaces that its own name uses and no written ancestor said, then its
attributes by name, in double quotes; every element has an end tag; nothing stands between elements; no comments, no
declaration, and never a DTD (saml2int SDP-G03). What comes from elsewhere goes through :func:`text` or :func:`attribute`.
"""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from datetime import UTC
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from idp.errors import SkolepasError

if TYPE_CHECKING:
    from datetime import datetime

    from idp.outside.xml_signing import XmlSigner

ASSERTION: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"

# XML 1.0, 2.2: what is a Char; and of these what may stand as it is (Canonical XML 1.0, 2.3).
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_PLAIN_TEXT: Final = re.compile("[^\t\n\x20-%'-;=?-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_PLAIN_ATTRIBUTE: Final = re.compile("[^\x20!#-%'-;=-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ID_OCTETS: Final = 20


class NotXml(SkolepasError):
    """A text has characters that no XML document can carry, and must not be written."""


def text(value: str) -> str:
    """Return a text as the content of an element (Canonical XML 1.0, 2.3). Raises :class:`NotXml`."""
    if not _NOT_PLAIN_TEXT.search(value):
        return value
    _demand_legal(value)
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def attribute(value: str) -> str:
    """Return a text as it stands between the quotes of an attribute (Canonical XML 1.0, 2.3). Raises :class:`NotXml`."""
    if not _NOT_PLAIN_ATTRIBUTE.search(value):
        return value
    _demand_legal(value)
    kept = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return kept.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")


def without_illegal(value: str) -> str:
    """Return a text without the characters that no XML document can carry, for names that people have."""
    return _ILLEGAL.sub("", value)


def _demand_legal(value: str) -> None:
    if _ILLEGAL.search(value):
        raise NotXml(ascii(value))


def new_id() -> str:
    """Return a fresh xs:ID of 160 random bits (SAML Core 1.3.4)."""
    return f"_{secrets.token_hex(_ID_OCTETS)}"


def instant(moment: datetime) -> str:
    """Return a time in UTC, to the second (SAML Core 1.3.3)."""
    return f"{moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"


def signed(before: str, after: str, *, identifier: str, signer: XmlSigner) -> str:
    """Return ``before + Signature + after``: an enveloped signature over an element that is canonical (SAML Core 5.4).

    ``before`` ends and ``after`` begins where the schema wants the signature, right after the Issuer; ``identifier`` is the
    element's ID.
    """
    digest = b64encode(sha256(f"{before}{after}".encode()).digest()).decode()
    methods, key_info = _of_key(signer)
    reference = f"{methods}{identifier}{_TRANSFORMS}{digest}{_END_OF_REFERENCE}"
    value = b64encode(signer.sign(f"{_SIGNED_INFO}{reference}".encode())).decode()
    return f"{before}{_SIGNATURE}{reference}<ds:SignatureValue>{value}{key_info}{after}"


# By itself SignedInfo has the declaration of its prefix; in the document the Signature around it has.
_SIGNED_INFO: Final = f'<ds:SignedInfo xmlns:ds="{DSIG}">'
_SIGNATURE: Final = f'<ds:Signature xmlns:ds="{DSIG}"><ds:SignedInfo>'
_TRANSFORMS: Final = (
    f'"><ds:Transforms><ds:Transform Algorithm="{DSIG}enveloped-signature"></ds:Transform>'
    f'<ds:Transform Algorithm="{_EXCLUSIVE}"></ds:Transform></ds:Transforms>'
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>'
)
_END_OF_REFERENCE: Final = "</ds:DigestValue></ds:Reference></ds:SignedInfo>"


@lru_cache(maxsize=32)
def _of_key(signer: XmlSigner) -> tuple[str, str]:
    """Return what is the same in every signature of a key: up to the reference, and after the value."""
    methods = (
        f'<ds:CanonicalizationMethod Algorithm="{_EXCLUSIVE}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{signer.algorithm}"></ds:SignatureMethod><ds:Reference URI="#'
    )
    key_info = (
        f"</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{signer.certificate_text}"
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
    return methods, key_info
