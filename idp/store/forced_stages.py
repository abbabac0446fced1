"""Queries over the stages that administrators have forced (table in :mod:`idp.store.credentials`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from idp.store.credentials import ForcedStage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


def insert_forced(db: Session, values: dict[str, Any]) -> int:
    """Write a forced stage and return its id."""
    return db.execute(insert(ForcedStage).returning(ForcedStage.id), values).scalar_one()


def end_forced(db: Session, person_id: int, now: datetime) -> Sequence[AnyRow]:
    """End whatever is forced on a person now or later, and return ``id`` and ``stage`` of each."""
    return db.execute(
        update(ForcedStage)
        .where(ForcedStage.person_id == person_id, ForcedStage.valid_to > now)
        .values(valid_to=now)
        .returning(ForcedStage.id, ForcedStage.stage)
    ).all()


def forced_on(db: Session, person_id: int, now: datetime) -> AnyRow | None:
    """Return what is in force now: ``id``, ``stage``, ``reason``, ``decided_by``, ``valid_from`` and ``valid_to``."""
    return db.execute(
        select(
            ForcedStage.id,
            ForcedStage.stage,
            ForcedStage.reason,
            ForcedStage.decided_by,
            ForcedStage.valid_from,
            ForcedStage.valid_to,
        )
        .where(
            ForcedStage.person_id == person_id,
            ForcedStage.valid_from <= now,
            ForcedStage.valid_to > now,
        )
        .order_by(ForcedStage.id.desc())
        .limit(1)
    ).one_or_none()
