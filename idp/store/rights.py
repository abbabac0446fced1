"""Rights that somebody granted, beside those that an attachment gives by itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line, RowId, reference
from policies.vocabulary import Right


class GrantedRight(Base):
    """A right of a person, at one institution or (an operator's) everywhere, for one group or all, from when to when."""

    __tablename__ = "granted_right"

    id: Mapped[RowId]
    person_id: Mapped[int] = reference("person", index=True)
    institution_id: Mapped[int | None] = reference("institution", index=True)
    group_id: Mapped[int | None] = reference("school_group")
    """A substitute's class."""
    right: Mapped[Right] = mapped_column(String(32))
    reason: Mapped[Line | None]
    granted_by: Mapped[int | None] = reference("person")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
