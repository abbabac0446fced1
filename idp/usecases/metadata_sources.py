"""Addresses from which services' metadata is fetched: an entity, an aggregate of many, or a query by entityID (MDQ).

What is fetched counts by the signature of the source's own certificates, at this address and no other, and until it says. A try that
fails changes nothing: services keep what they had until that is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, unique
from hashlib import sha256
from typing import TYPE_CHECKING

from idp.audit import AuditEvent
from idp.store import metadata_sources as store

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.system import System


@unique
class Kind(StrEnum):
    """What an address holds."""

    ENTITY = "entity"
    AGGREGATE = "aggregate"
    MDQ = "mdq"
    """The entityID is added to the address (Metadata Query Protocol)."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One address. ``certificates`` are PEM, one after the other."""

    id: int
    kind: Kind
    url: str
    certificates: str
    etag: str | None
    tried_at: datetime | None
    refreshed_at: datetime | None
    valid_until: datetime | None
    fault: str | None


def add_source(db: Session, system: System, *, kind: Kind, url: str, certificates: str) -> Source:
    """Register an address; one that is known keeps its kind and its certificates unless new ones are given."""
    known = store.source_at(db, url)
    values = {"kind": kind.value, "certificates": certificates, "ended_at": None}
    if known is not None:
        store.update_source(db, known.id, values)
    else:
        store.insert_source(db, {**values, "url": url, "options": {}, "registered_at": system.now()})
        system.record(db, AuditEvent.METADATA_SOURCE_ADDED, facts={"url": url, "kind": kind.value})
    found = source_at(db, url)
    if found is None:
        raise AssertionError("it was written just now")
    return found


def source_at(db: Session, url: str) -> Source | None:
    """Return the source of an address."""
    row = store.source_at(db, url)
    return _source(row) if row is not None and row.ended_at is None else None


def all_sources(db: Session) -> tuple[Source, ...]:
    """Return every source that has not ended."""
    return tuple(_source(row) for row in store.sources(db))


def take_due(db: Session, system: System) -> Source | None:
    """Take one source whose time has come; each has its own minute within the hour, so that not all are fetched at once."""
    now, every = system.now(), timedelta(minutes=system.settings.saml.refresh_minutes)
    for row in store.sources(db, due_before=now - every * 0.9):
        before = now - every * (0.9 + 0.1 * (sha256(row.url.encode()).digest()[0] / 255))
        if (row.tried_at is None or row.tried_at <= before) and store.claim_source(
            db, row.id, now, tried_before=before
        ):
            return _source(row)
    return None


def failed(db: Session, source: Source, fault: str) -> None:
    """Write why a try did not hold."""
    store.update_source(db, source.id, {"fault": fault[:255]})


def held(
    db: Session, system: System, source: Source, *, valid_until: datetime | None, etag: str | None, faults: str | None
) -> None:
    """Write that what was fetched holds; ``faults`` are those of single services in it."""
    values = {"refreshed_at": system.now(), "fault": faults[:255] if faults else None}
    if valid_until is not None:
        values |= {"valid_until": valid_until, "etag": etag if not faults else None}
    store.update_source(db, source.id, values)


def end_source(db: Session, system: System, url: str) -> bool:
    """Fetch no more from an address; its services keep what they have until that is over."""
    found = source_at(db, url)
    if found is None:
        return False
    store.update_source(db, found.id, {"ended_at": system.now()})
    system.record(db, AuditEvent.METADATA_SOURCE_ENDED, facts={"url": url})
    return True


def _source(row: AnyRow) -> Source:
    return Source(
        id=row.id,
        kind=Kind(row.kind),
        url=row.url,
        certificates=row.certificates,
        etag=row.etag,
        tried_at=row.tried_at,
        refreshed_at=row.refreshed_at,
        valid_until=row.valid_until,
        fault=row.fault,
    )
