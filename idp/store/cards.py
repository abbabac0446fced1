"""Queries over school cards (table in :mod:`idp.store.credentials`), and what is printed on one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from idp.store.affiliations import Affiliation
from idp.store.credentials import SchoolCard
from idp.store.groups import Membership, SchoolGroup
from idp.store.institutions import Institution
from idp.store.people import SchoolRecord, Username
from idp.store.prepared import run, table
from policies.vocabulary import ActorGroup, GroupType

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow

_IS_PUPIL_THERE = (
    select(Affiliation.id)
    .where(
        Affiliation.person_id == SchoolCard.person_id,
        Affiliation.institution_id == SchoolCard.institution_id,
        Affiliation.actor_group == ActorGroup.PUPIL.value,
        Affiliation.confirmed_at.is_not(None),
        Affiliation.valid_to.is_(None),
    )
    .exists()
)

_BY_TOKEN = (
    select(
        SchoolCard.id,
        SchoolCard.person_id,
        SchoolCard.institution_id,
        SchoolCard.revoked_at,
        Institution.settings,
        Username.name.label("username"),
        _IS_PUPIL_THERE.label("is_pupil_there"),
    )
    .join(Institution, Institution.id == SchoolCard.institution_id)
    .outerjoin(Username, (Username.person_id == SchoolCard.person_id) & Username.valid_to.is_(None))
    .where(SchoolCard.token_digest == bindparam("digest"))
)
_IS_LIVE = select(SchoolCard.id).where(SchoolCard.id == bindparam("card"), SchoolCard.revoked_at.is_(None))
_ANY_LIVE = select(SchoolCard.id).where(SchoolCard.revoked_at.is_(None)).limit(1)
_TOUCH = update(table(SchoolCard)).where(SchoolCard.id == bindparam("card"))


def card_with_token(db: Session, digest: bytes) -> AnyRow | None:
    """Return the card with this token, revoked or not, the owner's username and the institution's settings."""
    return run(db, _BY_TOKEN, {"digest": digest}).one_or_none()


def is_live(db: Session, card_id: int) -> bool:
    """Say whether a card has not been revoked."""
    return run(db, _IS_LIVE, {"card": card_id}).scalar_one_or_none() is not None


def any_live(db: Session) -> bool:
    """Say whether there is a live card."""
    return run(db, _ANY_LIVE).scalar_one_or_none() is not None


def touch_card(db: Session, card_id: int, now: datetime) -> None:
    """Write when a card was last used."""
    run(db, _TOUCH, {"card": card_id, "last_used_at": now})


def insert_card(db: Session, values: dict[str, Any]) -> int:
    """Write a card and return its id."""
    return db.execute(insert(SchoolCard).returning(SchoolCard.id), values).scalar_one()


def revoke_cards_of(db: Session, person_id: int, now: datetime, why: str) -> Sequence[AnyRow]:
    """Revoke a person's live card; return ``id`` and ``institution_id`` of each that was live, none or one."""
    return db.execute(
        update(SchoolCard)
        .where(SchoolCard.person_id == person_id, SchoolCard.revoked_at.is_(None))
        .values(revoked_at=now, revoked_why=why)
        .returning(SchoolCard.id, SchoolCard.institution_id)
    ).all()


def live_cards(db: Session, institution_id: int) -> Sequence[AnyRow]:
    """Return an institution's live cards, the oldest first: ``id, person_id, username, issued_at, last_used_at``."""
    return db.execute(
        select(
            SchoolCard.id,
            SchoolCard.person_id,
            Username.name.label("username"),
            SchoolCard.issued_at,
            SchoolCard.last_used_at,
        )
        .outerjoin(Username, (Username.person_id == SchoolCard.person_id) & Username.valid_to.is_(None))
        .where(SchoolCard.institution_id == institution_id, SchoolCard.revoked_at.is_(None))
        .order_by(SchoolCard.issued_at, SchoolCard.id)
    ).all()


def classes_called(db: Session, institution_id: int, called: str) -> Sequence[int]:
    """Return the ids of the classes (Hovedgrupper) with this name or code now; one with the code goes before names."""
    rows = db.execute(
        select(SchoolGroup.id, SchoolGroup.code)
        .where(
            SchoolGroup.institution_id == institution_id,
            SchoolGroup.type == GroupType.CLASS.value,
            (SchoolGroup.name == called) | (SchoolGroup.code == called),
            SchoolGroup.valid_to.is_(None),
        )
        .order_by(SchoolGroup.id)
    ).all()
    return [row.id for row in rows if row.code == called] or [row.id for row in rows]


def pupils_in_class(db: Session, institution_id: int, group_id: int) -> Sequence[int]:
    """Return the ids of the pupils who are in a class (Hovedgruppe) now, by first and family name."""
    rows = db.execute(
        select(Affiliation.person_id)
        .join(Membership, Membership.affiliation_id == Affiliation.id)
        .join(SchoolGroup, SchoolGroup.id == Membership.group_id)
        .join(SchoolRecord, SchoolRecord.id == Affiliation.record_id)
        .where(
            SchoolGroup.id == group_id,
            SchoolGroup.institution_id == institution_id,
            SchoolGroup.type == GroupType.CLASS.value,
            SchoolGroup.valid_to.is_(None),
            Membership.valid_to.is_(None),
            Affiliation.actor_group == ActorGroup.PUPIL.value,
            Affiliation.valid_to.is_(None),
        )
        .order_by(SchoolRecord.first_name, SchoolRecord.family_name, Affiliation.person_id)
    )
    return list(dict.fromkeys(rows.scalars()))


def records_of(db: Session, person_id: int) -> Sequence[AnyRow]:
    """Return every current record of a person with its ``institution_id``; a record that protects protects them all."""
    return db.execute(
        select(
            SchoolRecord.institution_id,
            SchoolRecord.first_name,
            SchoolRecord.family_name,
            SchoolRecord.alias_first_name,
            SchoolRecord.alias_family_name,
            SchoolRecord.protected,
        )
        .where(SchoolRecord.person_id == person_id, SchoolRecord.valid_to.is_(None))
        .order_by(SchoolRecord.id)
    ).all()


def class_at(db: Session, person_id: int, institution_id: int) -> str | None:
    """Return the name of a pupil's class at an institution, the main one first."""
    return db.execute(
        select(SchoolGroup.name)
        .join(Membership, Membership.group_id == SchoolGroup.id)
        .join(Affiliation, Affiliation.id == Membership.affiliation_id)
        .where(
            Affiliation.person_id == person_id,
            Affiliation.institution_id == institution_id,
            Affiliation.actor_group == ActorGroup.PUPIL.value,
            Affiliation.valid_to.is_(None),
            Membership.valid_to.is_(None),
            SchoolGroup.valid_to.is_(None),
            SchoolGroup.type == GroupType.CLASS.value,
        )
        .order_by(Membership.main.desc(), SchoolGroup.name)
        .limit(1)
    ).scalar_one_or_none()
