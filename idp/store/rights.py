"""Rights that somebody granted, beside those that an attachment gives by itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.affiliations import Affiliation
from idp.store.base import Base, Line, RowId, reference
from idp.store.institutions import Institution
from idp.store.people import Username
from idp.store.prepared import run
from policies.vocabulary import ActorGroup, Right

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


class GrantedRight(Base):
    """A right of a person, at one institution or (an operator's) everywhere, for one group or all, from when to when."""

    __tablename__ = "granted_right"

    id: Mapped[RowId]
    person_id: Mapped[int] = reference("person", index=True)
    institution_id: Mapped[int | None] = reference("institution", index=True)
    group_id: Mapped[int | None] = reference("school_group")
    """A substitute's class."""
    right: Mapped[Right] = mapped_column(String(32))
    reason: Mapped[Line | None]
    granted_by: Mapped[int | None] = reference("person")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


def has_not_left() -> ColumnElement[bool]:
    """Return the condition on a right that its holder has not stopped working at its institution.

    Whoever never worked there, as the municipality's people, holds it by the grant alone.
    """
    worked = select(Affiliation.id).where(
        Affiliation.person_id == GrantedRight.person_id,
        Affiliation.institution_id == GrantedRight.institution_id,
        Affiliation.actor_group.in_((ActorGroup.STAFF.value, ActorGroup.EXTERNAL.value)),
    )
    return ~worked.exists() | worked.where(Affiliation.valid_to.is_(None)).exists()


_HOLDS_NOW = (
    GrantedRight.person_id == bindparam("person"),
    GrantedRight.valid_from <= bindparam("now"),
    (GrantedRight.valid_to.is_(None)) | (GrantedRight.valid_to > bindparam("now")),
    has_not_left(),
)
_ADMINISTERED = (
    select(Institution.id, Institution.number, Institution.name)
    .join(GrantedRight, GrantedRight.institution_id == Institution.id)
    .where(
        *_HOLDS_NOW,
        GrantedRight.right == Right.USER_ADMINISTRATOR.value,
        GrantedRight.group_id.is_(None),
        Institution.ended_at.is_(None),
    )
    .distinct()
    .order_by(Institution.name, Institution.number)
)
_STOOD_IN = (
    select(GrantedRight.group_id)
    .where(
        *_HOLDS_NOW,
        GrantedRight.right == Right.SUBSTITUTE.value,
        GrantedRight.group_id.is_not(None),
        GrantedRight.valid_to.is_not(None),
    )
    .distinct()
)
_RIGHTS = select(GrantedRight.right).where(*_HOLDS_NOW, GrantedRight.group_id.is_(None)).distinct()


def institutions_administered(db: Session, person_id: int, now: datetime) -> Sequence[str]:
    """Return the numbers of the institutions where the person holds the right of user administrator now."""
    return [row.number for row in administered_institutions(db, person_id, now)]


def administered_institutions(db: Session, person_id: int, now: datetime) -> Sequence[AnyRow]:
    """Return ``id``, ``number`` and ``name`` of the same, by name; institutions that have ended are none."""
    return run(db, _ADMINISTERED, {"person": person_id, "now": now}).all()


def groups_stood_in(db: Session, person_id: int, now: datetime) -> Sequence[int]:
    """Return the ids of the groups that the person stands in for now."""
    return [row.group_id for row in run(db, _STOOD_IN, {"person": person_id, "now": now}).all()]


def rights_now(db: Session, person_id: int, now: datetime) -> Sequence[str]:
    """Return the rights that a person holds now for more than one group, wherever."""
    return [row.right for row in run(db, _RIGHTS, {"person": person_id, "now": now}).all()]


def insert_right(db: Session, values: dict[str, Any]) -> int:
    """Write a right and return its id."""
    return db.execute(insert(GrantedRight).returning(GrantedRight.id), values).scalar_one()


def end_right(db: Session, right_id: int, now: datetime) -> AnyRow | None:
    """End a right and return its ``person_id``, ``institution_id`` and ``right``; None when it had ended or is none."""
    return db.execute(
        update(GrantedRight)
        .where(GrantedRight.id == right_id, (GrantedRight.valid_to.is_(None)) | (GrantedRight.valid_to > now))
        .values(valid_to=now)
        .returning(GrantedRight.person_id, GrantedRight.institution_id, GrantedRight.right)
    ).one_or_none()


def right_rows(db: Session, now: datetime) -> Sequence[AnyRow]:
    """Return every right that holds now, with ``username`` and ``institution_number``, oldest first."""
    return db.execute(
        select(
            GrantedRight.id,
            GrantedRight.right,
            Username.name.label("username"),
            Institution.number.label("institution_number"),
            GrantedRight.valid_from,
            GrantedRight.valid_to,
        )
        .outerjoin(Username, (Username.person_id == GrantedRight.person_id) & Username.valid_to.is_(None))
        .outerjoin(Institution, Institution.id == GrantedRight.institution_id)
        .where(GrantedRight.valid_from <= now, (GrantedRight.valid_to.is_(None)) | (GrantedRight.valid_to > now))
        .order_by(GrantedRight.id)
    ).all()
