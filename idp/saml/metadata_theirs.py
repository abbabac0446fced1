"""The metadata that a service publishes about itself (SAML Metadata 2.3, 2.4.4), read once, when it is registered.

What cannot be honoured, and what would be dangerous to believe, is refused with every fault named; what we have no use for is
left alone. Keys count by themselves: a certificate may be self-signed or expired (SAML V2.0 Metadata Interoperability
Profile 2.6), but not weak.
"""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree

from idp.errors import SkolepasError
from idp.saml.xml_documents import NotADocument, parse_document
from idp.usecases.redirect_addresses import fault_of
from idp.usecases.service_providers import (
    POST,
    REDIRECT,
    SOAP,
    AssertionConsumer,
    AttributeService,
    EncryptionKey,
    LogoutEndpoint,
    PublishedMetadata,
    RequestedAttribute,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Element = etree._Element  # noqa: SLF001 (lxml has no other name for it)

LARGEST: Final = 1 << 20
"""In bytes; one service's metadata is a few kilobytes."""
LONGEST_ENTITY_ID: Final = 256
"""saml2int SDP-G04; Metadata 2.2.1 allows more."""
LEAST_RSA_BITS: Final = 2048
LEAST_EC_BITS: Final = 256
"""saml2int SDP-MD06, SDP-MD07."""

MD: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_MDUI: Final = "urn:oasis:names:tc:SAML:metadata:ui"
_ALG: Final = "urn:oasis:names:tc:SAML:metadata:algsupport"
_MDATTR: Final = "urn:oasis:names:tc:SAML:metadata:attribute"
_SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
_SAMLP: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_UNSPECIFIED_NAME: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"
_LOGOUT_BINDINGS: Final = frozenset({REDIRECT, POST, SOAP})
_TRUE: Final = frozenset({"true", "1"})
_FALSE: Final = frozenset({"false", "0"})


class MetadataFault(SkolepasError):
    """The document cannot be used. ``faults`` are sentences, all that were found."""

    def __init__(self, faults: Sequence[str]) -> None:
        """Keep the sentences."""
        super().__init__(" ".join(faults))
        self.faults = tuple(faults)


def parse(document: bytes, *, largest: int = LARGEST) -> Element:
    """Parse a document that nobody vouches for. Raises :class:`MetadataFault`."""
    try:
        return parse_document(document, largest=largest)
    except NotADocument as fault:
        raise MetadataFault([str(fault)]) from None


def entity_of(root: Element, entity_id: str | None = None) -> Element:
    """Return the one EntityDescriptor that is meant, in a document of one or of many. Raises :class:`MetadataFault`.

    One counts only with nothing around it but EntitiesDescriptors: not in a signature, which it would stand outside of, nor in extensions.
    """
    if root.tag not in {_md("EntityDescriptor"), _md("EntitiesDescriptor")}:
        raise MetadataFault(["The document is no EntityDescriptor and no EntitiesDescriptor."])
    every = list(_entities(root))
    found = [one for one in every if entity_id is None or one.get("entityID") == entity_id]
    if len(found) == 1:
        return found[0]
    if entity_id is None:
        raise MetadataFault([f"The document describes {len(every)} entities: say which one is meant."])
    raise MetadataFault([f"The document describes {entity_id} {len(found)} times."])


def _entities(element: Element) -> Iterator[Element]:
    if element.tag == _md("EntityDescriptor"):
        yield element
    elif element.tag == _md("EntitiesDescriptor"):
        for child in element:
            yield from _entities(child)


def read_metadata(document: bytes, entity_id: str | None = None) -> PublishedMetadata:
    """Read a service's metadata. Raises :class:`MetadataFault` with every fault."""
    return read_entity(entity_of(parse(document), entity_id))


def read_entity(entity: Element) -> PublishedMetadata:
    """Read one EntityDescriptor with what stands around it. Raises :class:`MetadataFault` with every fault."""
    roles = [
        role for role in entity.findall(_md("SPSSODescriptor"))
        if _SAMLP in (role.get("protocolSupportEnumeration") or "").split()
    ]  # fmt: skip
    if len(roles) != 1:
        raise MetadataFault([f"It has {len(roles)} SPSSODescriptors for SAML 2.0; one is needed."])
    faults: list[str] = []
    read = _read(entity, roles[0], faults)
    if faults:
        raise MetadataFault(faults)
    return read


def entity_document(document: bytes, entity_id: str | None = None) -> str:
    """Return the EntityDescriptor alone that :func:`read_metadata` reads. Raises :class:`MetadataFault`."""
    return entity_text(entity_of(parse(document), entity_id))


def entity_text(entity: Element) -> str:
    """Return an EntityDescriptor as a document of its own."""
    return etree.tostring(entity, encoding="unicode", with_tail=False)


def _read(entity: Element, role: Element, faults: list[str]) -> PublishedMetadata:
    keys = [key for one in role.findall(_md("KeyDescriptor")) for key in _keys(one, faults)]
    consumers = tuple(_consumers(role, faults))
    if not consumers:
        faults.append("It has no AssertionConsumerService for HTTP-POST.")
    return PublishedMetadata(
        entity_id=_entity_id(entity, faults),
        valid_until=validity(role, entity, faults),
        name_da=_name(role, "da", faults),
        name_en=_name(role, "en", faults),
        consumers=consumers,
        logout=tuple(_logout(role, faults)),
        signing_certificates=tuple(der for use, der, _ in keys if use in {None, "signing"}),
        encryption_keys=tuple(
            EncryptionKey(certificate=der, algorithms=algorithms)
            for use, der, algorithms in keys
            if use in {None, "encryption"}
        ),
        signs_requests=_flag(role, "AuthnRequestsSigned", faults),
        wants_assertions_signed=_flag(role, "WantAssertionsSigned", faults),
        name_id_formats=tuple(_text(one, faults) for one in role.findall(_md("NameIDFormat"))),
        attribute_services=tuple(_attribute_services(role, faults)),
        entity_attributes=tuple(_entity_attributes(entity, faults)),
        digest_methods=tuple(_algorithms(entity, role, "DigestMethod")),
        signing_methods=tuple(_algorithms(entity, role, "SigningMethod")),
    )


def _entity_id(entity: Element, faults: list[str]) -> str:
    entity_id = entity.get("entityID") or ""
    if not urlsplit(entity_id).scheme or any(sign.isspace() or not sign.isprintable() for sign in entity_id):
        faults.append("Its entityID is not an absolute URI.")
    if len(entity_id) > LONGEST_ENTITY_ID:
        faults.append(f"Its entityID is longer than {LONGEST_ENTITY_ID} characters.")
    return entity_id


def signing_keys(role: Element, faults: list[str]) -> tuple[bytes, ...]:
    """Return the certificates (DER) of a role that may sign, and name what is wrong with them."""
    keys = [key for one in role.findall(_md("KeyDescriptor")) for key in _keys(one, faults)]
    return tuple(der for use, der, _ in keys if use in {None, "signing"})


def _keys(descriptor: Element, faults: list[str]) -> Iterator[tuple[str | None, bytes, tuple[str, ...]]]:
    """Yield (use, certificate, algorithms) of one KeyDescriptor; without a use it is for both (Metadata 2.4.1.1)."""
    use = descriptor.get("use")
    if use not in {None, "signing", "encryption"}:
        faults.append("A KeyDescriptor is for neither signing nor encryption.")
    algorithms = tuple(one.get("Algorithm") or "" for one in descriptor.findall(_md("EncryptionMethod")))
    found = list(descriptor.iter(f"{{{_DS}}}X509Certificate"))
    if not found:
        faults.append("A KeyDescriptor has no X509Certificate.")
    for one in found:
        try:
            der = b64decode("".join(_text(one, faults).split()), validate=True)
            key = x509.load_der_x509_certificate(der).public_key()
        except Exception:  # noqa: BLE001 (whatever is wrong with it, it is no certificate)
            faults.append("An X509Certificate cannot be read.")
            continue
        weak = _weakness(key)
        if weak is None:
            yield use, der, algorithms
        else:
            faults.append(f"A key is {weak}.")


def _weakness(key: object) -> str | None:
    if isinstance(key, RSAPublicKey):
        return (
            f"RSA of {key.key_size} bits; at least {LEAST_RSA_BITS} are needed"
            if key.key_size < LEAST_RSA_BITS
            else None
        )
    if isinstance(key, EllipticCurvePublicKey):
        return (
            f"EC of {key.key_size} bits; at least {LEAST_EC_BITS} are needed" if key.key_size < LEAST_EC_BITS else None
        )
    return "neither RSA nor EC"


def _consumers(role: Element, faults: list[str]) -> Iterator[AssertionConsumer]:
    """Yield those that a Response can be posted to, the default one marked (Metadata 2.2.3)."""
    indexes: set[int] = set()
    posted = []
    for one in role.findall(_md("AssertionConsumerService")):
        index = _index(one, faults)
        if index in indexes:
            faults.append(f"Two AssertionConsumerServices have the index {index}.")
        indexes.add(index)
        if one.get("Binding") == POST:
            posted.append((one, index))
    told = [one for one, _ in posted if one.get("isDefault") in _TRUE]
    unsaid = [one for one, _ in posted if one.get("isDefault") is None]
    default = next(iter([*told, *unsaid, *(one for one, _ in posted)]), None)
    for one, index in posted:
        location = one.get("Location") or ""
        _look_at(location, "An AssertionConsumerService", faults)
        yield AssertionConsumer(location=location, binding=POST, index=index, is_default=one is default)


def _logout(role: Element, faults: list[str]) -> Iterator[LogoutEndpoint]:
    for one in role.findall(_md("SingleLogoutService")):
        if one.get("Binding") not in _LOGOUT_BINDINGS:
            continue
        location, answers = one.get("Location") or "", one.get("ResponseLocation")
        _look_at(location, "A SingleLogoutService", faults)
        if answers is not None:
            _look_at(answers, "A SingleLogoutService's ResponseLocation", faults)
        yield LogoutEndpoint(location=location, binding=one.get("Binding") or "", response_location=answers)


def _attribute_services(role: Element, faults: list[str]) -> Iterator[AttributeService]:
    for one in role.findall(_md("AttributeConsumingService")):
        yield AttributeService(
            index=_index(one, faults),
            is_default=_flag(one, "isDefault", faults),
            requested=tuple(
                RequestedAttribute(
                    name=asked.get("Name") or "",
                    name_format=asked.get("NameFormat") or _UNSPECIFIED_NAME,
                    required=_flag(asked, "isRequired", faults),
                )
                for asked in one.findall(_md("RequestedAttribute"))
            ),
        )


def _entity_attributes(entity: Element, faults: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for held in entity.findall(f"{_md('Extensions')}/{{{_MDATTR}}}EntityAttributes"):
        for attribute in held.findall(f"{{{_SAML}}}Attribute"):
            values = tuple(_text(value, faults) for value in attribute.findall(f"{{{_SAML}}}AttributeValue"))
            yield attribute.get("Name") or "", values


def _algorithms(entity: Element, role: Element, kind: str) -> Iterator[str]:
    """Yield what the role names, else the entity (Metadata Profile for Algorithm Support 1.0, 2.3)."""
    for place in (role, entity):
        found = [one.get("Algorithm") or "" for one in place.findall(f"{_md('Extensions')}/{{{_ALG}}}{kind}")]
        if found:
            yield from found
            return


def _name(role: Element, language: str, faults: list[str]) -> str | None:
    """Return the name that people know it by (Login and Discovery UI 2.1.1), else that of its first attribute service."""
    shown = role.findall(f"{_md('Extensions')}/{{{_MDUI}}}UIInfo/{{{_MDUI}}}DisplayName")
    named = role.findall(f"{_md('AttributeConsumingService')}/{_md('ServiceName')}")
    for one in (*shown, *named):
        text = " ".join(_text(one, faults).split()) if one.get(_LANG) == language else ""
        if text:
            return text[:255]
    return None


def validity(role: Element, entity: Element, faults: list[str]) -> datetime | None:
    """Return until when a role is to be believed: the first end that it or anything around it names."""
    ends = [end for end in map(partial(_valid_until, faults=faults), (role, *_upwards(entity))) if end is not None]
    return min(ends, default=None)


def _valid_until(element: Element, faults: list[str]) -> datetime | None:
    given = element.get("validUntil")
    moment = moment_of(given) if given is not None else None
    if given is not None and moment is None:
        faults.append(f"validUntil is no time: {given[:40]}.")
    return moment


def moment_of(text: str) -> datetime | None:
    """Read an ``xs:dateTime``, in UTC where it says nothing else; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _upwards(entity: Element) -> Iterator[Element]:
    yield entity
    yield from entity.iterancestors()


def _index(element: Element, faults: list[str]) -> int:
    given = element.get("index") or ""
    if not (given.isascii() and given.isdigit() and len(given) <= 5):  # noqa: PLR2004 (xs:unsignedShort)
        faults.append("An endpoint has no index.")
        return -1
    return int(given)


def _flag(element: Element, name: str, faults: list[str]) -> bool:
    given = element.get(name)
    if given not in {None, *_TRUE, *_FALSE}:
        faults.append(f"{name} is neither true nor false.")
    return given in _TRUE


def _text(element: Element, faults: list[str]) -> str:
    """Return the text of an element that holds nothing else: a comment in it would cut the text short for some readers."""
    if len(element):
        faults.append(f"There is something in {etree.QName(element).localname} that is no text.")
    return (element.text or "").strip()


def _look_at(location: str, what: str, faults: list[str]) -> None:
    wrong = fault_of(location)
    if wrong is not None:
        faults.append(f"{what} {wrong}: {location[:200]}")


def _md(name: str) -> str:
    return f"{{{MD}}}{name}"
