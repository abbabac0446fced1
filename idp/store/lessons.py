"""Lessons that were approved beforehand (table in :mod:`idp.store.step_up`), one row for each pupil and one use each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from idp.store.institutions import Institution
from idp.store.people import Person
from idp.store.step_up import LessonApproval

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


def insert_lessons(db: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write an approval for each pupil."""
    if rows:
        db.execute(insert(LessonApproval), list(rows))


def end_lessons_of(db: Session, person_ids: Collection[int], now: datetime) -> None:
    """End what was approved for some pupils and not used: by a newer approval, or by a wrong pick."""
    db.execute(
        update(LessonApproval)
        .where(
            LessonApproval.person_id.in_(person_ids), LessonApproval.used_at.is_(None), LessonApproval.expires_at > now
        )
        .values(expires_at=now)
    )


def lessons_among(db: Session, person_ids: Collection[int], now: datetime) -> Sequence[AnyRow]:
    """Return what is approved for some pupils, not used, and not by somebody who is blocked since: ``id``, ``person_id``, ``sign``, ``expires_at``, ``given_by``, ``settings``.

    ``settings`` are what the institution of the approval sets itself.
    """
    query = (
        select(
            LessonApproval.id,
            LessonApproval.person_id,
            LessonApproval.institution_id,
            LessonApproval.sign,
            LessonApproval.given_by,
            LessonApproval.expires_at,
            Institution.settings,
        )
        .join(Institution, Institution.id == LessonApproval.institution_id)
        .join(Person, Person.id == LessonApproval.given_by)
        .where(
            Person.blocked_at.is_(None),
            Person.ended_at.is_(None),
            LessonApproval.person_id.in_(person_ids),
            LessonApproval.used_at.is_(None),
            LessonApproval.expires_at > now,
        )
        .order_by(LessonApproval.id.desc())
    )
    return db.execute(query).all()


def burn_lesson(db: Session, lesson_id: int, now: datetime) -> bool:
    """Use an approval up; False when it was used, or its time is up."""
    used = update(LessonApproval).where(
        LessonApproval.id == lesson_id, LessonApproval.used_at.is_(None), LessonApproval.expires_at > now
    )
    return db.execute(used.values(used_at=now).returning(LessonApproval.id)).scalar_one_or_none() is not None
