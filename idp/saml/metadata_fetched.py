"""Metadata that is fetched (SAML Metadata Interoperability Profile 2.1, Metadata Query Protocol, saml2int SDP-MD01 to MD03).

The root must be signed by a key that was given for its address, and must say until when it is valid: in the past, missing or too far
away it is refused whole. Only then is a service looked for in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.outside.fetch import Unfetchable
from idp.outside.xml_security import NotVerified, verify_signed
from idp.saml.metadata_theirs import MetadataFault, entity_of, entity_text, moment_of, parse, read_entity
from idp.store import metadata_sources as store
from idp.usecases import metadata_sources
from idp.usecases.metadata_sources import Kind, Source
from idp.usecases.saml_registration import RegistrationRefused, renew_metadata
from idp.usecases.service_provider_json import read_registration

if TYPE_CHECKING:
    from datetime import datetime

    from lxml import etree

    from idp.store.base import AnyRow
    from idp.usecases.service_providers import PublishedMetadata
    from idp.usecases.system import System

    Element = etree._Element  # noqa: SLF001 (lxml has no other name for it)

LARGEST_AGGREGATE: Final = 1 << 25
"""Bytes. The signature is over the whole document, which is therefore in memory as a whole, some ten times that; of a larger
federation take single services by MDQ."""
LARGEST_ENTITY: Final = 1 << 20
SECONDS: Final = 60
_ACCEPT: Final = "application/samlmetadata+xml, application/xml;q=0.5"
_SKEW: Final = timedelta(minutes=5)

log = structlog.get_logger("skolepas")


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A document that holds; ``root`` is None where it is as it was before."""

    root: Element | None
    valid_until: datetime | None
    etag: str | None

    def service(self, entity_id: str | None) -> tuple[str, PublishedMetadata]:
        """Return a service as text and as read. Raises :class:`MetadataFault`."""
        if self.root is None:
            raise MetadataFault(["The document is as it was."])
        entity = entity_of(self.root, entity_id)
        return entity_text(entity), read_entity(entity)


def certificates_of(pem: str) -> tuple[bytes, ...]:
    """Return certificates, DER, out of PEM. Raises :class:`MetadataFault`."""
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise MetadataFault(["The certificate of the source cannot be read (PEM)."]) from None
    return tuple(each.public_bytes(Encoding.DER) for each in found)


def fetch(system: System, source: Source, entity_id: str | None, *, again: bool = False) -> Fetched:
    """Fetch and check what a source holds, of MDQ for one service. Raises :class:`MetadataFault`. Never in a transaction.

    ``again``: though it is as it was when it was last fetched.
    """
    url = source.url
    if source.kind is Kind.MDQ:
        if entity_id is None:
            raise MetadataFault(["A service of a query is named by its entityID."])
        url = f"{url.rstrip('/')}/entities/{quote(entity_id, safe='')}"
    largest = LARGEST_AGGREGATE if source.kind is Kind.AGGREGATE else LARGEST_ENTITY
    etag = None if again or source.kind is Kind.MDQ else source.etag
    try:
        answered = system.fetcher.get_document(url, accept=_ACCEPT, largest=largest, seconds=SECONDS, etag=etag)
    except Unfetchable as fault:
        raise MetadataFault([f"Nothing could be fetched from {url}: {fault.why}."]) from None
    if not answered.body and etag is not None:
        return Fetched(root=None, valid_until=None, etag=etag)
    root, until = verified(answered.body, source, system, largest=largest)
    return Fetched(root=root, valid_until=until, etag=answered.etag)


def verified(document: bytes, source: Source, system: System, *, largest: int) -> tuple[Element, datetime]:
    """Return the root of a document that the source signed, and until when it is valid. Raises :class:`MetadataFault`."""
    root = parse(document, largest=largest)
    try:
        verify_signed(root, certificates_of(source.certificates))
    except NotVerified as fault:
        raise MetadataFault([f"Its signature does not count: {fault}."]) from None
    now, given = system.now(), root.get("validUntil")
    until = moment_of(given) if given else None
    if until is None:
        raise MetadataFault(["Its root does not say until when it is valid (validUntil)."])
    if until + _SKEW <= now:
        raise MetadataFault([f"It was valid until {until:%Y-%m-%d %H:%M} UTC."])
    longest = timedelta(days=system.settings.saml.longest_validity_days)
    if until > now + longest + _SKEW:
        raise MetadataFault([f"It says that it is valid for more than {longest.days} days."])
    return root, until


def refresh(system: System, source: Source) -> bool:
    """Fetch a source and give its services what it says now; False when nothing of it holds.

    A service that is not in it any more, or whose metadata cannot be used, keeps what it has until that is over.
    """
    with system.database.reading() as db:
        services = store.services_of_source(db, source.id)
    try:
        fetched = None if source.kind is Kind.MDQ else fetch(system, source, None)
    except MetadataFault as fault:
        return _failed(system, source, fault)
    faults = []
    until = fetched.valid_until if fetched is not None else None
    for service in services if fetched is None or fetched.root is not None else ():
        try:
            mine = fetched if fetched is not None else fetch(system, source, service.identifier)
            until = min(until, mine.valid_until) if until and mine.valid_until else mine.valid_until or until
            _renew(system, service, *mine.service(service.identifier))
        except (MetadataFault, RegistrationRefused) as fault:
            faults.append(f"{service.identifier}: {fault}")
    with system.database.writing() as db:
        metadata_sources.held(
            db,
            system,
            source,
            valid_until=until,
            etag=fetched.etag if fetched is not None else None,
            faults=" ".join(faults) or None,
        )
    if faults:
        log.warning("metadata", source=source.url, faults=len(faults), fault=faults[0][:200])
    return not faults


def refresh_one_due(system: System) -> int:
    """Refresh one source whose time has come, and say how many were."""
    with system.database.writing() as db:
        source = metadata_sources.take_due(db, system)
    if source is None:
        return 0
    refresh(system, source)
    return 1


def _renew(system: System, service: AnyRow, document: str, metadata: PublishedMetadata) -> None:
    options, known = read_registration(service.registration)
    if metadata == known and document == service.metadata_xml:
        return
    with system.database.writing() as db:
        renew_metadata(
            db,
            system,
            service.id,
            document,
            metadata,
            options,
            missing_licence_url=service.registration.get("missing_license_url"),
        )


def _failed(system: System, source: Source, fault: MetadataFault) -> bool:
    with system.database.writing() as db:
        metadata_sources.failed(db, source, str(fault))
    log.warning("metadata", source=source.url, fault=str(fault)[:200])
    return False
