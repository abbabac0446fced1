"""Licences: institution, service, optionally a group or an actor group, and dates (decision 12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.audit import AuditEvent
from idp.store import agreements as store
from policies.vocabulary import ActorGroup

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from idp.usecases.system import System


@dataclass(frozen=True)
class ListedLicence:
    """A licence as it is listed."""

    id: int
    service: str
    institution: str
    actor_group: str | None
    group_id: int | None
    starts_on: date | None
    ends_on: date | None


def grant(
    db: Session,
    system: System,
    *,
    service_id: int,
    institution_id: int,
    actor_group: ActorGroup | None = None,
    group_id: int | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> int:
    """Give an institution a licence for a service; both dates belong to it. Returns its id."""
    licence_id = store.insert_licence(
        db,
        {
            "service_id": service_id,
            "institution_id": institution_id,
            "actor_group": actor_group,
            "group_id": group_id,
            "starts_on": starts_on,
            "ends_on": ends_on,
            "created_at": system.now(),
        },
    )
    system.record(
        db,
        AuditEvent.LICENCE_GRANTED,
        institution_id=institution_id,
        service_id=service_id,
        facts={"licence": licence_id},
    )
    return licence_id


def end(db: Session, system: System, licence_id: int) -> bool:
    """End a licence; False when it had ended already."""
    return store.end_licence(db, licence_id, system.now())


def licences(db: Session) -> tuple[ListedLicence, ...]:
    """Return the licences that have not ended, oldest first."""
    return tuple(
        ListedLicence(
            id=row.id,
            service=row.identifier,
            institution=row.institution_number,
            actor_group=ActorGroup(row.actor_group).value if row.actor_group else None,
            group_id=row.group_id,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
        )
        for row in store.licence_rows(db)
    )
