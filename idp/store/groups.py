"""Classes and other groups, and who is in them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Index, LargeBinary, String, select, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, RowId, reference
from policies.vocabulary import GroupType, Level

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NOW = text("valid_to IS NULL")


class SchoolGroup(Base):
    """A group at an institution, by the code the source gives it (``GroupId``)."""

    __tablename__ = "school_group"
    __table_args__ = (
        Index("uq_school_group_current", "source_id", "code", unique=True, sqlite_where=NOW, postgresql_where=NOW),
    )

    id: Mapped[RowId]
    institution_id: Mapped[int] = reference("institution", index=True)
    source_id: Mapped[int | None] = reference("import_source")
    code: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(100))
    type: Mapped[GroupType] = mapped_column(String(16))
    level: Mapped[Level | None] = mapped_column(String(8))
    line: Mapped[str | None] = mapped_column(String(40))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class Membership(Base):
    """An attachment's place in a group; ``main`` marks a pupil's class."""

    __tablename__ = "membership"
    __table_args__ = (
        Index("uq_membership_current", "affiliation_id", "group_id", unique=True,
              sqlite_where=NOW, postgresql_where=NOW),
        Index("ix_membership_group_current", "group_id", sqlite_where=NOW, postgresql_where=NOW),
    )  # fmt: skip

    id: Mapped[RowId]
    affiliation_id: Mapped[int] = reference("affiliation")
    group_id: Mapped[int] = reference("school_group")
    main: Mapped[bool]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


def hold_group(db: Session, group_id: int) -> None:
    """Hold a group's row until the unit of work ends, so that what is given about it at once is given one after the other."""
    db.execute(select(SchoolGroup.id).where(SchoolGroup.id == group_id).with_for_update())
