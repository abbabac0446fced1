"""Emergency stops: a class or an institution whose codes are suspended at once, and kept (decision 27)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped

from idp.store.base import Base, Line, RowId, reference


class EmergencyStop(Base):
    """One press. The codes that it suspended name it (``code.stop_id``), so that lifting it starts those and no others."""

    __tablename__ = "emergency_stop"

    id: Mapped[RowId]
    institution_id: Mapped[int] = reference("institution", index=True)
    group_id: Mapped[int | None] = reference("school_group")
    """The class; nothing for the whole institution."""
    reason: Mapped[Line]
    started_by: Mapped[int] = reference("person")
    started_at: Mapped[datetime]
    pupils: Mapped[int]
    """Codes that were suspended."""
    sessions: Mapped[int]
    """Sessions that were ended."""
    lifted_by: Mapped[int | None] = reference("person")
    lifted_at: Mapped[datetime | None]
