"""The error pages that were shown of late, by the reference on them; ids and reasons only, no address (decision 7)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, BigId, Short
from idp.store.prepared import run, table
from idp.store.services import Service

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


class ShownError(Base):
    """One error page. Not part of the record: it is cleared away after some days (``policies/data/lifetimes.toml``)."""

    __tablename__ = "shown_error"

    reference: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    reason: Mapped[Short]
    """A value of :class:`policies.vocabulary.Reason`, or ``defect``."""
    status: Mapped[int]
    endpoint: Mapped[Short | None]
    person_id: Mapped[int | None] = mapped_column(BigId)
    """Whom the page was shown to, where that was proven."""
    service_id: Mapped[int | None] = mapped_column(BigId)
    facts: Mapped[dict[str, Any]]


_KEEP = insert(table(ShownError)).inline()


def keep_error(db: Session, values: dict[str, Any]) -> None:
    """Write that a page was shown."""
    run(db, _KEEP, values)


def error_under(db: Session, reference: str) -> AnyRow | None:
    """Return the page under a reference, with the names of the service."""
    return db.execute(
        select(
            ShownError.reference,
            ShownError.at,
            ShownError.reason,
            ShownError.status,
            ShownError.endpoint,
            ShownError.person_id,
            ShownError.facts,
            Service.identifier.label("service"),
            Service.name_da,
            Service.name_en,
        )
        .outerjoin(Service, Service.id == ShownError.service_id)
        .where(ShownError.reference == reference)
    ).one_or_none()
