"""What we publish about ourselves (SAML Metadata 2.3, 2.4.3): precomputed bytes, signed once a day.

What must stand in it: saml2int SDP-MD04 to SDP-MD12, SDP-IDP14 and SDP-IDP33.

The document of a day is the same in every process, for its ID follows from what it says and RSA's signature from both. The next
signing keys stand in it beside the current ones, long before they sign; of the keys to encrypt to the current one alone,
for whoever encrypts picks any. It is signed with a key that it does not name as ours, so that the keys in it change while
the one by which services trust it stays (decision 82).
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from idp.outside.sealing import keyed_digest, same
from idp.outside.xml_encryption import AES_128_GCM, AES_256_GCM, RSA_OAEP, RSA_OAEP_MGF1P
from idp.outside.xml_security import SIGNATURE_METHODS
from idp.saml.canonical import DSIG, attribute, instant, signed, text
from idp.saml.metadata_theirs import MD
from idp.saml.name_ids import OFFERED
from idp.usecases.saml_keys import (
    ENCRYPTION_KEYS,
    METADATA_KEYS,
    SIGNING_KEYS,
    saml_decryption_ring,
    saml_key_ring,
    saml_metadata_ring,
)
from idp.usecases.service_providers import POST, REDIRECT, SOAP, SignatureAlgorithm

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.outside.xml_signing import XmlSigner
    from idp.settings import Settings
    from idp.store.db import Database
    from idp.usecases.saml_keys import DecryptionRing, PublishedCertificate, SamlKeyRing
    from idp.usecases.system import System

CACHE_SECONDS: Final = 3600
"""``cacheDuration``, and how long the answer may be kept."""
_MDUI: Final = "urn:oasis:names:tc:SAML:metadata:ui"
_SHIBMD: Final = "urn:mace:shibboleth:metadata:1.0"
_ALG: Final = "urn:oasis:names:tc:SAML:metadata:algsupport"
_PROTOCOL: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
_SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
_DESCRIPTIONS: Final = (
    ("da", "Log ind med dit skolelogin."),
    ("en", "Log in with your school account."),
)


@dataclass(frozen=True)
class OurMetadata:
    """The document, and the names of the signing keys in it."""

    document: bytes
    etag: str
    kids: tuple[str, ...]


@dataclass(frozen=True)
class _Made:
    key: tuple[object, ...]
    metadata: OurMetadata


_made: WeakKeyDictionary[Database, _Made] = WeakKeyDictionary()


def our_metadata(db: Session, system: System) -> OurMetadata:
    """Return our metadata of today. The first request of an installation makes the keys, for which ``db`` must write."""
    keys, encryption = saml_key_ring(db, system), saml_decryption_ring(db, system)
    trusted = saml_metadata_ring(db, system)
    day = system.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    key = (keys.version, encryption.version, trusted.version, day, system.settings)
    known = _made.get(system.database)
    if known is None or known.key != key:
        signer = trusted.signer_for(SignatureAlgorithm.RSA_SHA256)
        known = _made[system.database] = _Made(key, _written(system.settings, keys, encryption, day, signer))
    return known.metadata


def there_are_keys(db: Session, system: System) -> bool:
    """Whether there is all that our metadata names and is signed with, so that no key need be made."""
    return all(kind.there_are(db, system) for kind in (SIGNING_KEYS, ENCRYPTION_KEYS, METADATA_KEYS))


def address_for(system: System, service_id: int) -> str:
    """Return the address at which one service reads our metadata, so that we see when it has read a new key."""
    return f"{system.settings.site.entity_id}/for/{service_id}.{_proof(system, service_id)}"


def service_reading(system: System, name: str) -> int | None:
    """Return the id of the service whose own address ends with ``name``, None if it is nobody's."""
    number, _, proof = name.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 19):  # noqa: PLR2004 (a 64-bit number)
        return None
    return int(number) if same(proof.encode(), _proof(system, int(number)).encode()) else None


def _proof(system: System, service_id: int) -> str:
    return keyed_digest(system.keyring.pairwise.current, "saml-metadata", str(service_id)).hex()[:32]


def _written(
    settings: Settings, keys: SamlKeyRing, encryption: DecryptionRing, day: datetime, signer: XmlSigner
) -> OurMetadata:
    until = day + timedelta(days=settings.saml.metadata_days + 1)
    content = _content(settings, keys, encryption)
    identifier = f"_{sha256(f'{content}{until}'.encode()).hexdigest()[:40]}"
    opening = (
        f'<md:EntityDescriptor xmlns:md="{MD}" ID="{identifier}" cacheDuration="PT{CACHE_SECONDS}S"'
        f' entityID="{attribute(settings.site.entity_id)}" validUntil="{instant(until)}">'
    )
    document = signed(opening, f"{content}</md:EntityDescriptor>", identifier=identifier, signer=signer).encode()
    return OurMetadata(
        document=document,
        etag=sha256(document).hexdigest()[:32],
        kids=tuple(published.kid for published in keys.published),
    )


def _content(settings: Settings, keys: SamlKeyRing, encryption: DecryptionRing) -> str:
    issuer = settings.site.issuer
    return (
        f"<md:Extensions>{_algorithms()}</md:Extensions>"
        f'<md:IDPSSODescriptor WantAuthnRequestsSigned="false" errorURL="{attribute(issuer)}/saml/error"'
        f' protocolSupportEnumeration="{_PROTOCOL}"><md:Extensions>{_scope(settings)}{_shown(settings)}</md:Extensions>'
        f"{''.join(map(_signing_key, keys.published))}{''.join(map(_encryption_key, encryption.published[:1]))}"
        f"{_endpoints('SingleLogoutService', f'{issuer}/saml/slo', (REDIRECT, POST))}"
        f"{_endpoints('SingleLogoutService', f'{issuer}/saml/slo/soap', (SOAP,))}"
        f"{''.join(f'<md:NameIDFormat>{each}</md:NameIDFormat>' for each in OFFERED)}"
        f"{_endpoints('SingleSignOnService', f'{issuer}/saml/sso', (REDIRECT, POST))}</md:IDPSSODescriptor>"
        f"{_organization(settings)}{_contacts(settings)}"
    )


def _algorithms() -> str:
    methods = "".join(
        f'<alg:SigningMethod xmlns:alg="{_ALG}" Algorithm="{each}"></alg:SigningMethod>' for each in SIGNATURE_METHODS
    )
    return f'<alg:DigestMethod xmlns:alg="{_ALG}" Algorithm="{_SHA256}"></alg:DigestMethod>{methods}'


def _scope(settings: Settings) -> str:
    """Return what may stand behind the @ of our identifiers, as services hold us to it (saml2int SDP-IDP14)."""
    return f'<shibmd:Scope xmlns:shibmd="{_SHIBMD}" regexp="false">{text(settings.site.scope)}</shibmd:Scope>'


def _shown(settings: Settings) -> str:
    """Return what discovery pages show (Login and Discovery UI 1.0): the logo is that of our own pages, 48 pixels wide."""
    names = "".join(_in("mdui:DisplayName", language, settings.site.name) for language, _ in _DESCRIPTIONS)
    said = "".join(_in("mdui:Description", language, sentence) for language, sentence in _DESCRIPTIONS)
    address = f"{settings.site.issuer}/static/logo.svg"
    logo = f'<mdui:Logo height="48" width="48">{text(address)}</mdui:Logo>'
    return f'<mdui:UIInfo xmlns:mdui="{_MDUI}">{names}{said}{logo}</mdui:UIInfo>'


def _signing_key(published: PublishedCertificate) -> str:
    return _key("signing", published, "")


def _encryption_key(published: PublishedCertificate) -> str:
    methods = (AES_256_GCM, AES_128_GCM, RSA_OAEP, RSA_OAEP_MGF1P)
    offered = "".join(f'<md:EncryptionMethod Algorithm="{each}"></md:EncryptionMethod>' for each in methods)
    return _key("encryption", published, offered)


def _key(use: str, published: PublishedCertificate, methods: str) -> str:
    certificate = b64encode(published.certificate).decode()
    return (
        f'<md:KeyDescriptor use="{use}"><ds:KeyInfo xmlns:ds="{DSIG}"><ds:X509Data><ds:X509Certificate>{certificate}'
        f"</ds:X509Certificate></ds:X509Data></ds:KeyInfo>{methods}</md:KeyDescriptor>"
    )


def _endpoints(element: str, location: str, bindings: tuple[str, ...]) -> str:
    return "".join(
        f'<md:{element} Binding="{binding}" Location="{attribute(location)}"></md:{element}>' for binding in bindings
    )


def _organization(settings: Settings) -> str:
    name, address = settings.site.name, settings.site.issuer
    parts = (("OrganizationName", name), ("OrganizationDisplayName", name), ("OrganizationURL", address))
    said = "".join(_in(f"md:{part}", language, value) for part, value in parts for language, _ in _DESCRIPTIONS)
    return f"<md:Organization>{said}</md:Organization>"


def _contacts(settings: Settings) -> str:
    """Return whom to write to; nobody where the operator named nobody."""
    saml = settings.saml
    told = (("technical", saml.technical_contact), ("support", saml.support_contact))
    return "".join(
        f'<md:ContactPerson contactType="{kind}"><md:GivenName>{text(settings.site.name)}</md:GivenName>'
        f"<md:EmailAddress>mailto:{text(address)}</md:EmailAddress></md:ContactPerson>"
        for kind, address in told
        if address
    )


def _in(element: str, language: str, value: str) -> str:
    return f'<{element} xml:lang="{language}">{text(value)}</{element}>'
