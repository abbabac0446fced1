"""pysaml2, hardened: its schema classes read messages, its security context checks signatures, and nothing is left to its defaults.

Its defaults believe keys in the message, start a program and write files for each signature, and let pass what SAML forbids
(``docs/decisions/0077-reading-saml.md``). So a message comes here only after :mod:`idp.saml.intake`, its signature is verified in this
process through :mod:`idp.outside.xml_security`, and the keys are those that the caller gives; no metadata of pysaml2's own is used.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from idp.outside.xml_security import NotVerified, is_signed, verify_query, verify_signed
from idp.saml.refusals import Refused
from idp.saml.xml_documents import parse_message

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # ciphers that we do not use are to leave `cryptography`
    from saml2 import SAMLError, saml, samlp
    from saml2.sigver import CryptoBackend, SecurityContext
    from saml2.validate import NotValid, valid_instance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from idp.saml.intake import Arrived

    Element = etree._Element  # noqa: SLF001 (lxml has no other name for it)

_PROTOCOL: Final = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_LARGEST: Final = 1 << 20

READERS: Final[Mapping[str, tuple[str, Callable[[bytes], Any]]]] = {
    f"{_PROTOCOL}AuthnRequest": ("authn_request", samlp.authn_request_from_string),
    f"{_PROTOCOL}LogoutRequest": ("logout_request", samlp.logout_request_from_string),
    f"{_PROTOCOL}LogoutResponse": ("logout_response", samlp.logout_response_from_string),
    f"{_PROTOCOL}Response": ("response", samlp.response_from_string),
}
"""What is read here at all: the tag of the root -> pysaml2's name of it, and its reader."""


@dataclass(frozen=True)
class _Certificate:
    """Stands where pysaml2 keeps the open file of a certificate; what it calls a file name is the certificate."""

    name: bytes


@dataclass(frozen=True)
class _Sender:
    """Stands where pysaml2 keeps metadata: the certificates of the one whose message it is."""

    certificates: Sequence[bytes]

    def certs(self, *_: object) -> list[tuple[None, _Certificate]]:
        """Return what pysaml2 asks for by entity, role and use."""
        return [(None, _Certificate(each)) for each in self.certificates]


class _InProcess(CryptoBackend):  # type: ignore[misc]  # pysaml2 has no types
    """Verifies; signing, encrypting and decrypting are not pysaml2's here."""

    def validate_signature(
        self, enctext: str | bytes, cert_file: bytes, cert_type: str, node_name: str, node_id: str
    ) -> bool:
        """Say whether the root of a document is signed with a key; ``cert_file`` is the certificate itself."""
        del cert_type, node_name
        text = enctext.encode() if isinstance(enctext, str) else enctext
        root = parse_message(text, largest=_LARGEST)
        if root.get("ID") != node_id:
            return False
        try:
            verify_signed(root, [cert_file])
        except NotVerified:
            return False
        return True


_BACKEND: Final = _InProcess()


@dataclass(frozen=True, kw_only=True)
class ReadMessage:
    """A message as pysaml2's classes hold it, and whether its sender signed it."""

    message: Any
    signed: bool


def read_message(
    arrived: Arrived, expected: str, *, certificates: Sequence[bytes], must_be_signed: bool
) -> ReadMessage:
    """Return the message that came, if it is an ``expected`` one (``AuthnRequest``, ``LogoutRequest`` …).

    A signature that is there is verified, demanded or not (saml2int SDP-IDP05), by any of the ``certificates`` (DER).
    Raises :class:`idp.saml.refusals.Refused`.
    """
    tag = arrived.root.tag
    if tag != f"{_PROTOCOL}{expected}" or tag not in READERS:
        raise Refused("another-message", f"The message is not a {expected}.", arrived.kind)
    name, reader = READERS[tag]
    signed = _signature(arrived, name, certificates)
    if must_be_signed and not signed:
        raise Refused(
            "signature-missing", "The message is not signed, and this service's messages must be.", "Signature"
        )
    message = reader(arrived.xml)
    if not _is_complete(message):
        raise Refused("not-by-the-schema", f"The {expected} is not what the schema of SAML 2.0 describes.", expected)
    return ReadMessage(message=message, signed=signed)


def read_assertion(element: Element) -> Any:  # noqa: ANN401 (pysaml2 has no types)
    """Return pysaml2's object of an assertion alone, whatever stood around it. Raises :class:`idp.saml.refusals.Refused`."""
    text = etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
    assertion = saml.assertion_from_string(text)
    if assertion is None or not _is_complete(assertion):
        raise Refused("not-by-the-schema", "The assertion is not what the schema of SAML 2.0 describes.", "Assertion")
    return assertion


def _is_complete(message: Any) -> bool:  # noqa: ANN401 (pysaml2 has no types)
    try:
        return message is not None and bool(valid_instance(message))
    except (NotValid, SAMLError, ValueError):
        return False


def _signature(arrived: Arrived, name: str, certificates: Sequence[bytes]) -> bool:
    """Verify what is signed, in the query or in the document; False where nothing is."""
    inside = is_signed(arrived.root)
    if arrived.query is not None:
        if inside:  # Bindings 3.4.4.1: it must have been taken out
            raise Refused("signature-twice", "A message in a signed query must not be signed itself.", "Signature")
        query = arrived.query
        try:
            verify_query(query.signed, query.value, query.algorithm, certificates)
        except NotVerified as fault:
            raise Refused("signature-wrong", f"The query's signature does not count: {fault}.", "Signature") from None
        return True
    if not inside:
        return False
    try:
        # Its shape first, and why it is refused; then once more by pysaml2, which looks at the schema too.
        verify_signed(arrived.root, certificates)
    except NotVerified as fault:
        raise Refused("signature-wrong", f"The signature does not count: {fault}.", "Signature") from None
    context = SecurityContext(_BACKEND, metadata=_Sender(certificates), only_use_keys_in_metadata=True)
    try:
        context.correctly_signed_message(arrived.xml.decode(), name, must=True)
    except Exception as fault:
        raise Refused(
            "signature-wrong", "The signature or the schema of the message is not right.", "Signature"
        ) from fault
    return True
