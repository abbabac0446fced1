"""Finding a person as a school knows them: by the school's own number, or as the contact of one of its pupils."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from idp.store.affiliations import Affiliation
from idp.store.contacts import Contact
from idp.store.institutions import Institution
from idp.store.people import SchoolRecord, Username

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from policies.vocabulary import Relation


def username_of_local(session: Session, institution_number: str, local_id: str) -> str | None:
    """Return the current username of whom the institution calls ``local_id``, None when it names nobody now."""
    return session.execute(
        select(Username.name)
        .join(SchoolRecord, SchoolRecord.person_id == Username.person_id)
        .join(Institution, Institution.id == SchoolRecord.institution_id)
        .where(
            Institution.number == institution_number,
            SchoolRecord.kind == "person",
            SchoolRecord.local_id == local_id,
            SchoolRecord.valid_to.is_(None),
            Username.valid_to.is_(None),
        )
    ).scalar()


def username_of_contact(session: Session, institution_number: str, child: str, relation: Relation) -> str | None:
    """Return the current username of the contact whom a pupil (by ``local_id``) has in this relation, None without one."""
    pupil, contact = aliased(Affiliation), aliased(Affiliation)
    return session.execute(
        select(Username.name)
        .join(contact, contact.person_id == Username.person_id)
        .join(Contact, Contact.contact_affiliation_id == contact.id)
        .join(pupil, pupil.id == Contact.pupil_affiliation_id)
        .join(SchoolRecord, SchoolRecord.id == pupil.record_id)
        .join(Institution, Institution.id == SchoolRecord.institution_id)
        .where(
            Institution.number == institution_number,
            SchoolRecord.local_id == child,
            Contact.relation == relation,
            Contact.valid_to.is_(None),
            contact.valid_to.is_(None),
            Username.valid_to.is_(None),
        )
        .order_by(Contact.id)
    ).scalar()
