"""A parent's children: those whom the parent may answer for, and why not yet (decision 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.errors import Refused
from idp.store.administered import records_of
from idp.store.custody import ties_of
from idp.store.login_sessions import factors_now
from idp.usecases.administered import names_of
from idp.usecases.facts import school_day
from policies.assurance import levels_of
from policies.decision import Deny
from policies.parents import ParentFacts, may_vouch_for_child
from policies.vocabulary import Assurance, Factor, Reason

if TYPE_CHECKING:
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
    """Return the children under age in the custody of whoever visits, each once: four statements."""
    ties = ties_of(db, visit.person_id)
    factors = frozenset(Factor(row.factor) for row in factors_now(db, visit.login_session_id, system.now()))
    found: dict[int, Child] = {}
    people = {row.person_id for row in ties if row.custody}
    born = {row.person_id: row.birth_date for row in records_of(db, people) if row.birth_date} if people else {}
    for row in ties:
        decision = may_vouch_for_child(
            ParentFacts(
                custody=row.custody,
                born=born.get(row.person_id),
                two_factors=Assurance.TO_FAKTOR in levels_of(factors),
                identified=Factor.UPSTREAM_TWO in factors or row.proven_at is not None,
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
