"""Finding a SAML service by its entityID, without the part of it that every process keeps in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from idp.store.prepared import run
from idp.store.services import Service
from policies.vocabulary import Protocol

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow

SAML_COLUMNS = (
    Service.id.label("service_id"),
    Service.identifier,
    Service.name_da,
    Service.name_en,
    Service.sector,
    Service.metadata_version,
    Service.metadata_valid_until,
    Service.signing_kid,
    Service.disabled_at,
    Service.requires_licence,
    Service.missing_licence_url,
    Service.least_assurance,
    Service.accepts_adult_as_two,
)
"""What changes without ``metadata_version`` being raised, and what finds the rest in memory."""

_SERVICE = select(*SAML_COLUMNS).where(
    Service.identifier == bindparam("identifier"), Service.protocol == Protocol.SAML.value
)
_BY_ID = select(*SAML_COLUMNS).where(Service.id == bindparam("service"), Service.protocol == Protocol.SAML.value)
_REGISTRATION = select(Service.registration).where(Service.id == bindparam("service"))


def saml_row(session: Session, entity_id: str) -> AnyRow | None:
    """Return a SAML service, disabled or not."""
    return run(session, _SERVICE, {"identifier": entity_id}).one_or_none()


def saml_row_by_id(session: Session, service_id: int) -> AnyRow | None:
    """Return the same by the id of its row."""
    return run(session, _BY_ID, {"service": service_id}).one_or_none()


def saml_registration(session: Session, service_id: int) -> dict[str, Any]:
    """Return the options and the metadata of a service as they are kept."""
    kept: dict[str, Any] = run(session, _REGISTRATION, {"service": service_id}).scalar_one()
    return kept
