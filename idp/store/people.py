"""People: the account apart from what each school says about the person (decisions 1 and 3)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Index, LargeBinary, String, select, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, BigId, Line, RowId, Short, reference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NOW = text("valid_to IS NULL")


class Person(Base):
    """The account: one per human being, whoever knows them. Holds nothing that a school says about them."""

    __tablename__ = "person"

    id: Mapped[RowId]
    uniid: Mapped[str] = mapped_column(String(10), unique=True)
    """The key that services know a person by, for life (10 characters)."""
    cpr_index: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    """Keyed blind index of the CPR number (HMAC-SHA-256)."""
    cpr_sealed: Mapped[bytes | None]
    """The CPR number under AES-256-GCM, bound to this column."""
    primary_institution_id: Mapped[int | None] = reference("institution")
    """Where the person was first attached; it alone has power over codes until confirmed elsewhere (decision 2)."""
    language: Mapped[str | None] = mapped_column(String(5))
    blocked_at: Mapped[datetime | None]
    blocked_reason: Mapped[Line | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Username(Base):
    """A username ever given out. Rows stay for ever, so that none is used again."""

    __tablename__ = "username"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = reference("person", index=True)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class SchoolRecord(Base):
    """What one source at one institution says about a person. A contact's record is kept beside pupils' and staff's."""

    __tablename__ = "school_record"
    __table_args__ = (
        Index("uq_school_record_current", "source_id", "kind", "local_id", unique=True,
              sqlite_where=NOW, postgresql_where=NOW),
        Index("ix_school_record_person_current", "person_id", sqlite_where=NOW, postgresql_where=NOW),
    )  # fmt: skip

    id: Mapped[RowId]
    person_id: Mapped[int] = reference("person")
    institution_id: Mapped[int] = reference("institution", index=True)
    source_id: Mapped[int | None] = reference("import_source")
    kind: Mapped[str] = mapped_column(String(8))
    """``person`` (an InstitutionPerson) or ``contact``."""
    local_id: Mapped[str] = mapped_column(String(128))
    """``LocalPersonId``; for a contact, who has none, a keyed digest of the CPR number in hex."""
    first_name: Mapped[Line]
    family_name: Mapped[Line]
    alias_first_name: Mapped[Line | None]
    alias_family_name: Mapped[Line | None]
    protected: Mapped[bool]
    """Name and address protection, always both. Holds for the person if any record says so."""
    birth_date: Mapped[date | None]
    gender: Mapped[str | None] = mapped_column(String(1))
    email: Mapped[Line | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Address, telephone numbers with their protection, photo id, initials, occupation, location, student number."""
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    """BLAKE2b-128 over the normalised record: equal means unchanged, and an unchanged row is never written."""
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class IdentityConflict(Base):
    """Two sources that disagree about who somebody is; shown to administrators, solved by a person."""

    __tablename__ = "identity_conflict"

    id: Mapped[RowId]
    person_id: Mapped[int] = reference("person", index=True)
    record_id: Mapped[int | None] = mapped_column(BigId)
    kind: Mapped[Short]
    found_at: Mapped[datetime]
    solved_at: Mapped[datetime | None]
    solved_by: Mapped[int | None] = reference("person")


def hold_person(db: Session, person_id: int) -> bool:
    """Hold an account's row until the unit of work ends, so that what two ask for at once is done one after the other.

    False where the account has ended. Rows that point at the account are written meanwhile (FOR NO KEY UPDATE).
    """
    own = select(Person.id).where(Person.id == person_id, Person.ended_at.is_(None))
    return db.execute(own.with_for_update(key_share=True)).scalar_one_or_none() is not None
