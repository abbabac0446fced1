"""Putting another stage's rules for codes in force for one pupil, and taking that back.

It holds from the moment it is decided to the end of the last day that was named, midnight where the schools are. Until the
person has a new code the old one is good, through the days of grace of :mod:`idp.usecases.code_lifetimes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from idp.audit import AuditEvent
from idp.errors import Refused
from idp.store import forced_stages as store
from idp.usecases.access import must_force_stage
from idp.usecases.blocking import good_reason
from idp.usecases.code_lifetimes import settle
from idp.usecases.facts import school_day
from policies import forced_stage
from policies.decision import Deny
from policies.vocabulary import Stage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.system import System


@dataclass(frozen=True)
class InForce:
    """What is forced on a person now."""

    stage: Stage
    reason: str
    decided_by: int | None
    since: datetime
    last_day: date
    """The last day on which it holds."""


def force(
    db: Session,
    system: System,
    *,
    person_id: int,
    stage: Stage,
    last_day: date,
    reason: str,
    by: int | None,
    institution_id: int | None = None,
) -> InForce:
    """Put the rules of ``stage`` in force for a pupil to the end of ``last_day``, in the place of what was forced before.

    ``by`` None is the operator. Raises :class:`Refused`: ``by`` may not, the reason is none, the stage or the day does not do.
    """
    written = good_reason(reason)
    decision = forced_stage.is_good(stage, last_day, today=school_day(system))
    if isinstance(decision, Deny):
        raise Refused(decision.reason)
    must_force_stage(db, system, actor_id=by, person_id=person_id)
    now = system.now()
    replaced = store.end_forced(db, person_id, now)
    row_id = store.insert_forced(
        db,
        {
            "person_id": person_id,
            "stage": stage.value,
            "reason": written,
            "decided_by": by,
            "valid_from": now,
            "valid_to": _end_of(system, last_day),
        },
    )
    settle(db, system, [person_id])
    system.record(
        db,
        AuditEvent.STAGE_FORCED,
        actor_id=by,
        subject_id=person_id,
        institution_id=institution_id,
        facts={
            "actor": "person" if by else "operator",
            "id": row_id,
            "stage": stage.value,
            "last_day": last_day.isoformat(),
            "replaced": bool(replaced),
        },
        texts={"reason": written},
    )
    return InForce(stage, written, by, now, last_day)


def release(db: Session, system: System, *, person_id: int, by: int | None, institution_id: int | None = None) -> bool:
    """Let a pupil's own level decide again from now on; False when nothing was forced. Raises :class:`Refused`."""
    must_force_stage(db, system, actor_id=by, person_id=person_id)
    ended = store.end_forced(db, person_id, system.now())
    if not ended:
        return False
    settle(db, system, [person_id])
    system.record(
        db,
        AuditEvent.STAGE_RELEASED,
        actor_id=by,
        subject_id=person_id,
        institution_id=institution_id,
        facts={"actor": "person" if by else "operator", "stage": Stage(ended[-1].stage).value},
    )
    return True


def in_force(db: Session, system: System, person_id: int) -> InForce | None:
    """Return what is forced on a person now."""
    row = store.forced_on(db, person_id, system.now())
    if row is None:
        return None
    last_day = (row.valid_to.astimezone(_zone(system)) - timedelta(microseconds=1)).date()
    return InForce(Stage(row.stage), row.reason, row.decided_by, row.valid_from, last_day)


def _end_of(system: System, day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=_zone(system))


def _zone(system: System) -> ZoneInfo:
    return ZoneInfo(system.settings.site.time_zone)
