"""The requests of services that we refused of late, for those who answer for them: the rule, never a value, nobody's address."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Mapped

from idp.store.base import Base, Line, RowId, Short, reference
from idp.store.prepared import run, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


class FailedRequest(Base):
    """A request of a service that we refused, with the rule it broke; the last ones are kept for its owner."""

    __tablename__ = "failed_request"

    id: Mapped[RowId]
    service_id: Mapped[int] = reference("service", index=True)
    at: Mapped[datetime]
    endpoint: Mapped[Short]
    error: Mapped[Short]
    rule: Mapped[Line]
    parameter: Mapped[Short | None]
    reference: Mapped[Short]
    proven: Mapped[bool]
    """Whether the service had proven who it is. What anybody can send in its name is a ring of its own."""


_KEEP = insert(table(FailedRequest)).inline()

_RING = (FailedRequest.service_id == bindparam("service"), FailedRequest.proven == bindparam("of_proven"))

_DROP = delete(table(FailedRequest)).where(
    *_RING,
    FailedRequest.id
    <= select(FailedRequest.id)
    .where(*_RING)
    .order_by(FailedRequest.id.desc())
    .offset(bindparam("kept"))
    .limit(1)
    .scalar_subquery(),
)


def keep_failure(db: Session, values: dict[str, Any], *, at_most: int) -> None:
    """Write a refused request, and drop the oldest of its ring when there are more than ``at_most``."""
    run(db, _KEEP, values)
    run(db, _DROP, {"service": values["service_id"], "of_proven": values["proven"], "kept": at_most})


def failures_of(db: Session, service_id: int) -> Sequence[AnyRow]:
    """Return what is kept of a service, the newest first."""
    return db.execute(
        select(table(FailedRequest))
        .where(FailedRequest.service_id == service_id)
        .order_by(FailedRequest.at.desc(), FailedRequest.id.desc())
    ).all()
