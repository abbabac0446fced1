"""What people allowed services that are not their school's to be told. Rows end, they are not deleted (decision 3)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Text, and_, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.affiliations import Affiliation
from idp.store.base import Base, BigId
from idp.store.people import SchoolRecord
from idp.store.prepared import driver_of, run, table
from idp.store.services import Service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


class Consent(Base):
    """A person's answer to one service; the newest replaces the one before, and the record keeps them all."""

    __tablename__ = "consent"

    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"), primary_key=True, autoincrement=False)
    service_id: Mapped[int] = mapped_column(BigId, ForeignKey("service.id"), primary_key=True, autoincrement=False)
    scope: Mapped[str] = mapped_column(Text)
    claims: Mapped[list[str]]
    given_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


_GIVEN = and_(
    Consent.person_id == bindparam("person"), Consent.service_id == bindparam("service"), Consent.ended_at.is_(None)
)

_FIND = select(Consent.scope, Consent.claims, Consent.given_at).where(_GIVEN)

_END = update(table(Consent)).where(_GIVEN).values(ended_at=bindparam("now")).returning(Consent.service_id)

_RECORDS = (
    select(
        Affiliation.id.label("affiliation_id"),
        Affiliation.actor_group,
        SchoolRecord.first_name,
        SchoolRecord.family_name,
        SchoolRecord.alias_first_name,
        SchoolRecord.alias_family_name,
        SchoolRecord.protected,
        SchoolRecord.birth_date,
    )
    .join(SchoolRecord, SchoolRecord.id == Affiliation.record_id)
    .where(Affiliation.person_id == bindparam("person"), Affiliation.valid_to.is_(None))
    .order_by(Affiliation.id)
)

_OF_PERSON = (
    select(Consent.service_id, Service.name_da, Service.name_en, Consent.claims, Consent.given_at)
    .join(Service, Service.id == Consent.service_id)
    .where(Consent.person_id == bindparam("person"), Consent.ended_at.is_(None))
    .order_by(Consent.given_at.desc(), Consent.service_id.desc())
)


def consent_row(db: Session, *, person_id: int, service_id: int) -> AnyRow | None:
    """Return what a person allows a service now: ``scope``, ``claims`` and ``given_at``."""
    return run(db, _FIND, {"person": person_id, "service": service_id}).one_or_none()


def give(db: Session, *, person_id: int, service_id: int, scope: str, claims: Sequence[str], now: datetime) -> None:
    """Write what a person allows a service from now on, in the place of what was allowed before."""
    build = sqlite_insert if driver_of(db).dialect.name == "sqlite" else postgresql_insert
    new = {"scope": scope, "claims": list(claims), "given_at": now, "ended_at": None}
    db.execute(
        build(table(Consent))
        .values(person_id=person_id, service_id=service_id, **new)
        .on_conflict_do_update(index_elements=["person_id", "service_id"], set_=new)
    )


def end(db: Session, *, person_id: int, service_id: int, now: datetime) -> bool:
    """End a consent; False when there is none."""
    found = run(db, _END, {"person": person_id, "service": service_id, "now": now}).scalar_one_or_none()
    return found is not None


def records_of(db: Session, person_id: int) -> Sequence[AnyRow]:
    """Return the current attachments with what decides who may consent, and to what: the record's names and birth date."""
    return run(db, _RECORDS, {"person": person_id}).all()


def consents_of(db: Session, person_id: int) -> Sequence[AnyRow]:
    """Return what a person allows now, the newest first: ``service_id``, its names, ``claims`` and ``given_at``."""
    return run(db, _OF_PERSON, {"person": person_id}).all()
