"""Whose parent somebody is: ties of contacts that hold now (decision 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from idp.store.affiliations import Affiliation
from idp.store.contacts import Contact
from idp.store.institutions import Institution
from idp.store.people import Person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


def ties_of(db: Session, contact_id: int) -> Sequence[AnyRow]:
    """Return ``person_id`` of each pupil that somebody is a contact of, ``custody``, ``proven_at``, ``institution_id``, ``institution``.

    Only where both attachments hold now at an institution that there still is, and somebody has confirmed the pupil's
    (decision 2).
    """
    own, pupil = aliased(Affiliation), aliased(Affiliation)
    return db.execute(
        select(
            pupil.person_id,
            Contact.custody,
            Contact.proven_at,
            pupil.institution_id,
            Institution.name.label("institution"),
        )
        .join(own, own.id == Contact.contact_affiliation_id)
        .join(pupil, pupil.id == Contact.pupil_affiliation_id)
        .join(Institution, Institution.id == pupil.institution_id)
        .join(Person, Person.id == pupil.person_id)
        .where(
            own.person_id == contact_id,
            own.valid_to.is_(None),
            pupil.valid_to.is_(None),
            pupil.confirmed_at.is_not(None),
            Contact.valid_to.is_(None),
            Institution.ended_at.is_(None),
            Person.ended_at.is_(None),
        )
        .order_by(Contact.id)
    ).all()
