"""Which pupils are in which group: what Elevadgang is asked for, in one query (:mod:`idp.usecases.reach`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, false, or_, select

from idp.store.affiliations import Affiliation
from idp.store.groups import Membership, SchoolGroup
from idp.store.institutions import Institution
from idp.store.prepared import run
from policies.administration import TIES
from policies.vocabulary import ActorGroup, GroupType

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


_GROUPS = (
    select(
        SchoolGroup.id,
        SchoolGroup.name,
        SchoolGroup.type,
        SchoolGroup.level,
        SchoolGroup.institution_id,
        Institution.name.label("institution"),
        Institution.number,
    )
    .join(Institution, Institution.id == SchoolGroup.institution_id)
    .where(
        SchoolGroup.valid_to.is_(None),
        SchoolGroup.type.in_(sorted(each.value for each in TIES)),
        Institution.ended_at.is_(None),
    )
)
_ONE_GROUP = _GROUPS.where(SchoolGroup.id == bindparam("group"))


def groups_within(db: Session, *, group_ids: Collection[int], institution_ids: Collection[int]) -> Sequence[AnyRow]:
    """Return ``id``, ``name``, ``type``, ``level``, ``institution_id``, ``institution`` and ``number`` of groups, by name.

    Those named in ``group_ids``, and every class, team and after-school group of ``institution_ids``.
    """
    query = _GROUPS.where(*_within(group_ids, institution_ids)).order_by(
        Institution.name, SchoolGroup.type != GroupType.CLASS.value, SchoolGroup.name, SchoolGroup.id
    )
    return db.execute(query).all()


def group_row(db: Session, group_id: int) -> AnyRow | None:
    """Return the same of one group, whoever asks."""
    return run(db, _ONE_GROUP, {"group": group_id}).one_or_none()


def pupils_within(
    db: Session,
    *,
    group_ids: Collection[int],
    institution_ids: Collection[int],
    only: int | None = None,
    person_ids: Collection[int] | None = None,
) -> Sequence[AnyRow]:
    """Return ``person_id``, ``affiliation_id``, ``level``, ``group_id`` and ``institution_id`` of pupils in such groups.

    Only attachments that hold now and that somebody has confirmed (decision 2). ``only`` keeps to one group, ``person_ids``
    to some people.
    """
    query = (
        select(
            Affiliation.person_id,
            Affiliation.id.label("affiliation_id"),
            Affiliation.level,
            Membership.group_id,
            Affiliation.institution_id,
        )
        .join(Membership, Membership.affiliation_id == Affiliation.id)
        .join(SchoolGroup, SchoolGroup.id == Membership.group_id)
        .join(Institution, Institution.id == SchoolGroup.institution_id)
        .where(
            *_within(group_ids, institution_ids),
            Membership.valid_to.is_(None),
            Affiliation.valid_to.is_(None),
            Affiliation.actor_group == ActorGroup.PUPIL.value,
            Affiliation.confirmed_at.is_not(None),
        )
        .order_by(Affiliation.id)
    )
    if only is not None:
        query = query.where(SchoolGroup.id == only)
    if person_ids is not None:
        query = query.where(Affiliation.person_id.in_(person_ids))
    return db.execute(query).all()


def _within(group_ids: Collection[int], institution_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    reached = or_(false(), SchoolGroup.id.in_(group_ids), SchoolGroup.institution_id.in_(institution_ids))
    return (
        reached,
        SchoolGroup.valid_to.is_(None),
        SchoolGroup.type.in_([each.value for each in TIES]),
        Institution.ended_at.is_(None),
    )
