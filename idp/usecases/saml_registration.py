"""Registering a SAML service, and giving it other metadata or options later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from idp.audit import AuditEvent
from idp.errors import SkolepasError
from idp.outside.xml_encryption import CannotEncrypt, recipient
from idp.store import services as store
from idp.usecases import agreements
from idp.usecases.service_provider_json import registration_of
from idp.usecases.service_providers import ALWAYS_ENCRYPTED, demands_signed_requests
from policies.vocabulary import Protocol

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.service_providers import PublishedMetadata, SamlOptions
    from idp.usecases.system import System
    from policies.vocabulary import ReleasePackage


class RegistrationRefused(SkolepasError):
    """The service cannot be registered so. ``faults`` are sentences, all that were found."""

    def __init__(self, faults: list[str]) -> None:
        """Keep the sentences."""
        super().__init__(" ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, kw_only=True)
class SamlService:
    """What the operator decides about a service beside its metadata and its options."""

    name_da: str | None = None
    """None: as the metadata says, else the entityID."""
    name_en: str | None = None
    sector: str | None = None
    """Services that share it know a person by the same identifier; None: the entityID, so that nobody shares it."""
    requires_licence: bool = False
    missing_licence_url: str | None = None
    accepts_adult_as_two: bool = False


def register_saml(
    db: Session,
    system: System,
    document: str,
    metadata: PublishedMetadata,
    options: SamlOptions,
    *,
    decided: SamlService | None = None,
    package: ReleasePackage | None = None,
    source_id: int | None = None,
) -> int:
    """Register a service by its metadata, as text and as read, and return its id; with ``package``, agree for every institution.

    Raises :class:`RegistrationRefused`.
    """
    faults = faults_of(system, metadata, options)
    if store.client_row(db, metadata.entity_id) is not None:
        faults.append(f"{metadata.entity_id} is registered already.")
    if faults:
        raise RegistrationRefused(faults)
    service_id = store.insert_service(
        db,
        {
            "protocol": Protocol.SAML,
            "identifier": metadata.entity_id,
            "registered_at": system.now(),
            "metadata_version": 1,
            "metadata_source_id": source_id,
            **_columns(document, metadata, options, decided or SamlService()),
        },
    )
    system.record(
        db,
        AuditEvent.SERVICE_REGISTERED,
        service_id=service_id,
        facts={"client_id": metadata.entity_id, "by": "operator"},
    )
    if package is not None:
        agreements.approve(db, system, service_id=service_id, institution_id=None, package=package)
    return service_id


def renew_metadata(
    db: Session,
    system: System,
    service_id: int,
    document: str,
    metadata: PublishedMetadata,
    options: SamlOptions,
    *,
    missing_licence_url: str | None = None,
) -> None:
    """Give a service the metadata that it publishes now. Its names, sector and options stay as they were decided.

    Raises :class:`RegistrationRefused`; then the service keeps what it had.
    """
    faults = faults_of(system, metadata, options)
    if faults:
        raise RegistrationRefused(faults)
    store.renew_saml(
        db,
        service_id,
        {
            "registration": registration_of(options, metadata, missing_licence_url=missing_licence_url),
            "metadata_xml": document,
            "metadata_valid_until": metadata.valid_until,
        },
    )
    system.record(db, AuditEvent.SERVICE_CHANGED, service_id=service_id, facts={"by": "its metadata"})


def faults_of(system: System, metadata: PublishedMetadata, options: SamlOptions) -> list[str]:
    """Say why a service cannot be registered so: what was decided contradicts what its metadata says, or is over."""
    over = metadata.valid_until is not None and metadata.valid_until <= system.now()
    cannot = _why_not_encrypted(metadata, options)
    unsigned = demands_signed_requests(metadata, options) and not metadata.signs_requests
    wrong = [
        (over, "The metadata is not valid any more."),
        (
            metadata.signs_requests and not metadata.signing_certificates,
            "It signs its requests, but names no key for it.",
        ),
        (
            unsigned and not metadata.signing_certificates,
            "Signed requests are required, but it names no key that signs.",
        ),
        (cannot is not None, f"Its assertions are to be encrypted, which cannot be: {cannot}."),
        (
            options.sign_response is False and options.sign_assertion is False,
            "Neither response nor assertion would be signed.",
        ),
        (
            options.idp_initiated_relay_state is not None and not options.idp_initiated,
            "idp_initiated_relay_state needs idp_initiated.",
        ),
    ]
    return [sentence for is_wrong, sentence in wrong if is_wrong]


def _why_not_encrypted(metadata: PublishedMetadata, options: SamlOptions) -> str | None:
    """Say why nothing can be encrypted to a service whose assertions are to be; None where it can, or need not be."""
    keys, wanted = metadata.encryption_keys, options.encrypt_assertion
    if not (bool(keys) or options.profile in ALWAYS_ENCRYPTED if wanted is None else wanted):
        return None
    try:
        recipient([(key.certificate, key.algorithms) for key in keys])
    except CannotEncrypt as fault:
        return str(fault)
    return None


def _columns(document: str, metadata: PublishedMetadata, options: SamlOptions, decided: SamlService) -> dict[str, Any]:
    name_da = decided.name_da or metadata.name_da or metadata.name_en or metadata.entity_id
    return {
        "name_da": name_da,
        "name_en": decided.name_en or metadata.name_en or name_da,
        "registration": registration_of(options, metadata, missing_licence_url=decided.missing_licence_url),
        "metadata_xml": document,
        "metadata_valid_until": metadata.valid_until,
        "sector": decided.sector or f"client:{metadata.entity_id}"[:255],
        "requires_licence": decided.requires_licence,
        "missing_licence_url": decided.missing_licence_url,
        "accepts_adult_as_two": decided.accepts_adult_as_two,
    }
