"""SAML services as every process keeps them: their options and metadata are read once for each version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from idp.store import saml_services as store
from idp.usecases.service_provider_json import read_registration
from idp.usecases.service_providers import ServiceProvider

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.store.db import Database
    from idp.usecases.service_providers import PublishedMetadata, SamlOptions
    from idp.usecases.system import System

_AT_MOST: Final = 4096
_Kept = dict[int, "tuple[int, SamlOptions, PublishedMetadata]"]
_kept: WeakKeyDictionary[Database, _Kept] = WeakKeyDictionary()


def find_service_provider(db: Session, system: System, entity_id: str) -> ServiceProvider | None:
    """Return the SAML service of this entityID, disabled or not. One statement, two when it is new or was changed."""
    row = store.saml_row(db, entity_id)
    return service_provider_of(db, system, row) if row is not None else None


def service_provider_with_id(db: Session, system: System, service_id: int) -> ServiceProvider | None:
    """Return a SAML service by the id of its row, disabled or not."""
    row = store.saml_row_by_id(db, service_id)
    return service_provider_of(db, system, row) if row is not None else None


def service_provider_of(db: Session, system: System, row: AnyRow) -> ServiceProvider:
    """Read the columns of :data:`idp.store.saml_services.SAML_COLUMNS`; the rest is in memory, by ``metadata_version``."""
    known = _kept.setdefault(system.database, {})
    found = known.get(row.service_id)
    if found is None or found[0] != row.metadata_version:
        read = read_registration(store.saml_registration(db, row.service_id))
        if len(known) >= _AT_MOST:
            known.clear()
        found = known[row.service_id] = (row.metadata_version, *read)
    _, options, metadata = found
    return ServiceProvider(
        service_id=row.service_id,
        entity_id=row.identifier,
        name_da=row.name_da,
        name_en=row.name_en,
        sector=row.sector,
        options=options,
        metadata=metadata,
        metadata_version=row.metadata_version,
        metadata_valid_until=row.metadata_valid_until,
        signing_kid=row.signing_kid,
        disabled=row.disabled_at is not None,
        requires_licence=row.requires_licence,
        missing_licence_url=row.missing_licence_url,
        least_assurance=row.least_assurance,
        accepts_adult_as_two=row.accepts_adult_as_two,
    )
