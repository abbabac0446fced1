"""What an administrator reads of the people of one institution: everybody's records, classes, and the state of a code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from idp.store.affiliations import Affiliation
from idp.store.audit import AuditEvent
from idp.store.credentials import Code, SchoolCard
from idp.store.groups import Membership, SchoolGroup
from idp.store.people import Person, SchoolRecord, Username
from policies.vocabulary import GroupType

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow

_HERE_NOW = (Affiliation.valid_to.is_(None), Affiliation.confirmed_at.is_not(None))
_RECORD = (
    SchoolRecord.person_id,
    SchoolRecord.institution_id,
    SchoolRecord.first_name,
    SchoolRecord.family_name,
    SchoolRecord.alias_first_name,
    SchoolRecord.alias_family_name,
    SchoolRecord.protected,
    SchoolRecord.birth_date,
)


def people_at(session: Session, institution_id: int, actor_groups: Collection[str]) -> Sequence[AnyRow]:
    """Return the confirmed attachments that hold at an institution: with ``username``, ``blocked_at`` and the person."""
    return session.execute(
        select(
            Affiliation.id.label("affiliation_id"),
            Affiliation.person_id,
            Affiliation.actor_group,
            Affiliation.level,
            Affiliation.roles,
            Person.blocked_at,
            Username.name.label("username"),
        )
        .join(Person, Person.id == Affiliation.person_id)
        .outerjoin(Username, (Username.person_id == Person.id) & Username.valid_to.is_(None))
        .where(Affiliation.institution_id == institution_id, Affiliation.actor_group.in_(actor_groups), *_HERE_NOW)
        .order_by(Affiliation.id)
    ).all()


def unconfirmed_at(session: Session, institution_id: int) -> int:
    """Count the people whose attachment to an institution waits for somebody to confirm it."""
    return session.execute(
        select(func.count(Affiliation.person_id.distinct())).where(
            Affiliation.institution_id == institution_id,
            Affiliation.valid_to.is_(None),
            Affiliation.confirmed_at.is_(None),
        )
    ).scalar_one()


def records_of_people_at(session: Session, institution_id: int, actor_groups: Collection[str]) -> Sequence[AnyRow]:
    """Return every current record, of whatever school, of the same people: protection holds if any of them says so."""
    here = select(Affiliation.person_id).where(
        Affiliation.institution_id == institution_id, Affiliation.actor_group.in_(actor_groups), *_HERE_NOW
    )
    return session.execute(
        select(*_RECORD)
        .where(SchoolRecord.person_id.in_(here), SchoolRecord.valid_to.is_(None))
        .order_by(SchoolRecord.id)
    ).all()


def records_of(session: Session, person_ids: Collection[int]) -> Sequence[AnyRow]:
    """Return every current record of some people."""
    return session.execute(
        select(*_RECORD)
        .where(SchoolRecord.person_id.in_(person_ids), SchoolRecord.valid_to.is_(None))
        .order_by(SchoolRecord.id)
    ).all()


def classes_at(session: Session, institution_id: int) -> Sequence[AnyRow]:
    """Return ``id`` and ``name`` of the classes of an institution, by name."""
    return session.execute(
        select(SchoolGroup.id, SchoolGroup.name)
        .where(
            SchoolGroup.institution_id == institution_id,
            SchoolGroup.type == GroupType.CLASS.value,
            SchoolGroup.valid_to.is_(None),
        )
        .order_by(SchoolGroup.name)
    ).all()


def class_memberships_at(session: Session, institution_id: int) -> Sequence[AnyRow]:
    """Return ``affiliation_id``, ``group_id`` and ``name`` for every current place in a class of an institution."""
    return session.execute(
        select(Membership.affiliation_id, Membership.group_id, SchoolGroup.name)
        .join(SchoolGroup, SchoolGroup.id == Membership.group_id)
        .where(
            SchoolGroup.institution_id == institution_id,
            SchoolGroup.type == GroupType.CLASS.value,
            SchoolGroup.valid_to.is_(None),
            Membership.valid_to.is_(None),
        )
        .order_by(SchoolGroup.name)
    ).all()


def account_of(session: Session, person_id: int) -> AnyRow:
    """Return the account: ``username``, ``blocked_at``, ``blocked_reason``."""
    return session.execute(
        select(Person.blocked_at, Person.blocked_reason, Username.name.label("username"))
        .outerjoin(Username, (Username.person_id == Person.id) & Username.valid_to.is_(None))
        .where(Person.id == person_id)
    ).one()


def attachments_at(session: Session, person_id: int, institution_id: int) -> Sequence[AnyRow]:
    """Return a person's confirmed attachments at one institution."""
    return session.execute(
        select(Affiliation.id, Affiliation.actor_group, Affiliation.level, Affiliation.roles)
        .where(Affiliation.person_id == person_id, Affiliation.institution_id == institution_id, *_HERE_NOW)
        .order_by(Affiliation.id)
    ).all()


def classes_of(session: Session, affiliation_ids: Collection[int]) -> Sequence[AnyRow]:
    """Return ``id`` and ``name`` of the classes of some attachments, by name."""
    return session.execute(
        select(SchoolGroup.id, SchoolGroup.name)
        .join(Membership, Membership.group_id == SchoolGroup.id)
        .where(
            Membership.affiliation_id.in_(affiliation_ids),
            Membership.valid_to.is_(None),
            SchoolGroup.valid_to.is_(None),
            SchoolGroup.type == GroupType.CLASS.value,
        )
        .distinct()
        .order_by(SchoolGroup.name)
    ).all()


def code_of(session: Session, person_id: int) -> AnyRow | None:
    """Return what may be told of the live code, and nothing of the code itself."""
    return session.execute(
        select(Code.shape, Code.stage, Code.self_chosen, Code.issued_at, Code.suspended_at).where(
            Code.person_id == person_id, Code.ended_at.is_(None)
        )
    ).one_or_none()


def card_of(session: Session, person_id: int) -> AnyRow | None:
    """Return ``institution_id``, ``issued_at`` and ``last_used_at`` of the live school card."""
    return session.execute(
        select(SchoolCard.institution_id, SchoolCard.issued_at, SchoolCard.last_used_at).where(
            SchoolCard.person_id == person_id, SchoolCard.revoked_at.is_(None)
        )
    ).one_or_none()


def events_about(session: Session, person_id: int, names: Collection[str], *, at_most: int) -> Sequence[AnyRow]:
    """Return some kinds of events about a person, newest first, without personal text."""
    return session.execute(
        select(
            AuditEvent.id,
            AuditEvent.at,
            AuditEvent.event,
            AuditEvent.actor_id,
            AuditEvent.institution_id,
            AuditEvent.facts,
        )
        .where(AuditEvent.subject_id == person_id, AuditEvent.event.in_(names))
        .order_by(AuditEvent.id.desc())
        .limit(at_most)
    ).all()
