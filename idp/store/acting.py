"""What the page needs on which a person chooses as whom to act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from idp.store.affiliations import Affiliation
from idp.store.credentials import KnownDevice
from idp.store.groups import Membership, SchoolGroup
from idp.store.institutions import Institution
from policies.vocabulary import GroupType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


def offered_attachments(db: Session, ids: Sequence[int]) -> Sequence[AnyRow]:
    """Return ``id``, ``actor_group``, ``level``, ``roles``, ``confirmed_at`` and ``institution`` (its name)."""
    return db.execute(
        select(
            Affiliation.id,
            Affiliation.actor_group,
            Affiliation.level,
            Affiliation.roles,
            Affiliation.confirmed_at,
            Institution.name.label("institution"),
        )
        .join(Institution, Institution.id == Affiliation.institution_id)
        .where(Affiliation.id.in_(ids), Affiliation.valid_to.is_(None))
    ).all()


def classes_of(db: Session, ids: Sequence[int]) -> Sequence[AnyRow]:
    """Return ``affiliation_id`` and ``name`` of each class that the attachments have now, by name."""
    return db.execute(
        select(Membership.affiliation_id, SchoolGroup.name)
        .join(SchoolGroup, SchoolGroup.id == Membership.group_id)
        .where(
            Membership.affiliation_id.in_(ids),
            Membership.valid_to.is_(None),
            SchoolGroup.valid_to.is_(None),
            SchoolGroup.type == GroupType.CLASS,
        )
        .order_by(SchoolGroup.name)
    ).all()


def last_acting(db: Session, device_id: int) -> int | None:
    """Return the attachment that was chosen the last time on a known device."""
    return db.execute(select(KnownDevice.last_acting_id).where(KnownDevice.id == device_id)).scalar_one_or_none()


def note_acting(db: Session, device_id: int, affiliation_id: int) -> None:
    """Write what was chosen on a known device."""
    db.execute(update(KnownDevice).where(KnownDevice.id == device_id).values(last_acting_id=affiliation_id))
