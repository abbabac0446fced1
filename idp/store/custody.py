"""Whose parent somebody is: ties of contacts that hold now (decision 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

from idp.store.affiliations import Affiliation
from idp.store.contacts import Contact
from idp.store.institutions import Institution
from idp.store.people import Person, SchoolRecord
from policies.vocabulary import ActorGroup

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


def ties_of(db: Session, contact_id: int) -> Sequence[AnyRow]:
    """Return of each pupil that somebody is a contact of ``person_id``, ``birth_date``, ``custody``, ``confirmed_at``, ``proven_at``.

    ``birth_date`` is what the institution of the tie says, and ``confirmed_at`` is of the contact's own attachment there;
    ``institution_id`` and ``institution`` stand beside them. Only where both attachments hold now at an institution that there
    still is, and somebody has confirmed the pupil's (decision 2). Nobody is a child of his own.
    """
    own, pupil = aliased(Affiliation), aliased(Affiliation)
    return db.execute(
        select(
            pupil.person_id,
            SchoolRecord.birth_date,
            Contact.custody,
            own.confirmed_at,
            Contact.proven_at,
            pupil.institution_id,
            Institution.name.label("institution"),
        )
        .join(own, own.id == Contact.contact_affiliation_id)
        .join(pupil, pupil.id == Contact.pupil_affiliation_id)
        .join(SchoolRecord, SchoolRecord.id == pupil.record_id)
        .join(Institution, Institution.id == pupil.institution_id)
        .join(Person, Person.id == pupil.person_id)
        .where(
            own.person_id == contact_id,
            pupil.person_id != contact_id,
            own.valid_to.is_(None),
            pupil.valid_to.is_(None),
            pupil.confirmed_at.is_not(None),
            Contact.valid_to.is_(None),
            Institution.ended_at.is_(None),
            Person.ended_at.is_(None),
        )
        .order_by(Contact.id)
    ).all()


def proven_at_of(db: Session, contact_id: int, institution_id: int) -> AnyRow:
    """Return how many ``ties`` somebody has as a contact at an institution, and since when the oldest is ``proven_at``."""
    own = select(Affiliation.id).where(*_contact_at(contact_id, institution_id))
    counted = select(func.count().label("ties"), func.min(Contact.proven_at).label("proven_at"))
    return db.execute(counted.where(Contact.contact_affiliation_id.in_(own), Contact.valid_to.is_(None))).one()


def prove_contact(db: Session, contact_id: int, institution_id: int, at: datetime, how: str) -> int:
    """Write that somebody has shown who they are, on their ties at an institution that lack it; how many."""
    own = select(Affiliation.id).where(*_contact_at(contact_id, institution_id))
    proven = update(Contact).where(
        Contact.contact_affiliation_id.in_(own), Contact.valid_to.is_(None), Contact.proven_at.is_(None)
    )
    done = proven.values(proven_at=at, proven_how=how).returning(Contact.id)
    return len(db.execute(done.execution_options(synchronize_session=False)).scalars().all())


def _contact_at(contact_id: int, institution_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Affiliation.person_id == contact_id,
        Affiliation.institution_id == institution_id,
        Affiliation.actor_group == ActorGroup.CONTACT.value,
        Affiliation.valid_to.is_(None),
    )
