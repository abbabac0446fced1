"""Learning services and those who answer for them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, String, Text, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line, RowId, Short, reference
from idp.store.prepared import run
from policies.vocabulary import Assurance, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


class Provider(Base):
    """A vendor or authority that answers for services (``udbyder``)."""

    __tablename__ = "provider"

    id: Mapped[RowId]
    name: Mapped[Line] = mapped_column(unique=True)
    contact: Mapped[Line | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Service(Base):
    """A service that people log in at: an OIDC client or a SAML service provider."""

    __tablename__ = "service"

    id: Mapped[RowId]
    provider_id: Mapped[int | None] = reference("provider")
    protocol: Mapped[Protocol] = mapped_column(String(8))
    identifier: Mapped[str] = mapped_column(String(255), unique=True)
    """``client_id`` or ``entityID``."""
    name_da: Mapped[Line]
    name_en: Mapped[Line]
    purpose: Mapped[str | None] = mapped_column(Text)
    registration: Mapped[dict[str, Any]]
    """RFC 7591 client metadata as registered, or the options of a SAML registration."""
    metadata_xml: Mapped[str | None] = mapped_column(Text)
    """The EntityDescriptor of a SAML service, as it was read and its signature checked."""
    metadata_version: Mapped[int] = mapped_column(default=0)
    """Raised whenever ``metadata_xml`` or the options change: every process then reads them anew."""
    metadata_valid_until: Mapped[datetime | None]
    metadata_source_id: Mapped[int | None] = reference("metadata_source")
    """Where it is fetched again; None for what came as a file."""
    signing_kid: Mapped[Short | None]
    """Which of our SAML keys signs for this service; None for the current one (key rollover)."""
    secret_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """HMAC of the client secret; long and random, so no Argon2 (architecture 8)."""
    previous_secret_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """The secret before it, which counts until ``previous_secret_until`` so that a service can change over."""
    previous_secret_until: Mapped[datetime | None]
    registration_token_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """The registration access token of a service that registered itself (RFC 7592)."""
    sector: Mapped[Line]
    """Sector identifier: services that share it see the same pairwise subject (OIDC Core 8.1)."""
    built_in: Mapped[bool] = mapped_column(default=False)
    """Our own administration; it needs no agreement to know who its people are."""
    requires_licence: Mapped[bool] = mapped_column(default=False)
    missing_licence_url: Mapped[str | None] = mapped_column(Text)
    least_assurance: Mapped[Assurance | None] = mapped_column(String(24))
    accepts_adult_as_two: Mapped[bool] = mapped_column(default=False)
    """Whether VoksenVerificeret answers a request for ToFaktor here (decision 9)."""
    registered_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    disabled_why: Mapped[Line | None]


CLIENT_COLUMNS = (
    Service.id.label("service_id"),
    Service.protocol,
    Service.identifier,
    Service.name_da,
    Service.name_en,
    Service.registration,
    Service.secret_digest,
    Service.previous_secret_digest,
    Service.previous_secret_until,
    Service.sector,
    Service.built_in,
    Service.requires_licence,
    Service.missing_licence_url,
    Service.least_assurance,
    Service.disabled_at,
)
"""What a protocol needs to know of a service."""

_CLIENT = select(*CLIENT_COLUMNS).where(Service.identifier == bindparam("identifier"))

_CLIENT_BY_ID = select(*CLIENT_COLUMNS).where(Service.id == bindparam("service"))


def client_row(session: Session, identifier: str) -> AnyRow | None:
    """Return the service of this ``client_id`` or ``entityID``, disabled or not."""
    return run(session, _CLIENT, {"identifier": identifier}).one_or_none()


def client_row_by_id(session: Session, service_id: int) -> AnyRow | None:
    """Return the same by the id of its row."""
    return run(session, _CLIENT_BY_ID, {"service": service_id}).one_or_none()


def service_rows(session: Session) -> Sequence[AnyRow]:
    """Return every service, in the order they were registered."""
    return session.execute(
        select(*CLIENT_COLUMNS, Service.registered_at, Service.metadata_source_id).order_by(Service.id)
    ).all()


def insert_service(session: Session, values: dict[str, Any]) -> int:
    """Write a service and return its id."""
    return session.execute(insert(Service).returning(Service.id), values).scalar_one()


def disable_service(session: Session, service_id: int, now: datetime, why: str) -> bool:
    """Disable a service; False when it was disabled already."""
    disabled = session.execute(
        update(Service)
        .where(Service.id == service_id, Service.disabled_at.is_(None))
        .values(disabled_at=now, disabled_why=why)
        .returning(Service.id)
    ).scalar_one_or_none()
    return disabled is not None


def change_secret(session: Session, service_id: int, digest: bytes, *, previous_until: datetime) -> None:
    """Put another secret in the place of the one there is, which counts until ``previous_until``."""
    session.execute(
        update(Service)
        .where(Service.id == service_id)
        .values(
            secret_digest=digest,
            previous_secret_digest=Service.secret_digest,
            previous_secret_until=previous_until,
        )
    )


def update_service(session: Session, identifier: str, values: dict[str, Any]) -> None:
    """Change the row of one service."""
    session.execute(update(Service).where(Service.identifier == identifier).values(**values))


def renew_saml(session: Session, service_id: int, values: dict[str, Any]) -> None:
    """Change a SAML service, so that every process reads it anew."""
    change = update(Service).where(Service.id == service_id)
    session.execute(change.values(metadata_version=Service.metadata_version + 1, **values))
