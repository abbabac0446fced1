"""Deliveries and what came of them: the plan, the brake, the report, and what undo needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line, RowId, Short, reference


class SyncRun(Base):
    """One file, from reading to report. The plan is data and is kept as it was applied or held."""

    __tablename__ = "sync_run"

    id: Mapped[RowId]
    institution_id: Mapped[int | None] = reference("institution", index=True)
    source_id: Mapped[int | None] = reference("import_source")
    status: Mapped[str] = mapped_column(String(16))
    """``applied``, ``unchanged``, ``held``, ``rejected``, ``approved`` or ``undone``."""
    file_name: Mapped[Line]
    file_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    source_datetime: Mapped[datetime | None]
    school_year: Mapped[str | None] = mapped_column(String(9))
    plan: Mapped[dict[str, Any]]
    """What was or would be changed, in ids and normalised records with the CPR number sealed."""
    counts: Mapped[dict[str, Any]]
    rejections: Mapped[list[Any]]
    """One entry per rejected person: LocalPersonId and reason, no name, no CPR number."""
    fault: Mapped[Short | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    started_by: Mapped[int | None] = reference("person")
    approved_by: Mapped[int | None] = reference("person")
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = reference("person")
