"""Emergency stop for a class or an institution (decision 27): codes suspended, everybody logged out, services told.

A suspended code is as good as a wrong one, and says no more (decision 14). A new code works at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent
from idp.errors import Refused
from idp.store import emergency_stops as store
from idp.store.attempts import close_attempts_of
from idp.store.lessons import end_lessons_of
from idp.usecases.administered import in_order_of_names, names_of
from idp.usecases.blocking import good_reason
from idp.usecases.sessions import end_all_sessions
from policies.decision import Deny
from policies.emergency_stop import may_lift
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.reach import Reach, SchoolClass
    from idp.usecases.system import System
    from policies.protection import ShownName

_SHOWN: Final = 20
"""Stops in the list of an institution."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whom a stop would reach: how many pupils, how many of their codes work now, how many are logged in."""

    pupils: int
    codes: int
    logged_in: int


@dataclass(frozen=True, kw_only=True)
class StopReport:
    """A stop: when, who, why, and what it did."""

    id: int
    institution_id: int
    institution: str
    group_id: int | None
    group: str | None
    """The class; None for the whole institution."""
    reason: str
    started_by: ShownName | None
    started_at: datetime
    pupils: int
    sessions: int
    services: int
    told: int
    out_of_reach: int
    """Services that cannot be told; the pupil is logged out there when their own session ends."""
    suspended: int
    """Codes that it still holds."""
    lifted_by: ShownName | None
    lifted_at: datetime | None
    may_lift_until: datetime
    no_lifting: Reason | None
    """Why whoever asks may not lift it."""


def scope_of(db: Session, system: System, *, institution_id: int, group_id: int | None) -> Scope:
    """Return whom a stop would reach now."""
    pupils = store.pupils_in_scope(db, institution_id, group_id)
    return Scope(
        pupils=len(pupils),
        codes=store.live_codes_of(db, pupils),
        logged_in=len(store.people_logged_in(db, pupils, system.now())),
    )


def passed_over(db: Session, *, institution_id: int, group_id: int | None) -> tuple[ShownName | None, ...]:
    """Return the pupils whom a stop does not reach, by name: they work at a school."""
    pupils = store.pupils_passed_over(db, institution_id, group_id)
    names = names_of(db, pupils, institution_id)
    return tuple(names.get(one) for one in sorted(pupils, key=lambda one: in_order_of_names(names.get(one), one)))


def stop_codes(
    db: Session, system: System, reach: Reach, group: SchoolClass, *, whole_institution: bool, reason: str
) -> int:
    """Stop the codes of a class, or of its whole institution, and return the stop's number. Raises :class:`Refused`."""
    written = good_reason(reason)
    if group.institution_id not in reach.administered:
        raise Refused(Reason.RIGHT_MISSING)
    now, group_id = system.now(), None if whole_institution else group.id
    pupils = store.pupils_in_scope(db, group.institution_id, group_id)
    stop_id = store.insert_stop(
        db,
        {
            "institution_id": group.institution_id,
            "group_id": group_id,
            "reason": written,
            "started_by": reach.actor_id,
            "started_at": now,
            "pupils": 0,
            "sessions": 0,
        },
    )
    stopped = store.suspend_codes(db, pupils, stop_id, now)
    store.close_windows(db, pupils, now)
    end_lessons_of(db, pupils, now)
    close_attempts_of(db, pupils, now)
    logged_in = store.people_logged_in(db, pupils, now)
    sessions = sum(end_all_sessions(db, system, one, why=_why(stop_id)) for one in sorted(logged_in))
    store.count_stop(db, stop_id, pupils=len(stopped), sessions=sessions)
    facts: dict[str, str | int | bool | None] = {"stop": stop_id, "group": group_id}
    system.record(
        db,
        AuditEvent.CODES_STOPPED,
        actor_id=reach.actor_id,
        institution_id=group.institution_id,
        facts={**facts, "pupils": len(stopped), "sessions": sessions},
        texts={"reason": written},
    )
    _of_each(db, system, AuditEvent.CODE_STOPPED, reach, group.institution_id, stopped, facts)
    return stop_id


def lift(db: Session, system: System, reach: Reach, stop_id: int) -> int:
    """Let the codes of a stop work again that nobody has replaced, and say how many. Raises :class:`Refused`.

    A code that another stop reached too stays suspended, and is that one's from now on.
    """
    row = _row(db, reach, stop_id)
    refusal = _no_lifting(system, row, reach)
    if refusal is not None:
        raise Refused(refusal)
    if not store.lift_stop(db, stop_id, system.now(), reach.actor_id):
        raise Refused(Reason.STOP_OVER)
    _hand_over(db, row)
    started = store.start_codes(db, stop_id)
    facts: dict[str, str | int | bool | None] = {"stop": stop_id, "group": row.group_id}
    system.record(
        db,
        AuditEvent.CODES_STARTED,
        actor_id=reach.actor_id,
        institution_id=row.institution_id,
        facts={**facts, "pupils": len(started)},
    )
    _of_each(db, system, AuditEvent.CODE_STARTED, reach, row.institution_id, started, facts)
    return len(started)


def _hand_over(db: Session, stop: AnyRow) -> None:
    for other in store.other_stops(db, stop.id, stop.institution_id):
        reached = store.pupils_in_scope(db, stop.institution_id, other.group_id)
        held = store.codes_held_by(db, stop.id)
        store.hand_over(
            db, [code.id for code in held if code.person_id in reached and code.issued_at <= other.started_at], other.id
        )


def stop_report(db: Session, system: System, reach: Reach, stop_id: int) -> StopReport:
    """Return what a stop did, to whoever administers the institution. Raises :class:`Refused` for any other."""
    return _report(db, system, reach, _row(db, reach, stop_id))


def stops(db: Session, system: System, reach: Reach, institution_id: int) -> tuple[StopReport, ...]:
    """Return the stops of an institution, the newest first."""
    if institution_id not in reach.administered:
        raise Refused(Reason.RIGHT_MISSING)
    return tuple(_report(db, system, reach, row) for row in store.stops_at(db, [institution_id], at_most=_SHOWN))


def _report(db: Session, system: System, reach: Reach, row: AnyRow) -> StopReport:
    names = names_of(db, [one for one in (row.started_by, row.lifted_by) if one], row.institution_id)
    services = store.services_of_stop(db, _why(row.id), row.institution_id)
    return StopReport(
        id=row.id,
        institution_id=row.institution_id,
        institution=row.institution,
        group_id=row.group_id,
        group=row.group_name,
        reason=row.reason,
        started_by=names.get(row.started_by),
        started_at=row.started_at,
        pupils=row.pupils,
        sessions=row.sessions,
        services=services.services,
        told=services.told,
        out_of_reach=services.out_of_reach,
        suspended=store.still_suspended(db, row.id),
        lifted_by=names.get(row.lifted_by),
        lifted_at=row.lifted_at,
        may_lift_until=row.started_at + timedelta(seconds=system.rules.elevadgang.lift_seconds),
        no_lifting=_no_lifting(system, row, reach),
    )


def _row(db: Session, reach: Reach, stop_id: int) -> AnyRow:
    row = store.stop_row(db, stop_id)
    if row is None or row.institution_id not in reach.administered:
        raise Refused(Reason.OUTSIDE_YOUR_INSTITUTIONS)
    return row


def _no_lifting(system: System, row: AnyRow, reach: Reach) -> Reason | None:
    decision = may_lift(
        started_by=row.started_by,
        lifts=reach.actor_id,
        started_at=row.started_at,
        lifted=row.lifted_at is not None,
        now=system.now(),
        lift_seconds=system.rules.elevadgang.lift_seconds,
    )
    return decision.reason if isinstance(decision, Deny) else None


def _of_each(
    db: Session,
    system: System,
    event: AuditEvent,
    reach: Reach,
    institution_id: int,
    person_ids: Iterable[int],
    facts: dict[str, str | int | bool | None],
) -> None:
    for person_id in person_ids:
        system.record(
            db, event, actor_id=reach.actor_id, subject_id=person_id, institution_id=institution_id, facts=facts
        )


def _why(stop_id: int) -> str:
    """Return the word by which sessions remember the stop that ended them."""
    return f"stop-{stop_id}"
