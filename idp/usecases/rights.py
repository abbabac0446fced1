"""Rights that somebody grants a person, beside those that an attachment gives by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent
from idp.store import rights as store
from policies.vocabulary import Right

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.usecases.system import System

AT_AN_INSTITUTION: Final = frozenset({Right.USER_ADMINISTRATOR, Right.SCHOOL_MANAGEMENT, Right.AGREEMENTS})
"""Rights that are worth something at one institution only; the operator's own holds everywhere."""


@dataclass(frozen=True)
class ListedRight:
    """A right as it is listed."""

    id: int
    right: str
    username: str | None
    institution: str | None
    valid_from: datetime
    valid_to: datetime | None


def fits(right: Right, institution_id: int | None) -> bool:
    """Say whether a right is granted at an institution where it needs one, and nowhere where it holds everywhere."""
    if right is Right.SUBSTITUTE:  # of one class, and given in Elevadgang (idp.usecases.substitutes)
        return False
    if right is Right.OPERATOR:
        return institution_id is None
    return institution_id is not None or right not in AT_AN_INSTITUTION


def grant(
    db: Session,
    system: System,
    *,
    person_id: int,
    right: Right,
    institution_id: int | None,
    until: datetime | None = None,
    reason: str | None = None,
    granted_by: int | None = None,
) -> int:
    """Grant a right and return its id. Raises ValueError when it does not fit the institution (see :func:`fits`)."""
    if not fits(right, institution_id):
        raise ValueError(right.value)
    right_id = store.insert_right(
        db,
        {
            "person_id": person_id,
            "institution_id": institution_id,
            "right": right,
            "reason": reason,
            "granted_by": granted_by,
            "valid_from": system.now(),
            "valid_to": until,
        },
    )
    system.record(
        db,
        AuditEvent.RIGHT_GRANTED,
        actor_id=granted_by,
        subject_id=person_id,
        institution_id=institution_id,
        facts={"right": right.value, "id": right_id, **({} if granted_by else {"actor": "operator"})},
        texts={"reason": reason} if reason else {},
    )
    return right_id


def end(db: Session, system: System, right_id: int, *, ended_by: int | None = None) -> bool:
    """End a right; False when it had ended already or is none."""
    ended = store.end_right(db, right_id, system.now())
    if ended is None:
        return False
    system.record(
        db,
        AuditEvent.RIGHT_ENDED,
        actor_id=ended_by,
        subject_id=ended.person_id,
        institution_id=ended.institution_id,
        facts={"right": Right(ended.right).value, "id": right_id, **({} if ended_by else {"actor": "operator"})},
    )
    return True


def rights(db: Session, system: System) -> tuple[ListedRight, ...]:
    """Return the rights that hold now, oldest first."""
    return tuple(
        ListedRight(
            id=row.id,
            right=Right(row.right).value,
            username=row.username,
            institution=row.institution_number,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in store.right_rows(db, system.now())
    )
