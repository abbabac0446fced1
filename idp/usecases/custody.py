"""A parent's children: those whom the parent may answer for, and why not yet (decision 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.audit import AuditEvent
from idp.errors import Refused
from idp.store.custody import prove_contact, proven_at_of, ties_of
from idp.store.login_sessions import factors_now
from idp.store.upstreams import vouched_institutions
from idp.usecases.administered import names_of
from idp.usecases.facts import school_day
from policies.assurance import levels_of
from policies.decision import Deny
from policies.parents import ParentFacts, may_vouch_for_child
from policies.vocabulary import Assurance, Factor, Reason

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.usecases.administration_sessions import Visit
    from idp.usecases.system import System
    from policies.protection import ShownName


@dataclass(frozen=True, kw_only=True)
class Child:
    """A child in the parent's custody. ``refusal`` says what the parent must do first; None: nothing."""

    person_id: int
    name: ShownName | None
    institution_id: int
    institution: str
    refusal: Reason | None


def children_of(db: Session, system: System, visit: Visit) -> tuple[Child, ...]:
    """Return the children under age in the custody of whoever visits, each once: three statements, and one for each child's name.

    A tie counts by itself: what another school says of the child changes nothing in it.
    """
    ties = ties_of(db, visit.person_id)
    factors = frozenset(Factor(row.factor) for row in factors_now(db, visit.login_session_id, system.now()))
    # What another provider says counts at the institutions for which it is believed (decision 20).
    known_at = vouched_institutions(db, visit.login_session_id) if Factor.UPSTREAM_TWO in factors else ()
    found: dict[int, Child] = {}
    for row in ties:
        decision = may_vouch_for_child(
            ParentFacts(
                custody=row.custody,
                born=row.birth_date,
                two_factors=Assurance.TO_FAKTOR in levels_of(factors),
                # An import that nobody has confirmed may have named the wrong person (decision 2).
                identified=(row.confirmed_at is not None and row.institution_id in known_at)
                or row.proven_at is not None,
            ),
            school_day(system),
        )
        refusal = decision.reason if isinstance(decision, Deny) else None
        before = found.get(row.person_id)
        if refusal is not Reason.NOT_YOUR_CHILD and (before is None or before.refusal is not None):
            name = names_of(db, [row.person_id], row.institution_id).get(row.person_id)
            found[row.person_id] = Child(
                person_id=row.person_id,
                name=name,
                institution_id=row.institution_id,
                institution=row.institution,
                refusal=refusal,
            )
    return tuple(found.values())


def child_for(db: Session, system: System, visit: Visit, person_id: int) -> Child:
    """Return a child that the parent may answer for now. Raises :class:`Refused`; for a stranger as for no custody."""
    child = next((one for one in children_of(db, system, visit) if one.person_id == person_id), None)
    if child is None:
        raise Refused(Reason.NOT_YOUR_CHILD)
    if child.refusal is not None:
        raise Refused(child.refusal)
    return child


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Whether staff have seen a contact in person at an institution: ``since`` None, not yet. No tie: nothing to ask."""

    is_contact: bool
    since: datetime | None


def seen_in_person(db: Session, person_id: int, institution_id: int) -> Seen:
    """Say whether a contact has been confirmed at an institution."""
    row = proven_at_of(db, person_id, institution_id)
    return Seen(is_contact=row.ties > 0, since=row.proven_at)


def confirm_seen(db: Session, system: System, *, person_id: int, institution_id: int, by: int) -> bool:
    """Keep that staff have seen a contact in person, with a proof of identity; False when that was known (decision 4).

    The caller has asked whether ``by`` may. Nobody confirms himself.
    """
    if person_id == by:
        raise Refused(Reason.NOT_FOR_YOURSELF)
    if not prove_contact(db, person_id, institution_id, system.now(), "in-person"):
        return False
    system.record(
        db, AuditEvent.CONTACT_CONFIRMED, actor_id=by, subject_id=person_id, institution_id=institution_id,
        facts={"how": "in-person"},
    )  # fmt: skip
    return True
