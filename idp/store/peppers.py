"""Counting what lies under each pepper, so that an operator knows when one may go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from idp.store.credentials import Code, EnrolledFactor, RecoveryCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


def codes_under_peppers(db: Session) -> Sequence[AnyRow]:
    """Count codes for each pepper: ``pepper``, ``live``, ``earlier`` (kept so that none is chosen again)."""
    live = func.count().filter(Code.ended_at.is_(None))
    earlier = func.count().filter(Code.ended_at.is_not(None))
    return db.execute(select(Code.pepper, live.label("live"), earlier.label("earlier")).group_by(Code.pepper)).all()


def recovery_codes_under_peppers(db: Session) -> Sequence[AnyRow]:
    """Count the recovery codes that can still be used, for each pepper: ``pepper``, ``live``."""
    return db.execute(
        select(RecoveryCode.pepper, func.count().label("live"))
        .join(EnrolledFactor, EnrolledFactor.id == RecoveryCode.factor_id)
        .where(RecoveryCode.used_at.is_(None), EnrolledFactor.ended_at.is_(None))
        .group_by(RecoveryCode.pepper)
    ).all()
