"""Who stands in for whom, and who could: rights of one class (table in :mod:`idp.store.rights`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select, update

from idp.store.affiliations import Affiliation
from idp.store.credentials import EnrolledFactor
from idp.store.login_sessions import LoginSession, SessionFactor
from idp.store.people import Person
from idp.store.rights import GrantedRight
from policies.vocabulary import ActorGroup, Factor, Right

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


def substitutes_of(db: Session, group_id: int, since: datetime) -> Sequence[AnyRow]:
    """Return ``id``, ``person_id``, ``granted_by``, ``valid_from`` and ``valid_to`` of rights that held since then, or do."""
    return db.execute(
        select(
            GrantedRight.id,
            GrantedRight.person_id,
            GrantedRight.granted_by,
            GrantedRight.valid_from,
            GrantedRight.valid_to,
        )
        .where(
            GrantedRight.group_id == group_id,
            GrantedRight.right == Right.SUBSTITUTE.value,
            GrantedRight.valid_to > since,
        )
        .order_by(GrantedRight.id)
    ).all()


def staff_with_two_factors(db: Session, institution_id: int) -> Sequence[AnyRow]:
    """Return each ``person_id`` that works at an institution now and may log in, and ``two``: whether there is a second factor.

    One that is enrolled, or a login on record through a provider that gave two.
    """
    enrolled = exists().where(
        EnrolledFactor.person_id == Affiliation.person_id,
        EnrolledFactor.ended_at.is_(None),
        EnrolledFactor.factor != Factor.RECOVERY_CODE.value,
    )
    vouched = (
        select(SessionFactor.id)
        .join(LoginSession, LoginSession.id == SessionFactor.session_id)
        .where(
            LoginSession.person_id == Affiliation.person_id,
            SessionFactor.factor == Factor.UPSTREAM_TWO.value,
        )
        .exists()
    )
    return db.execute(
        select(Affiliation.person_id, (enrolled | vouched).label("two"))
        .join(Person, Person.id == Affiliation.person_id)
        .where(
            Affiliation.institution_id == institution_id,
            Affiliation.actor_group == ActorGroup.STAFF.value,
            Affiliation.valid_to.is_(None),
            Affiliation.confirmed_at.is_not(None),
            Person.blocked_at.is_(None),
            Person.ended_at.is_(None),
        )
        .distinct()
    ).all()


def end_substitute(db: Session, right_id: int, group_id: int, now: datetime) -> int | None:
    """End a right of a class before its time, and return whose it was; None when it is over already, or another class's."""
    return db.execute(
        update(GrantedRight)
        .where(
            GrantedRight.id == right_id,
            GrantedRight.group_id == group_id,
            GrantedRight.right == Right.SUBSTITUTE.value,
            GrantedRight.valid_to > now,
        )
        .values(valid_to=now)
        .returning(GrantedRight.person_id)
    ).scalar_one_or_none()
