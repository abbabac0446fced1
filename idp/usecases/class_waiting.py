"""Who of a class waits for an adult, and the teacher's answers (decision 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp.store.affiliations import working_among
from idp.usecases import step_up
from idp.usecases.reach import Through, pupils_of
from policies.step_up import AnsweredAs

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from idp.usecases.reach import Reach, SchoolClass
    from idp.usecases.step_up import Answered, Waiting
    from idp.usecases.system import System

_AS: Final = {
    Through.TEACHER: AnsweredAs.TEACHER,
    Through.ADMINISTRATOR: AnsweredAs.ADMINISTRATOR,
    Through.SUBSTITUTE: AnsweredAs.SUBSTITUTE,
}


def waiting_in(db: Session, system: System, reach: Reach, group: SchoolClass, *, address: str) -> tuple[Waiting, ...]:
    """Return who waits in a group that is reached, the oldest first, as an adult at ``address`` sees them."""
    return step_up.waiting_among(db, system, _among(db, reach, group), address=address)


def approve_in(
    db: Session,
    system: System,
    reach: Reach,
    group: SchoolClass,
    request_ids: Collection[int],
    *,
    address: str,
    each_by_itself: bool,
) -> Answered:
    """Approve what pupils of a group wait for; requests of others are passed over, as if they were not there."""
    return step_up.approve(
        db,
        system,
        request_ids,
        among=_among(db, reach, group),
        by=_adult(reach, group, address),
        each_by_itself=each_by_itself,
    )


def refuse_in(
    db: Session, system: System, reach: Reach, group: SchoolClass, request_ids: Collection[int], *, address: str
) -> Answered:
    """Say no to what pupils of a group wait for."""
    among = _among(db, reach, group)
    return step_up.refuse(db, system, request_ids, among=among, by=_adult(reach, group, address))


def _among(db: Session, reach: Reach, group: SchoolClass) -> frozenset[int]:
    """Return for whom somebody has a say: the pupils, but for those who work at a school, and never oneself (decision 2)."""
    pupils = {pupil.person_id for pupil in pupils_of(db, reach, group)}
    return frozenset(pupils - set(working_among(db, pupils)) - {reach.actor_id})


def _adult(reach: Reach, group: SchoolClass, address: str) -> step_up.Adult:
    return step_up.Adult(
        person_id=reach.actor_id,
        answered_as=_AS[group.through],
        institution_id=group.institution_id,
        address=address,
    )
