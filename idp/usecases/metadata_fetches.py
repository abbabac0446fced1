"""Which of our keys each service has read, so that a rollover waits for nobody in vain, and which key each is signed for with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.audit import AuditEvent
from idp.store import metadata_sources as store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.usecases.saml_keys import PublishedCertificate
    from idp.usecases.system import System


@dataclass(frozen=True, kw_only=True)
class Rollover:
    """How far one service is. ``read`` maps each of our published keys to when the service first read it, None for not yet."""

    service_id: int
    entity_id: str
    signed_with: str | None
    """The key that it is held at; None for the current one."""
    read: dict[str, datetime | None]


def note(db: Session, system: System, service_id: int, kids: Sequence[str]) -> bool:
    """Remember that a service has read these keys; False when there is no such service."""
    return store.note_fetches(db, service_id, kids, system.now())


def rollover(db: Session, published: Sequence[PublishedCertificate]) -> tuple[Rollover, ...]:
    """Return how far each SAML service is with the keys that we publish now, by entityID."""
    fetched = store.fetches(db)
    return tuple(
        Rollover(
            service_id=row.id,
            entity_id=row.identifier,
            signed_with=row.signing_kid,
            read={one.kid: fetched.get((row.id, one.kid)) for one in published},
        )
        for row in store.signed_services(db)
    )


def sign_with(db: Session, system: System, entity_id: str, kid: str | None) -> bool:
    """Hold a service at one of our keys, or with None let it follow the current one; False when there is no such service.

    It holds from the next login on, and back again as soon.
    """
    service_id = store.hold_at_key(db, entity_id, kid)
    if service_id is None:
        return False
    system.record(db, AuditEvent.SERVICE_CHANGED, service_id=service_id, facts={"signed_with": kid})
    return True
