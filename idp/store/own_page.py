"""What a person may read about themself: one statement for each part of their own page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from idp.store.affiliations import Affiliation
from idp.store.contacts import Contact
from idp.store.groups import Membership, SchoolGroup
from idp.store.institutions import Institution
from idp.store.people import Person, SchoolRecord, Username

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


def account_of(session: Session, person_id: int) -> AnyRow:
    """Return ``uniid, username`` (the current username, or None)."""
    return session.execute(
        select(Person.uniid, Username.name.label("username"))
        .outerjoin(Username, (Username.person_id == Person.id) & Username.valid_to.is_(None))
        .where(Person.id == person_id)
    ).one()


def attachments_of(session: Session, person_id: int) -> Sequence[AnyRow]:
    """Return current attachments with the record each comes from, oldest first."""
    return session.execute(
        select(
            Affiliation.id,
            Affiliation.actor_group,
            Affiliation.level,
            Affiliation.roles,
            Affiliation.valid_from,
            Institution.name.label("institution"),
            Institution.number.label("institution_number"),
            SchoolRecord.first_name,
            SchoolRecord.family_name,
            SchoolRecord.alias_first_name,
            SchoolRecord.alias_family_name,
            SchoolRecord.protected,
        )
        .join(Institution, Institution.id == Affiliation.institution_id)
        .join(SchoolRecord, SchoolRecord.id == Affiliation.record_id)
        .where(Affiliation.person_id == person_id, Affiliation.valid_to.is_(None))
        .order_by(Affiliation.valid_from, Affiliation.id)
    ).all()


def groups_of(session: Session, person_id: int) -> Sequence[AnyRow]:
    """Return ``affiliation_id, name, type, main`` for every current group of the person's, by name."""
    return session.execute(
        select(Membership.affiliation_id, SchoolGroup.name, SchoolGroup.type, Membership.main)
        .join(SchoolGroup, SchoolGroup.id == Membership.group_id)
        .join(Affiliation, Affiliation.id == Membership.affiliation_id)
        .where(
            Affiliation.person_id == person_id,
            Affiliation.valid_to.is_(None),
            Membership.valid_to.is_(None),
            SchoolGroup.valid_to.is_(None),
        )
        .order_by(SchoolGroup.name)
    ).all()


def relations_of(session: Session, person_id: int) -> Sequence[AnyRow]:
    """Return ``affiliation_id, relation`` for every current tie to a pupil. Says nothing about the pupil."""
    return session.execute(
        select(Contact.contact_affiliation_id.label("affiliation_id"), Contact.relation)
        .join(Affiliation, Affiliation.id == Contact.contact_affiliation_id)
        .where(Affiliation.person_id == person_id, Affiliation.valid_to.is_(None), Contact.valid_to.is_(None))
        .order_by(Contact.id)
    ).all()


def institution_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return the names of some institutions, by id."""
    if not ids:
        return {}
    rows = session.execute(select(Institution.id, Institution.name).where(Institution.id.in_(ids)))
    return {row.id: row.name for row in rows}
