"""What institutions let services know (agreements) and use (licences)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Index, String, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, RowId, reference
from idp.store.institutions import Institution
from idp.store.services import Service
from policies.vocabulary import ActorGroup, AgreementStatus, ReleasePackage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


class Agreement(Base):
    """An institution's answer to a service that asks for data (Tilslutning, ``dataadgang``)."""

    __tablename__ = "agreement"
    __table_args__ = (Index("ix_agreement_service_institution", "service_id", "institution_id"),)

    id: Mapped[RowId]
    service_id: Mapped[int] = reference("service")
    institution_id: Mapped[int | None] = reference("institution")
    """Nobody: the operator agreed on behalf of every institution here."""
    package: Mapped[ReleasePackage] = mapped_column(String(8))
    status: Mapped[AgreementStatus] = mapped_column(String(16))
    comment: Mapped[str | None] = mapped_column(String(1000))
    requested_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = reference("person")
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]


class Licence(Base):
    """institution x service x optional group or actor group x dates (decision 12)."""

    __tablename__ = "licence"
    __table_args__ = (Index("ix_licence_service_institution", "service_id", "institution_id"),)

    id: Mapped[RowId]
    service_id: Mapped[int] = reference("service")
    institution_id: Mapped[int] = reference("institution")
    group_id: Mapped[int | None] = reference("school_group")
    actor_group: Mapped[ActorGroup | None] = mapped_column(String(16))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    granted_by: Mapped[int | None] = reference("person")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


def insert_agreement(db: Session, values: dict[str, Any]) -> int:
    """Write an agreement and return its id."""
    return db.execute(insert(Agreement).returning(Agreement.id), values).scalar_one()


def end_agreements(db: Session, service_id: int, institution_id: int | None, now: datetime) -> None:
    """End what holds between a service and an institution (None: the operator's own answer)."""
    same = Agreement.institution_id.is_(None) if institution_id is None else Agreement.institution_id == institution_id
    db.execute(
        update(Agreement)
        .where(Agreement.service_id == service_id, same, Agreement.valid_to.is_(None))
        .values(valid_to=now)
    )


def agreement_rows(db: Session) -> Sequence[AnyRow]:
    """Return every agreement that has not ended, with ``identifier`` and ``institution_number``, oldest first."""
    return db.execute(
        select(
            Agreement.id,
            Service.identifier,
            Institution.number.label("institution_number"),
            Agreement.package,
            Agreement.status,
            Agreement.valid_from,
        )
        .join(Service, Service.id == Agreement.service_id)
        .outerjoin(Institution, Institution.id == Agreement.institution_id)
        .where(Agreement.valid_to.is_(None))
        .order_by(Agreement.id)
    ).all()


def insert_licence(db: Session, values: dict[str, Any]) -> int:
    """Write a licence and return its id."""
    return db.execute(insert(Licence).returning(Licence.id), values).scalar_one()


def end_licence(db: Session, licence_id: int, now: datetime) -> bool:
    """End a licence; False when it had ended or is none."""
    ended = db.execute(
        update(Licence)
        .where(Licence.id == licence_id, Licence.ended_at.is_(None))
        .values(ended_at=now)
        .returning(Licence.id)
    ).scalar_one_or_none()
    return ended is not None


def licence_rows(db: Session) -> Sequence[AnyRow]:
    """Return every licence that has not ended, with ``identifier`` and ``institution_number``, oldest first."""
    return db.execute(
        select(
            Licence.id,
            Service.identifier,
            Institution.number.label("institution_number"),
            Licence.actor_group,
            Licence.group_id,
            Licence.starts_on,
            Licence.ends_on,
        )
        .join(Service, Service.id == Licence.service_id)
        .join(Institution, Institution.id == Licence.institution_id)
        .where(Licence.ended_at.is_(None))
        .order_by(Licence.id)
    ).all()
