"""Where services' SAML metadata comes from, and which of our keys each service has been seen to read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, BigId, Line, RowId, Short
from idp.store.prepared import driver_of
from idp.store.services import Service
from policies.vocabulary import Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


class MetadataSource(Base):
    """An address that is fetched again and again; what it holds counts only while its signature and its validity do."""

    __tablename__ = "metadata_source"

    id: Mapped[RowId]
    kind: Mapped[str] = mapped_column(String(16))
    """``entity``, ``aggregate`` or ``mdq`` (an address to which an entityID is added)."""
    url: Mapped[str] = mapped_column(Text, unique=True)
    certificates: Mapped[str] = mapped_column(Text)
    """PEM: whose signature counts at this address and at no other."""
    options: Mapped[dict[str, Any]]
    """How services are registered that are found there."""
    content_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    etag: Mapped[Line | None]
    valid_until: Mapped[datetime | None]
    registered_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    refreshed_at: Mapped[datetime | None]
    """When what was fetched last held."""
    fault: Mapped[Line | None]
    """Why the newest try did not; None when it did."""
    ended_at: Mapped[datetime | None]


class MetadataFetch(Base):
    """A service has read a key of ours from the metadata address that is its own."""

    __tablename__ = "metadata_fetch"

    service_id: Mapped[int] = mapped_column(BigId, ForeignKey("service.id"), primary_key=True, autoincrement=False)
    kid: Mapped[Short] = mapped_column(primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


def note_fetches(db: Session, service_id: int, kids: Sequence[str], now: datetime) -> bool:
    """Write that a service has read these keys; False when there is no such SAML service."""
    known = select(Service.id).where(Service.id == service_id, Service.protocol == Protocol.SAML)
    if db.execute(known).first() is None:
        return False
    build = sqlite_insert if driver_of(db).dialect.name == "sqlite" else postgresql_insert
    rows = [{"service_id": service_id, "kid": kid, "first_at": now, "last_at": now} for kid in kids]
    written = build(MetadataFetch).values(rows)
    db.execute(
        written.on_conflict_do_update(index_elements=["service_id", "kid"], set_={"last_at": written.excluded.last_at})
    )
    return True


def fetches(db: Session) -> dict[tuple[int, str], datetime]:
    """Return when each service first read each key."""
    rows = db.execute(select(MetadataFetch.service_id, MetadataFetch.kid, MetadataFetch.first_at))
    return {(row.service_id, row.kid): row.first_at for row in rows}


def signed_services(db: Session) -> Sequence[AnyRow]:
    """Return the SAML services that are not disabled, with the key that each is held at."""
    query = select(Service.id, Service.identifier, Service.signing_kid)
    enabled = query.where(Service.protocol == Protocol.SAML, Service.disabled_at.is_(None))
    return db.execute(enabled.order_by(Service.identifier)).all()


def hold_at_key(db: Session, entity_id: str, kid: str | None) -> int | None:
    """Write which of our keys a SAML service is signed for with; return its id, None when there is no such service."""
    change = update(Service).where(Service.identifier == entity_id, Service.protocol == Protocol.SAML)
    found: int | None = db.execute(change.values(signing_kid=kid).returning(Service.id)).scalar_one_or_none()
    return found


def insert_source(db: Session, values: dict[str, Any]) -> int:
    """Write a source and return its id."""
    made: int = db.execute(insert(MetadataSource).values(**values).returning(MetadataSource.id)).scalar_one()
    return made


def source_at(db: Session, url: str) -> AnyRow | None:
    """Return the source of this address, ended or not."""
    return db.execute(select(MetadataSource.__table__).where(MetadataSource.url == url)).one_or_none()


def sources(db: Session, *, due_before: datetime | None = None) -> Sequence[AnyRow]:
    """Return the sources that have not ended; with ``due_before`` those that were last tried before then, or never."""
    query = select(MetadataSource.__table__).where(MetadataSource.ended_at.is_(None)).order_by(MetadataSource.id)
    if due_before is not None:
        query = query.where(or_(MetadataSource.tried_at.is_(None), MetadataSource.tried_at <= due_before))
    return db.execute(query).all()


def claim_source(db: Session, source_id: int, now: datetime, *, tried_before: datetime) -> bool:
    """Take a source for one try; False when another worker has."""
    change = update(MetadataSource).where(
        MetadataSource.id == source_id,
        or_(MetadataSource.tried_at.is_(None), MetadataSource.tried_at <= tried_before),
    )
    return db.execute(change.values(tried_at=now).returning(MetadataSource.id)).scalar_one_or_none() is not None


def update_source(db: Session, source_id: int, values: dict[str, Any]) -> None:
    """Write how a try went."""
    db.execute(update(MetadataSource).where(MetadataSource.id == source_id).values(**values))


def services_of_source(db: Session, source_id: int) -> Sequence[AnyRow]:
    """Return the services whose metadata comes from a source."""
    query = select(
        Service.id, Service.identifier, Service.registration, Service.metadata_xml, Service.metadata_valid_until
    )
    return db.execute(query.where(Service.metadata_source_id == source_id).order_by(Service.identifier)).all()
