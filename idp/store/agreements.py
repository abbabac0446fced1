"""What institutions let services know (agreements) and use (licences)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, RowId, reference
from policies.vocabulary import ActorGroup, AgreementStatus, ReleasePackage


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
