"""What stands on record and is read by people: about one person, and at one institution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from idp.store.affiliations import Affiliation
from idp.store.audit import AuditEvent
from idp.store.institutions import Institution
from idp.store.rights import GrantedRight, has_not_left
from idp.store.services import Service
from policies.vocabulary import ActorGroup

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


def events_about(
    db: Session, person_id: int, names: Collection[str], *, before: int | None, at_most: int
) -> Sequence[AnyRow]:
    """Return some kinds of events about a person, the newest first, with ``institution``, ``name_da`` and ``name_en``.

    ``before``: only those with a smaller id. Never with personal text.
    """
    query = _events().where(AuditEvent.subject_id == person_id, AuditEvent.event.in_(names))
    if before is not None:
        query = query.where(AuditEvent.id < before)
    return db.execute(query.order_by(AuditEvent.id.desc()).limit(at_most)).all()


def events_at(
    db: Session, institution_id: int, names: Collection[str], *, since: datetime, before: int | None, at_most: int
) -> Sequence[AnyRow]:
    """Return some kinds of events that somebody of an institution brought about since then, the newest first.

    ``before``: only those with a smaller id.
    """
    query = _events().where(
        AuditEvent.at >= since, AuditEvent.institution_id == institution_id, AuditEvent.event.in_(names)
    )
    if before is not None:
        query = query.where(AuditEvent.id < before)
    return db.execute(query.order_by(AuditEvent.id.desc()).limit(at_most)).all()


def staff_among(db: Session, person_ids: Collection[int], institution_ids: Collection[int]) -> Sequence[AnyRow]:
    """Return ``person_id`` and ``institution_id`` of those who work, or have worked, at some institutions."""
    query = select(Affiliation.person_id, Affiliation.institution_id).where(
        Affiliation.person_id.in_(person_ids),
        Affiliation.institution_id.in_(institution_ids),
        Affiliation.actor_group.in_((ActorGroup.STAFF.value, ActorGroup.EXTERNAL.value)),
        Affiliation.confirmed_at.is_not(None),
    )
    return db.execute(query.distinct()).all()


def institutions_with(db: Session, person_id: int, rights: Collection[str], now: datetime) -> Sequence[AnyRow]:
    """Return ``id``, ``number`` and ``name`` of the institutions where a person holds one of some rights now."""
    query = (
        select(Institution.id, Institution.number, Institution.name)
        .join(GrantedRight, GrantedRight.institution_id == Institution.id)
        .where(
            GrantedRight.person_id == person_id,
            GrantedRight.right.in_(rights),
            GrantedRight.group_id.is_(None),
            GrantedRight.valid_from <= now,
            (GrantedRight.valid_to.is_(None)) | (GrantedRight.valid_to > now),
            has_not_left(),
            Institution.ended_at.is_(None),
        )
        .distinct()
        .order_by(Institution.name, Institution.number)
    )
    return db.execute(query).all()


def _events() -> Select[*tuple[object, ...]]:
    return (
        select(
            AuditEvent.id,
            AuditEvent.at,
            AuditEvent.event,
            AuditEvent.actor_id,
            AuditEvent.subject_id,
            AuditEvent.institution_id,
            AuditEvent.facts,
            Institution.name.label("institution"),
            Service.name_da,
            Service.name_en,
        )
        .outerjoin(Institution, Institution.id == AuditEvent.institution_id)
        .outerjoin(Service, Service.id == AuditEvent.service_id)
    )
