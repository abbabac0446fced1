"""Queries over activation windows and known devices (tables in :mod:`idp.store.credentials`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from idp.store.credentials import ActivationWindow, KnownDevice
from idp.store.prepared import run, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

_COLUMNS = (
    ActivationWindow.id,
    ActivationWindow.person_id,
    ActivationWindow.sign,
    ActivationWindow.purpose,
    ActivationWindow.claimed_by,
    ActivationWindow.claimed_at,
    ActivationWindow.opened_by,
    ActivationWindow.institution_id,
)


_OPEN = (
    select(*_COLUMNS)
    .where(
        ActivationWindow.person_id == bindparam("person"),
        ActivationWindow.closed_at.is_(None),
        ActivationWindow.expires_at > bindparam("now"),
    )
    .order_by(ActivationWindow.id.desc())
    .limit(1)
)

_DEVICE = (
    select(KnownDevice.id, KnownDevice.cookie_digest, KnownDevice.first_seen_at)
    .where(
        KnownDevice.person_id == bindparam("person"),
        KnownDevice.cookie_digest.in_(bindparam("digests", expanding=True)),
        KnownDevice.forgotten_at.is_(None),
    )
    .order_by(KnownDevice.id)
    .limit(1)
)
_NEW_DEVICE = insert(table(KnownDevice)).returning(KnownDevice.id)
_TOUCH_DEVICE = update(table(KnownDevice)).where(KnownDevice.id == bindparam("device"))
_IN_NETWORK = select(func.count().label("people")).select_from(
    select(KnownDevice.person_id)
    .where(KnownDevice.network == bindparam("network"), KnownDevice.last_seen_at >= bindparam("since"))
    .distinct()
    .limit(bindparam("at_most"))
    .subquery()
)


def insert_window(db: Session, values: dict[str, Any]) -> int:
    """Write a window and return its id."""
    return db.execute(insert(ActivationWindow).returning(ActivationWindow.id), values).scalar_one()


def close_windows_of(db: Session, person_id: int, now: datetime, why: str) -> Sequence[int]:
    """Close every window of a person that is not closed and return their ids."""
    closed = db.execute(
        update(ActivationWindow)
        .where(ActivationWindow.person_id == person_id, ActivationWindow.closed_at.is_(None))
        .values(closed_at=now, closed_why=why)
        .returning(ActivationWindow.id)
    )
    return closed.scalars().all()


def open_window_of(db: Session, person_id: int, now: datetime) -> Row[*tuple[Any, ...]] | None:
    """Return the window of a person that is open now, claimed or not."""
    return run(db, _OPEN, {"person": person_id, "now": now}).one_or_none()


def window_purpose(db: Session, window_id: int) -> str:
    """Return what a window is or was for."""
    return db.execute(select(ActivationWindow.purpose).where(ActivationWindow.id == window_id)).scalar_one()


def claim_window(db: Session, window_id: int, claimed_by: bytes, now: datetime, until: datetime) -> bool:
    """Claim an open window for a browser, if nobody has; one statement, so there is one winner."""
    claimed = db.execute(
        update(ActivationWindow)
        .where(
            ActivationWindow.id == window_id,
            ActivationWindow.claimed_by.is_(None),
            ActivationWindow.closed_at.is_(None),
            ActivationWindow.expires_at > now,
        )
        .values(claimed_by=claimed_by, claimed_at=now, expires_at=until)
        .returning(ActivationWindow.id)
    )
    return claimed.scalar_one_or_none() is not None


def reclaim_window(db: Session, window_id: int, claimed_by: bytes, again_by: bytes) -> bool:
    """Hand a claimed window over to a new secret; False when somebody was faster."""
    claimed = db.execute(
        update(ActivationWindow)
        .where(
            ActivationWindow.id == window_id,
            ActivationWindow.claimed_by == claimed_by,
            ActivationWindow.closed_at.is_(None),
        )
        .values(claimed_by=again_by)
        .returning(ActivationWindow.id)
    )
    return claimed.scalar_one_or_none() is not None


def close_unclaimed(db: Session, window_id: int, now: datetime, why: str) -> bool:
    """Close a window that nobody has claimed; False when somebody was faster."""
    closed = db.execute(
        update(ActivationWindow)
        .where(
            ActivationWindow.id == window_id,
            ActivationWindow.claimed_by.is_(None),
            ActivationWindow.closed_at.is_(None),
        )
        .values(closed_at=now, closed_why=why)
        .returning(ActivationWindow.id)
    )
    return closed.scalar_one_or_none() is not None


def note_second_browser(db: Session, window_id: int, now: datetime) -> None:
    """Remember that another browser gave the right sign too; the opener is told."""
    db.execute(update(ActivationWindow).where(ActivationWindow.id == window_id).values(second_browser_at=now))


def burn_window(db: Session, window_id: int, claimed_by: bytes, now: datetime) -> bool:
    """Use a claimed window up; False when it was used or closed already."""
    burned = db.execute(
        update(ActivationWindow)
        .where(
            ActivationWindow.id == window_id,
            ActivationWindow.claimed_by == claimed_by,
            ActivationWindow.closed_at.is_(None),
            ActivationWindow.expires_at > now,
        )
        .values(closed_at=now, closed_why="done")
        .returning(ActivationWindow.id)
    )
    return burned.scalar_one_or_none() is not None


def find_device(db: Session, person_id: int, digests: Sequence[bytes]) -> Row[*tuple[Any, ...]] | None:
    """Return ``id``, ``cookie_digest`` and ``first_seen_at`` of the device that one of the cookies names, for this person."""
    return run(db, _DEVICE, {"person": person_id, "digests": digests}).one_or_none()


def insert_device(db: Session, person_id: int, digest: bytes, network: bytes, now: datetime) -> int:
    """Remember a device of a person and return its id."""
    values = {
        "person_id": person_id,
        "cookie_digest": digest,
        "network": network,
        "first_seen_at": now,
        "last_seen_at": now,
    }
    device_id: int = run(db, _NEW_DEVICE, values).scalar_one()
    return device_id


def touch_device(db: Session, device_id: int, network: bytes, now: datetime) -> None:
    """Write when and in which network a device was last used."""
    run(db, _TOUCH_DEVICE, {"device": device_id, "network": network, "last_seen_at": now})


def people_in_network(db: Session, network: bytes, since: datetime, *, at_most: int) -> int:
    """Count the people who have logged in from a network since ``since``; it stops at ``at_most``."""
    counted: int = run(db, _IN_NETWORK, {"network": network, "since": since, "at_most": at_most}).scalar_one()
    return counted
