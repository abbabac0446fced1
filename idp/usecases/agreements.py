"""What institutions let services know: agree, refuse, list (Tilslutning, ``dataadgang``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.audit import AuditEvent
from idp.store import agreements as store
from idp.store.institutions import find_institution
from policies.vocabulary import AgreementStatus, ReleasePackage

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.usecases.system import System


@dataclass(frozen=True)
class ListedAgreement:
    """An agreement as it is listed; ``institution`` is None where the operator agreed on behalf of every institution."""

    id: int
    service: str
    institution: str | None
    package: str
    status: str
    valid_from: datetime | None


def approve(
    db: Session,
    system: System,
    *,
    service_id: int,
    institution_id: int | None,
    package: ReleasePackage,
    decided_by: int | None = None,
) -> int:
    """Agree that a service receives a package about an institution's people; return the agreement's id.

    An institution's own answer comes before the operator's (``institution_id`` None). It replaces the one before.
    """
    return _decide(db, system, service_id, institution_id, package, AgreementStatus.APPROVED, decided_by)


def refuse(
    db: Session, system: System, *, service_id: int, institution_id: int | None, decided_by: int | None = None
) -> int:
    """Refuse a service everything, whatever the operator agreed to on behalf of all; return the answer's id."""
    return _decide(db, system, service_id, institution_id, ReleasePackage.SMALL, AgreementStatus.REFUSED, decided_by)


def agreements(db: Session) -> tuple[ListedAgreement, ...]:
    """Return the agreements that have not ended, oldest first."""
    return tuple(
        ListedAgreement(
            id=row.id,
            service=row.identifier,
            institution=row.institution_number,
            package=ReleasePackage(row.package).value,
            status=AgreementStatus(row.status).value,
            valid_from=row.valid_from,
        )
        for row in store.agreement_rows(db)
    )


def institution_id_of(db: Session, number: str) -> int | None:
    """Return the id of the institution with this number."""
    found = find_institution(db, number)
    return found.id if found is not None else None


def _decide(
    db: Session,
    system: System,
    service_id: int,
    institution_id: int | None,
    package: ReleasePackage,
    status: AgreementStatus,
    decided_by: int | None,
) -> int:
    now = system.now()
    store.end_agreements(db, service_id, institution_id, now)
    agreement_id = store.insert_agreement(
        db,
        {
            "service_id": service_id,
            "institution_id": institution_id,
            "package": package,
            "status": status,
            "requested_at": now,
            "decided_at": now,
            "decided_by": decided_by,
            "valid_from": now,
        },
    )
    system.record(
        db,
        AuditEvent.AGREEMENT_DECIDED,
        actor_id=decided_by,
        institution_id=institution_id,
        service_id=service_id,
        facts={"status": status.value, "package": package.value, "agreement": agreement_id},
    )
    return agreement_id
