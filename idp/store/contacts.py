"""Who is whose contact: parents and others around a pupil, as one school's record says (decisions 1 and 4)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, RowId, Short, reference
from policies.vocabulary import Relation

NOW = text("valid_to IS NULL")


class Contact(Base):
    """A tie from a pupil's attachment to a contact's attachment at the same institution."""

    __tablename__ = "contact"
    __table_args__ = (
        Index("uq_contact_current", "pupil_affiliation_id", "contact_affiliation_id", unique=True,
              sqlite_where=NOW, postgresql_where=NOW),
        Index("ix_contact_contact_current", "contact_affiliation_id", sqlite_where=NOW, postgresql_where=NOW),
    )  # fmt: skip

    id: Mapped[RowId]
    pupil_affiliation_id: Mapped[int] = reference("affiliation")
    contact_affiliation_id: Mapped[int] = reference("affiliation")
    relation: Mapped[Relation] = mapped_column(String(32))
    custody: Mapped[bool]
    """``childCustody``. Necessary for any power over the child, never sufficient (decision 4)."""
    access_level: Mapped[int | None]
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    proven_at: Mapped[datetime | None]
    """When the contact proved who they are by a strong ID or in person; without it no power (decision 4)."""
    proven_how: Mapped[Short | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
