"""Attachments that another institution made: confirming them gives that institution its power (decision 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent
from idp.store import affiliations as store
from idp.usecases import code_lifetimes
from policies.vocabulary import ActorGroup

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.system import System

BY_OPERATOR: Final = "operator"
"""The operator saw to it that the primary institution or the person agreed, for instance when a pupil changed school."""


@dataclass(frozen=True)
class Attached:
    """One attachment that holds now."""

    institution: str
    actor_group: ActorGroup
    primary: bool
    confirmed: bool


def attachments_of(db: Session, person_id: int) -> tuple[Attached, ...]:
    """Return a person's attachments that hold now, in the order in which they began."""
    return tuple(
        Attached(
            institution=row.institution,
            actor_group=ActorGroup(row.actor_group),
            primary=row.primary,
            confirmed=row.confirmed_at is not None,
        )
        for row in store.attachments_with_institutions(db, person_id)
    )


def confirm(
    db: Session, system: System, *, person_id: int, institution_id: int, confirmed_by: int | None = None
) -> int:
    """Confirm a person's attachments at an institution and return how many were waiting for it.

    Where the primary institution no longer has the person, this one becomes primary. ``confirmed_by`` None is the
    operator on the command line.
    """
    confirmed = store.confirm_attachments(
        db, person_id, institution_id, at=system.now(), how=BY_OPERATOR, confirmed_by=confirmed_by
    )
    if confirmed:
        moved = store.move_primary(db, person_id, institution_id)
        code_lifetimes.settle(db, system, [person_id])
        system.record(
            db,
            AuditEvent.AFFILIATION_CONFIRMED,
            actor_id=confirmed_by,
            subject_id=person_id,
            institution_id=institution_id,
            facts={"actor": "person" if confirmed_by else "operator", "attachments": confirmed, "primary": moved},
        )
    return confirmed
