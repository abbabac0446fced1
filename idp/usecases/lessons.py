"""A lesson that a teacher approves before its pupils ask (decision 10): for those ticked, once each, by the lesson's sign.

It counts only on the institution's own networks, so that a stolen code is worth nothing at home meanwhile. One wrong pick
ends it for that pupil.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent
from idp.errors import Refused
from idp.store import lessons as store
from idp.store.affiliations import working_among
from idp.store.institutions import institution_settings, keep_settings
from idp.store.step_up import answer_request, request_times
from idp.usecases.access import opener_of, subject_of
from idp.usecases.reach import pupils_for
from policies.administration import may_open_window
from policies.decision import Allow
from policies.lessons import LessonRule, read_lesson_rule
from policies.step_up import AnsweredAs
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.reach import Reach, SchoolClass
    from idp.usecases.system import System

RULES_KEY: Final = "lessons"
"""Where an institution's settings keep what it has set."""


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What stands approved in a class: the sign that the pupils pick, how many have not yet, and until when."""

    sign: str = field(repr=False)
    pupils: int
    expires_at: datetime


def rule_of(db: Session, institution_id: int) -> LessonRule:
    """Return what an institution has set."""
    kept = institution_settings(db, institution_id)
    return read_lesson_rule(kept.settings.get(RULES_KEY) if kept is not None else None)


def set_rule(db: Session, system: System, *, institution_id: int, rule: LessonRule) -> None:
    """Keep what an institution wants; the operator does it."""
    kept = institution_settings(db, institution_id, lock=True)
    if kept is None:
        raise Refused(Reason.OUTSIDE_YOUR_INSTITUTIONS)
    keep_settings(db, institution_id, {**kept.settings, RULES_KEY: rule.to_json()})
    facts: dict[str, str | int | bool | None] = {"enabled": rule.enabled, "networks": len(rule.networks)}
    system.record(db, AuditEvent.LESSON_RULES_SET, institution_id=institution_id, facts={**facts, "actor": "operator"})


def approve_lesson(db: Session, system: System, reach: Reach, group: SchoolClass, person_ids: Collection[int]) -> int:
    """Approve the lesson for some pupils of a class, and say for how many. Raises :class:`Refused`."""
    if not rule_of(db, group.institution_id).enabled:
        raise Refused(Reason.LESSON_OFF)
    pupils = {pupil.person_id for pupil in pupils_for(db, reach, group, person_ids)}
    pupils -= {*working_among(db, pupils), reach.actor_id}
    now, rules = system.now(), system.rules
    sign = rules.window.signs[system.draw(len(rules.window.signs))]
    store.end_lessons_of(db, pupils, now)
    row = {
        "institution_id": group.institution_id,
        "sign": sign,
        "given_by": reach.actor_id,
        "given_at": now,
        "expires_at": now + timedelta(seconds=rules.elevadgang.lesson_seconds),
    }
    store.insert_lessons(db, [{"person_id": one, **row} for one in sorted(pupils)])
    for one in sorted(pupils):
        system.record(
            db,
            AuditEvent.LESSON_APPROVED,
            actor_id=reach.actor_id,
            subject_id=one,
            institution_id=group.institution_id,
            facts={"group": group.id},
        )
    return len(pupils)


def lessons_in(db: Session, system: System, pupils: Collection[int]) -> tuple[Lesson, ...]:
    """Return what stands approved for some pupils, by sign."""
    rows = store.lessons_among(db, pupils, system.now()) if pupils else ()
    return tuple(
        Lesson(
            sign=sign,
            pupils=sum(row.sign == sign for row in rows),
            expires_at=max(row.expires_at for row in rows if row.sign == sign),
        )
        for sign in dict.fromkeys(row.sign for row in rows)
    )


def may_pick(db: Session, system: System, person_id: int, *, address: str) -> bool:
    """Say whether a pupil at this address has a lesson that was approved. Said after a right code only."""
    return any(_counts(db, system, row, address) for row in store.lessons_among(db, [person_id], system.now()))


def pick(db: Session, system: System, *, person_id: int, request_id: int, sign: str, address: str) -> bool:
    """Let a pupil's request be answered by the lesson whose sign was picked; False, and the lesson ends, for a wrong one.

    The level runs from the request.
    """
    now = system.now()
    row = next((one for one in store.lessons_among(db, [person_id], now) if _counts(db, system, one, address)), None)
    times = request_times(db, request_id, person_id)
    if row is None or times is None:
        return False
    if sign != row.sign:
        store.end_lessons_of(db, [person_id], now)
        return False
    level_until = times.requested_at + timedelta(seconds=system.rules.elevadgang.step_up.level_seconds)
    answer = {"answer": "approved", "answered_by": row.given_by, "answered_as": AnsweredAs.LESSON.value}
    if not store.burn_lesson(db, row.id, now):
        return False
    if not answer_request(db, request_id, now, {**answer, "level_until": level_until}):
        return False
    system.record(
        db,
        AuditEvent.STEP_UP_APPROVED,
        actor_id=row.given_by,
        subject_id=person_id,
        institution_id=row.institution_id,
        service_id=times.service_id,
        facts={"request": request_id, "as": AnsweredAs.LESSON.value, "unusual": " ".join(times.unusual)},
    )
    return True


def _counts(db: Session, system: System, row: AnyRow, address: str) -> bool:
    """Say whether an approval is worth something at an address: its giver must still have a say over the pupil."""
    if not read_lesson_rule((row.settings or {}).get(RULES_KEY)).holds_at(address):
        return False
    return isinstance(may_open_window(opener_of(db, system, row.given_by), subject_of(db, row.person_id)), Allow)
