"""Devices without a browser that wait for a person to allow them in another one (RFC 8628)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, Text, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, RowId, reference
from idp.store.prepared import run, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


class DeviceAuthorization(Base):
    """One device's request: what it asked, how often it may ask again, and what a person decided."""

    __tablename__ = "device_authorization"

    id: Mapped[RowId]
    service_id: Mapped[int] = reference("service")
    device_code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_code_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """HMAC of the code that a person types; it is short, so a plain digest would tell it."""
    scope: Mapped[str] = mapped_column(Text)
    claims_request: Mapped[dict[str, Any]]
    acr_values: Mapped[str | None] = mapped_column(Text)
    """The levels that were asked for and are known, as the service wrote them."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    last_polled_at: Mapped[datetime | None]
    interval_seconds: Mapped[int]
    decided_at: Mapped[datetime | None]
    allowed: Mapped[bool | None]
    session_id: Mapped[int | None] = reference("login_session")
    """The login in which it was decided, and whose."""
    person_id: Mapped[int | None] = reference("person")
    grant_id: Mapped[int | None] = reference("oauth_grant")
    used_at: Mapped[datetime | None]


_COLUMNS = tuple(DeviceAuthorization.__table__.columns)
_OF_DEVICE = select(*_COLUMNS).where(DeviceAuthorization.device_code_digest == bindparam("device_code"))
_OF_ID = select(*_COLUMNS).where(DeviceAuthorization.id == bindparam("authorization")).with_for_update()
_OF_USER = select(*_COLUMNS).where(DeviceAuthorization.user_code_digest == bindparam("user_code"))
_INSERT = insert(table(DeviceAuthorization)).returning(DeviceAuthorization.id)

_POLLED = (
    update(table(DeviceAuthorization))
    .where(DeviceAuthorization.id == bindparam("authorization"))
    .values(last_polled_at=bindparam("now"), interval_seconds=bindparam("interval"))
)

_DECIDE = (
    update(table(DeviceAuthorization))
    .where(
        DeviceAuthorization.id == bindparam("authorization"),
        DeviceAuthorization.decided_at.is_(None),
        DeviceAuthorization.expires_at > bindparam("now"),
    )
    .values(
        decided_at=bindparam("now"),
        allowed=bindparam("yes"),
        session_id=bindparam("session"),
        person_id=bindparam("person"),
        grant_id=bindparam("grant"),
    )
    .returning(DeviceAuthorization.id)
)

_USE = (
    update(table(DeviceAuthorization))
    .where(DeviceAuthorization.id == bindparam("authorization"), DeviceAuthorization.used_at.is_(None))
    .values(used_at=bindparam("now"))
    .returning(DeviceAuthorization.id)
)


def insert_device(db: Session, values: dict[str, Any]) -> int:
    """Write a device's request and return its id."""
    made: int = run(db, _INSERT, values).scalar_one()
    return made


def row_of_device_code(db: Session, digest: bytes) -> AnyRow | None:
    """Return the request with this device code, whatever has become of it."""
    return run(db, _OF_DEVICE, {"device_code": digest}).one_or_none()


def row_of_user_code(db: Session, digest: bytes) -> AnyRow | None:
    """Return the request with this user code, whatever has become of it."""
    return run(db, _OF_USER, {"user_code": digest}).one_or_none()


def row_of_id(db: Session, authorization_id: int) -> AnyRow | None:
    """Return one request and hold it until the unit of work ends."""
    return run(db, _OF_ID, {"authorization": authorization_id}).one_or_none()


def polled(db: Session, authorization_id: int, now: datetime, interval_seconds: int) -> None:
    """Write that the device asked, and how long it must wait before it asks again."""
    run(db, _POLLED, {"authorization": authorization_id, "now": now, "interval": interval_seconds})


def decide(
    db: Session,
    authorization_id: int,
    now: datetime,
    *,
    allowed: bool,
    session_id: int | None,
    person_id: int | None,
    grant_id: int | None = None,
) -> bool:
    """Write what a person decided, once; False when it was decided already, or too late."""
    values = {
        "authorization": authorization_id,
        "now": now,
        "yes": allowed,
        "session": session_id,
        "person": person_id,
        "grant": grant_id,
    }
    return run(db, _DECIDE, values).scalar_one_or_none() is not None


def use_device(db: Session, authorization_id: int, now: datetime) -> bool:
    """Mark the device code as used; False when somebody was quicker."""
    return run(db, _USE, {"authorization": authorization_id, "now": now}).scalar_one_or_none() is not None
