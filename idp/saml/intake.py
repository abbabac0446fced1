"""How a message reaches us: from a query, a form or a SOAP envelope to one document that is bounded and has one meaning.

HTTP-Redirect (SAML Bindings 3.4), HTTP-POST (3.5) and SOAP (3.2). Nothing here knows a service; nothing is believed yet.
"""

from __future__ import annotations

import zlib
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from unicodedata import category
from urllib.parse import unquote_to_bytes

from lxml import etree

from idp.saml.refusals import Refused
from idp.saml.xml_documents import NotADocument, parse_message
from idp.usecases.service_providers import POST, REDIRECT, SOAP

if TYPE_CHECKING:
    from collections.abc import Mapping

    Element = etree._Element  # noqa: SLF001 (lxml has no other name for it)

Kind = Literal["SAMLRequest", "SAMLResponse"]

LARGEST_QUERY: Final = 16_384
LARGEST_FORM: Final = 524_288
LARGEST_REQUEST: Final = 65_536
"""Bytes of a request after it is inflated or decoded; they are a few kilobytes."""
LARGEST_RESPONSE: Final = 262_144
LONGEST_RELAY_STATE: Final = 4096
"""In bytes (decision 19). SAML has 80 (Bindings 3.4.3), to which nobody keeps."""
_MOST_PARAMETERS: Final = 100
_OURS: Final = frozenset({"SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature", "SAMLEncoding"})
_DEFLATE: Final = b"urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"
_ENVELOPE: Final = "{http://schemas.xmlsoap.org/soap/envelope/}"


@dataclass(frozen=True, kw_only=True)
class QuerySignature:
    """The signature of a query, and the very octets that it is over (Bindings 3.4.4.1), as the sender wrote them."""

    algorithm: str
    value: bytes
    signed: bytes


@dataclass(frozen=True, kw_only=True, eq=False)
class Arrived:
    """A message as it came: one root element, and what came beside it."""

    root: Element
    xml: bytes
    binding: str
    kind: Kind
    relay_state: str | None = None
    query: QuerySignature | None = None

    @property
    def issuer(self) -> str | None:
        """Whom it says it is from; not to be believed yet."""
        found = self.root.find("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer")
        return None if found is None or len(found) else found.text


def arrived_by_redirect(query_string: bytes) -> Arrived:
    """Read a query. Raises :class:`idp.saml.refusals.Refused`."""
    if len(query_string) > LARGEST_QUERY:
        raise Refused("too-large", f"The query is longer than {LARGEST_QUERY} bytes.")
    raw = _pairs(query_string)
    kind = _kind(raw)
    if unquote_to_bytes(raw.get("SAMLEncoding", _DEFLATE)) != _DEFLATE:
        raise Refused("encoding-unknown", "The encoding of the message is not DEFLATE.", "SAMLEncoding")
    xml = _inflated(_from_base64(_decoded(raw[kind]), kind), _largest(kind))
    return Arrived(
        root=_parsed(xml, kind),
        xml=xml,
        binding=REDIRECT,
        kind=kind,
        relay_state=_relay_state(raw),
        query=_query_signature(raw, kind),
    )


def arrived_by_post(form: bytes) -> Arrived:
    """Read a form. Raises :class:`idp.saml.refusals.Refused`."""
    if len(form) > LARGEST_FORM:
        raise Refused("too-large", f"The form is longer than {LARGEST_FORM} bytes.")
    raw = _pairs(form)
    kind = _kind(raw)
    xml = _from_base64(_decoded(raw[kind]), kind)
    return Arrived(root=_parsed(xml, kind), xml=xml, binding=POST, kind=kind, relay_state=_relay_state(raw))


def arrived_by_soap(body: bytes, kind: Kind = "SAMLRequest") -> Arrived:
    """Read the one message in the body of a SOAP 1.1 envelope. Raises :class:`idp.saml.refusals.Refused`."""
    envelope = _parsed(body, kind)
    bodies = envelope.findall(f"{_ENVELOPE}Body")
    if envelope.tag != f"{_ENVELOPE}Envelope" or len(bodies) != 1 or len(bodies[0]) != 1:
        raise Refused("not-soap", "The body is not a SOAP envelope with one message in it.")
    try:
        xml = etree.tostring(bodies[0][0], method="c14n", exclusive=True, with_tail=False)
    except etree.C14NError:
        raise Refused("not-a-document", "The message has no canonical form.", kind) from None
    return Arrived(root=_parsed(xml, kind), xml=xml, binding=SOAP, kind=kind)


def _pairs(encoded: bytes) -> Mapping[str, bytes]:
    """Return our parameters, each still encoded as it came; of the others nothing is kept."""
    parts = encoded.split(b"&")
    if len(parts) > _MOST_PARAMETERS:
        raise Refused("too-many", f"There are more than {_MOST_PARAMETERS} parameters.")
    found: dict[str, bytes] = {}
    for part in parts:
        name, _, value = part.partition(b"=")
        known = _decoded(name).decode("ascii", "replace")
        if known not in _OURS:
            continue
        if known in found:
            raise Refused("twice", f"{known} comes more than once.", known)
        found[known] = value
    return found


def _kind(raw: Mapping[str, bytes]) -> Kind:
    if ("SAMLRequest" in raw) == ("SAMLResponse" in raw):
        raise Refused("no-message", "There must be one SAMLRequest or one SAMLResponse.")
    return "SAMLRequest" if "SAMLRequest" in raw else "SAMLResponse"


def _largest(kind: Kind) -> int:
    return LARGEST_REQUEST if kind == "SAMLRequest" else LARGEST_RESPONSE


def _decoded(value: bytes) -> bytes:
    return unquote_to_bytes(value.replace(b"+", b" "))


def _from_base64(text: bytes, part: str) -> bytes:
    """Decode base64, folded or not. A plus sign that was not encoded has become a space on its way."""
    try:
        return b64decode(text.translate(None, b"\r\n\t").replace(b" ", b"+"), validate=True)
    except NotBase64:
        raise Refused("not-base64", f"{part} is not base64.", part) from None


def _inflated(packed: bytes, largest: int) -> bytes:
    """Inflate (RFC 1951) to at most ``largest`` bytes; what would be more is never made."""
    unpacker = zlib.decompressobj(-15)
    try:
        message = unpacker.decompress(packed, largest + 1)
    except zlib.error:
        raise Refused("not-deflated", "The message is not in DEFLATE encoding.") from None
    if len(message) > largest:
        raise Refused("too-large", f"The message is larger than {largest} bytes.")
    if not unpacker.eof or unpacker.unused_data:
        raise Refused("not-deflated", "The message is cut off, or something follows it.")
    return message


def _parsed(xml: bytes, kind: Kind) -> Element:
    try:
        return parse_message(xml, largest=_largest(kind))
    except NotADocument as fault:
        raise Refused("not-a-document", str(fault), kind) from None


def _relay_state(raw: Mapping[str, bytes]) -> str | None:
    """Return what goes back byte for byte; in a form that is possible for text without line breaks and the like alone."""
    if "RelayState" not in raw:
        return None
    value = _decoded(raw["RelayState"])
    if len(value) > LONGEST_RELAY_STATE:
        raise Refused("relay-state-too-long", f"RelayState is longer than {LONGEST_RELAY_STATE} bytes.", "RelayState")
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise Refused("relay-state-unreadable", "RelayState is not UTF-8.", "RelayState") from None
    if any(category(character) == "Cc" for character in text):
        raise Refused("relay-state-unreadable", "RelayState holds control characters.", "RelayState")
    return text


def _query_signature(raw: Mapping[str, bytes], kind: Kind) -> QuerySignature | None:
    if "Signature" not in raw and "SigAlg" not in raw:
        return None
    if "Signature" not in raw or "SigAlg" not in raw:
        raise Refused("signature-incomplete", "Signature and SigAlg come together.", "Signature")
    names = [name for name in (kind, "RelayState", "SigAlg") if name in raw]
    return QuerySignature(
        algorithm=_decoded(raw["SigAlg"]).decode("ascii", "replace"),
        value=_from_base64(_decoded(raw["Signature"]), "Signature"),
        signed=b"&".join(name.encode() + b"=" + raw[name] for name in names),
    )
