"""Attachments: that a person is a pupil, employee, external or contact at an institution, from when to when."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Index, String, bindparam, exists, select, text, update
from sqlalchemy.orm import Mapped, aliased, mapped_column

from idp.store.base import Base, RowId, Short, reference
from idp.store.groups import Membership, SchoolGroup
from idp.store.institutions import Institution
from idp.store.people import Person
from idp.store.prepared import run
from policies.vocabulary import ActorGroup, GroupType, Level

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from idp.store.base import AnyRow

NOW = text("valid_to IS NULL")


class Affiliation(Base):
    """One person's attachment to one institution through one school record."""

    __tablename__ = "affiliation"
    __table_args__ = (
        Index("uq_affiliation_current", "record_id", unique=True, sqlite_where=NOW, postgresql_where=NOW),
        Index("ix_affiliation_person_current", "person_id", sqlite_where=NOW, postgresql_where=NOW),
        Index("ix_affiliation_institution_current", "institution_id", "actor_group",
              sqlite_where=NOW, postgresql_where=NOW),
    )  # fmt: skip

    id: Mapped[RowId]
    person_id: Mapped[int] = reference("person")
    record_id: Mapped[int] = reference("school_record")
    institution_id: Mapped[int] = reference("institution")
    actor_group: Mapped[ActorGroup] = mapped_column(String(16))
    level: Mapped[Level | None] = mapped_column(String(8))
    """``trin``, pupils only."""
    roles: Mapped[list[str]]
    """Values of :class:`policies.vocabulary.Role`; a contact has none here (see ``contact``)."""
    confirmed_at: Mapped[datetime | None]
    """Set when this institution may have power over codes: the first one at once, a later one when confirmed (decision 2)."""
    confirmed_how: Mapped[Short | None]
    """``first``, ``primary`` (the primary institution agreed), ``person`` (the person agreed) or ``operator``."""
    confirmed_by: Mapped[int | None] = reference("person")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


_AT_WORK = (ActorGroup.STAFF.value, ActorGroup.EXTERNAL.value)
_work = aliased(Affiliation)

_ATTACHMENTS = (
    select(
        Person.uniid,
        Person.language,
        Person.primary_institution_id,
        Affiliation.id,
        Affiliation.institution_id,
        Affiliation.actor_group,
        Affiliation.level,
        Affiliation.confirmed_at,
    )
    .outerjoin(
        Affiliation,
        (Affiliation.person_id == Person.id)
        & Affiliation.valid_to.is_(None)
        & exists().where(Institution.id == Affiliation.institution_id, Institution.ended_at.is_(None)),
    )
    .where(Person.id == bindparam("person"))
    .order_by(Affiliation.id)
)


def attachments_now(db: Session, person_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the account and its attachments that hold now, one row each; ids are None for an account without any.

    An attachment holds as long as its institution does.
    """
    return run(db, _ATTACHMENTS, {"person": person_id}).all()


_TIED = (
    select(Membership.affiliation_id, Membership.group_id)
    .join(SchoolGroup, SchoolGroup.id == Membership.group_id)
    .join(Affiliation, Affiliation.id == Membership.affiliation_id)
    .where(
        Affiliation.person_id == bindparam("person"),
        Membership.valid_to.is_(None),
        SchoolGroup.valid_to.is_(None),
        SchoolGroup.type.in_(bindparam("types", expanding=True)),
    )
    .subquery()
)
_WITH_GROUPS = (
    select(
        Affiliation.id,
        Affiliation.institution_id,
        Institution.number.label("institution"),
        Affiliation.actor_group,
        Affiliation.roles,
        Affiliation.confirmed_at,
        _TIED.c.group_id,
    )
    .join(Institution, Institution.id == Affiliation.institution_id)
    .outerjoin(_TIED, _TIED.c.affiliation_id == Affiliation.id)
    .where(Affiliation.person_id == bindparam("person"), Affiliation.valid_to.is_(None))
    .order_by(Affiliation.id)
)


def attachments_with_groups(db: Session, person_id: int, types: Collection[GroupType]) -> Sequence[AnyRow]:
    """Return a person's attachments that hold now with their groups of some types, one row per group (at least one each)."""
    return run(db, _WITH_GROUPS, {"person": person_id, "types": sorted(each.value for each in types)}).all()


def works_at_a_school(person_id: InstrumentedAttribute[int], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that the person of a column works at a school now, whoever has confirmed it."""
    works = select(_work.id).where(
        _work.person_id == person_id, _work.valid_to.is_(None), _work.actor_group.in_(_AT_WORK)
    )
    return works.where(*conditions).exists()


def confirmed_to_work(person_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition that the person of a column works at a school now, and somebody has confirmed it."""
    return works_at_a_school(person_id, _work.confirmed_at.is_not(None))


def working_among(db: Session, person_ids: Collection[int]) -> Sequence[int]:
    """Return those of some people who work at a school now, whoever has confirmed it."""
    return db.execute(select(Person.id).where(Person.id.in_(person_ids), works_at_a_school(Person.id))).scalars().all()


def attachments_with_institutions(db: Session, person_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return a person's attachments that hold now: ``institution`` (number), ``actor_group``, ``primary``, ``confirmed_at``."""
    return db.execute(
        select(
            Institution.number.label("institution"),
            Affiliation.actor_group,
            (Person.primary_institution_id == Institution.id).label("primary"),
            Affiliation.confirmed_at,
        )
        .join(Institution, Institution.id == Affiliation.institution_id)
        .join(Person, Person.id == Affiliation.person_id)
        .where(Affiliation.person_id == person_id, Affiliation.valid_to.is_(None))
        .order_by(Affiliation.id)
    ).all()


def confirm_attachments(
    db: Session, person_id: int, institution_id: int, *, at: datetime, how: str, confirmed_by: int | None
) -> int:
    """Confirm the attachments that hold now and wait for it, and say how many there were."""
    confirmed = db.execute(
        update(Affiliation)
        .where(
            Affiliation.person_id == person_id,
            Affiliation.institution_id == institution_id,
            Affiliation.valid_to.is_(None),
            Affiliation.confirmed_at.is_(None),
        )
        .values(confirmed_at=at, confirmed_how=how, confirmed_by=confirmed_by)
        .returning(Affiliation.id)
    )
    return len(confirmed.scalars().all())


def move_primary(db: Session, person_id: int, institution_id: int) -> bool:
    """Make an institution a person's primary one if the one that is has no attachment of theirs now; say if it did."""
    at_home = (
        select(Affiliation.id)
        .where(
            Affiliation.person_id == Person.id,
            Affiliation.institution_id == Person.primary_institution_id,
            Affiliation.valid_to.is_(None),
        )
        .exists()
    )
    moved = db.execute(
        update(Person)
        .where(Person.id == person_id, ~at_home)
        .values(primary_institution_id=institution_id)
        .returning(Person.id)
        .execution_options(synchronize_session=False)
    )
    return moved.scalar_one_or_none() is not None


_SETTINGS = (
    select(Institution.settings)
    .join(Affiliation, Affiliation.institution_id == Institution.id)
    .where(Affiliation.id == bindparam("affiliation"), Institution.ended_at.is_(None))
)


def settings_where_attached(session: Session, affiliation_id: int) -> dict[str, Any] | None:
    """Return what the institution of an attachment sets itself; None when it has ended."""
    return session.execute(_SETTINGS, {"affiliation": affiliation_id}).scalar_one_or_none()
