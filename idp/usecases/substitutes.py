"""Standing in: give a class to a colleague for some days, see who has it, and take it back (``policies.substitutes``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from idp.audit import AuditEvent
from idp.errors import Refused
from idp.store import substitutes as store
from idp.store.groups import hold_group
from idp.store.rights import insert_right
from idp.usecases.administered import in_order_of_names, names_of
from idp.usecases.facts import school_day
from idp.usecases.reach import Through
from policies.decision import Deny
from policies.substitutes import WITHIN, SubstituteFacts, days_of, may_stand_in
from policies.vocabulary import Reason, Right

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from idp.usecases.reach import Reach, SchoolClass
    from idp.usecases.system import System
    from policies.protection import ShownName


@dataclass(frozen=True, kw_only=True)
class Substitute:
    """Somebody who stands in now, to the end of ``last_day``."""

    id: int
    name: ShownName | None
    last_day: date
    given_by: ShownName | None


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody who could stand in; ``ready`` is False for whoever has no second factor."""

    person_id: int
    name: ShownName | None
    ready: bool


def may_give(group: SchoolClass) -> bool:
    """Say whether whoever has a class in this way may let somebody stand in."""
    return group.through is not Through.SUBSTITUTE


def substitutes(db: Session, system: System, group: SchoolClass) -> tuple[Substitute, ...]:
    """Return who stands in for a class now, in the order in which it was given."""
    now, zone = system.now(), _zone(system)
    rows = [row for row in store.substitutes_of(db, group.id, now) if row.valid_from <= now]
    people = {one for row in rows for one in (row.person_id, row.granted_by) if one is not None}
    names = names_of(db, people, group.institution_id)
    return tuple(
        Substitute(
            id=row.id,
            name=names.get(row.person_id),
            last_day=(row.valid_to - timedelta(seconds=1)).astimezone(zone).date(),
            given_by=names.get(row.granted_by),
        )
        for row in rows
    )


def colleagues(db: Session, system: System, reach: Reach, group: SchoolClass) -> tuple[Colleague, ...]:
    """Return who works at the institution of a class and does not stand in for it, by name."""
    now = system.now()
    already = {row.person_id for row in store.substitutes_of(db, group.id, now)} | {reach.actor_id}
    rows = {row.person_id: row.two for row in store.staff_with_two_factors(db, group.institution_id)}
    names = names_of(db, rows.keys() - already, group.institution_id)
    found = [
        Colleague(person_id=one, name=names.get(one), ready=bool(two))
        for one, two in rows.items()
        if one not in already
    ]
    return tuple(sorted(found, key=lambda one: in_order_of_names(one.name, one.person_id)))


def let_stand_in(
    db: Session, system: System, reach: Reach, group: SchoolClass, *, person_id: int, last_day: date | None
) -> None:
    """Let a colleague have a class from now to the end of a day. Raises :class:`Refused`."""
    hold_group(db, group.id)  # two who give it at once would give ten days
    today, now, zone = school_day(system), system.now(), _zone(system)
    rows = {row.person_id: row.two for row in store.staff_with_two_factors(db, group.institution_id)}
    before = [row for row in store.substitutes_of(db, group.id, now - WITHIN) if row.person_id == person_id]
    decision = may_stand_in(
        SubstituteFacts(
            stands_in_self=not may_give(group),
            oneself=person_id == reach.actor_id,
            works_there=person_id in rows,
            two_factors=bool(rows.get(person_id)),
            days_before=sum(
                days_of(
                    max(row.valid_from, now - WITHIN).astimezone(zone).date(),
                    (row.valid_to - timedelta(seconds=1)).astimezone(zone).date(),
                )
                for row in before
            ),
        ),
        today=today,
        last_day=last_day,
        most_days=system.rules.elevadgang.substitute_days,
    )
    if isinstance(decision, Deny):
        raise Refused(decision.reason)
    assert last_day is not None  # noqa: S101 (the policy allows no other)
    right_id = insert_right(
        db,
        {
            "person_id": person_id,
            "institution_id": group.institution_id,
            "group_id": group.id,
            "right": Right.SUBSTITUTE,
            "granted_by": reach.actor_id,
            "valid_from": now,
            "valid_to": datetime.combine(last_day + timedelta(days=1), time(), zone).astimezone(UTC),
        },
    )
    system.record(
        db,
        AuditEvent.RIGHT_GRANTED,
        actor_id=reach.actor_id,
        subject_id=person_id,
        institution_id=group.institution_id,
        facts={"right": Right.SUBSTITUTE.value, "id": right_id, "group": group.id, "until": last_day.isoformat()},
    )


def take_back(db: Session, system: System, reach: Reach, group: SchoolClass, *, right_id: int) -> bool:
    """End a substitute's right before its time; False when it was over already. Raises :class:`Refused` for substitutes."""
    if not may_give(group):
        raise Refused(Reason.SUBSTITUTE_PASSES_NOT_ON)
    person_id = store.end_substitute(db, right_id, group.id, system.now())
    if person_id is None:
        return False
    system.record(
        db,
        AuditEvent.RIGHT_ENDED,
        actor_id=reach.actor_id,
        subject_id=person_id,
        institution_id=group.institution_id,
        facts={"right": Right.SUBSTITUTE.value, "id": right_id, "group": group.id},
    )
    return True


def last_possible_day(system: System) -> date:
    """Return the last day that may be chosen today."""
    return school_day(system) + timedelta(days=system.rules.elevadgang.substitute_days - 1)


def _zone(system: System) -> ZoneInfo:
    return ZoneInfo(system.settings.site.time_zone)
