"""Institutions, and the sources (administrative systems) that tell us about their people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line, RowId, Short, reference


class Supplier(Base):
    """Who runs an administrative system and delivers for several institutions (``udbydersystem``, decision 24)."""

    __tablename__ = "supplier"

    id: Mapped[RowId]
    name: Mapped[Line] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Institution(Base):
    """A school, day-care or other place of learning, by its six-character institution number."""

    __tablename__ = "institution"

    id: Mapped[RowId]
    number: Mapped[str] = mapped_column(String(6), unique=True)
    name: Mapped[Line]
    kind: Mapped[Short]
    municipality: Mapped[Line | None]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the institution sets itself: its networks, school hours, lesson pre-approval."""
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ImportSource(Base):
    """One administrative system's deliveries for one institution. Nothing is accepted without such a row (decision 24)."""

    __tablename__ = "import_source"
    __table_args__ = (UniqueConstraint("institution_id", "name"),)

    id: Mapped[RowId]
    institution_id: Mapped[int] = reference("institution")
    supplier_id: Mapped[int | None] = reference("supplier")
    name: Mapped[Line]
    last_source_datetime: Mapped[datetime | None]
    """``sourceDateTime`` of the newest file that was applied; a file must be newer (SkoleGrunddata rule 1)."""
    school_year: Mapped[str | None] = mapped_column(String(9))
    approved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
