"""A SAML service as its metadata and its registration describe it: what every module here reads and none changes.

Metadata says what the service can do and which keys are its own; the options say what we do for it. Where the two differ the
stricter holds: a service whose metadata signs its requests is never believed without a signature.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

REDIRECT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
SOAP: Final = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"

PERSISTENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
UNSPECIFIED: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
EMAIL: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
ENTITY: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"


@unique
class Profile(StrEnum):
    """How an assertion is written for a service: which names its attributes have, what is signed and what encrypted."""

    PLAIN = "plain"
    UNILOGIN = "unilogin"
    SAML2INT = "saml2int"
    OIOSAML = "oiosaml"


ALWAYS_ENCRYPTED: Final = frozenset({Profile.SAML2INT, Profile.OIOSAML})
"""Profiles whose assertions are encrypted unless the operator says otherwise; the others' are where the service has a key for it."""


@unique
class SignatureAlgorithm(StrEnum):
    """With which of our keys is signed."""

    RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"


@dataclass(frozen=True, kw_only=True)
class AssertionConsumer:
    """Where a Response may go (Metadata 2.4.4)."""

    location: str
    binding: str
    index: int
    is_default: bool = False


@dataclass(frozen=True, kw_only=True)
class LogoutEndpoint:
    """Where a logout message may go (Metadata 2.4.2); answers to ``response_location`` where there is one."""

    location: str
    binding: str
    response_location: str | None = None


@dataclass(frozen=True, kw_only=True)
class RequestedAttribute:
    """An attribute that the service's metadata asks for (Metadata 2.4.4.2). Asking narrows, it never widens."""

    name: str
    name_format: str
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class AttributeService:
    """One AttributeConsumingService: a list of attributes that an AuthnRequest names by its index."""

    index: int
    is_default: bool
    requested: tuple[RequestedAttribute, ...]


@dataclass(frozen=True, kw_only=True)
class EncryptionKey:
    """A certificate to encrypt to (DER), and the algorithms its KeyDescriptor names, in its order; none means ours."""

    certificate: bytes = field(repr=False)
    algorithms: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PublishedMetadata:
    """What an EntityDescriptor with an SPSSODescriptor says."""

    entity_id: str
    valid_until: datetime | None = None
    name_da: str | None = None
    name_en: str | None = None
    consumers: tuple[AssertionConsumer, ...] = ()
    logout: tuple[LogoutEndpoint, ...] = ()
    signing_certificates: tuple[bytes, ...] = field(default=(), repr=False)
    """DER. Any of them may have signed (saml2int SDP-IDP32); the key counts, not what else the certificate says."""
    encryption_keys: tuple[EncryptionKey, ...] = ()
    signs_requests: bool = False
    """``AuthnRequestsSigned``."""
    wants_assertions_signed: bool = False
    name_id_formats: tuple[str, ...] = ()
    attribute_services: tuple[AttributeService, ...] = ()
    entity_attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Name and values (Metadata Extension for Entity Attributes 1.0), such as ``subject-id:req``."""
    digest_methods: tuple[str, ...] = ()
    signing_methods: tuple[str, ...] = ()
    """``alg:SigningMethod`` (Metadata Profile for Algorithm Support 1.0), in its order."""


@dataclass(frozen=True, kw_only=True)
class SamlOptions:
    """What was decided at registration: ``service.registration`` as JSON, each member by this name. Absent means the default.

    None at ``sign_response``, ``sign_assertion`` and ``encrypt_assertion`` means what the profile says, see
    ``docs/decisions``; ``require_signed_requests`` None means what the metadata says, and in the profile oiosaml yes; False never
    overrules the metadata.
    """

    profile: Profile = Profile.PLAIN
    sign_response: bool | None = None
    sign_assertion: bool | None = None
    encrypt_assertion: bool | None = None
    require_signed_requests: bool | None = None
    signature_algorithm: SignatureAlgorithm = SignatureAlgorithm.RSA_SHA256
    name_id_format: str | None = None
    """The format where the request leaves it open; None: persistent, in saml2int transient."""
    idp_initiated: bool = False
    """Whether a login may begin with us, without a request (Profiles 4.1.5)."""
    idp_initiated_relay_state: str | None = None
    initiate_login_uri: str | None = None
    attributes: tuple[str, ...] | None = None
    """Our names of the claims it may have at the most, out of its agreement; None: all of it."""
    soap_logout: bool = False
    """Whether our worker tells it of a logout by SOAP, rather than the browser."""


def demands_signed_requests(metadata: PublishedMetadata, options: SamlOptions) -> bool:
    """Say whether an AuthnRequest of a service is refused without a signature."""
    wanted, profile = options.require_signed_requests, options.profile
    return metadata.signs_requests or (profile is Profile.OIOSAML if wanted is None else wanted)


@dataclass(frozen=True, kw_only=True)
class ServiceProvider:
    """A service that may ask us, and everything that decides how it is answered."""

    service_id: int
    entity_id: str
    name_da: str
    name_en: str
    sector: str
    options: SamlOptions
    metadata: PublishedMetadata
    metadata_version: int = 0
    metadata_valid_until: datetime | None = None
    signing_kid: str | None = None
    disabled: bool = False
    requires_licence: bool = False
    missing_licence_url: str | None = None
    least_assurance: str | None = None
    accepts_adult_as_two: bool = False
