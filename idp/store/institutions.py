"""Institutions, and the sources (administrative systems) that tell us about their people."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import String, UniqueConstraint, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line, RowId, Short, reference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


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


class FoundInstitution(NamedTuple):
    """An institution that has not ended."""

    id: int
    number: str
    name: str


class FoundSource(NamedTuple):
    """A source of an institution that has not ended. ``approved`` is False until somebody approved it."""

    id: int
    institution_id: int
    approved: bool
    last_source_datetime: datetime | None
    school_year: str | None


def find_institution(session: Session, number: str) -> FoundInstitution | None:
    """Find an institution by its number."""
    columns = select(Institution.id, Institution.number, Institution.name)
    row = session.execute(columns.where(Institution.number == number, Institution.ended_at.is_(None))).one_or_none()
    return FoundInstitution(*row) if row else None


def find_source(session: Session, number: str, name: str, *, lock: bool = False) -> FoundSource | None:
    """Find a source by the institution's number and its own name; ``lock`` keeps other importers of it waiting."""
    query = (
        select(
            ImportSource.id, ImportSource.institution_id, ImportSource.approved_at,
            ImportSource.last_source_datetime, ImportSource.school_year,
        )
        .join(Institution, Institution.id == ImportSource.institution_id)
        .where(Institution.number == number, ImportSource.name == name)
        .where(Institution.ended_at.is_(None), ImportSource.ended_at.is_(None))
    )  # fmt: skip
    row = session.execute(query.with_for_update(of=ImportSource) if lock else query).one_or_none()
    return FoundSource(row[0], row[1], row[2] is not None, row[3], row[4]) if row else None


def add_institution(
    session: Session, *, number: str, name: str, kind: str, municipality: str | None, at: datetime
) -> int:
    """Write a new institution and return its id."""
    values: dict[str, Any] = {
        "number": number,
        "name": name,
        "kind": kind,
        "municipality": municipality,
        "settings": {},
    }
    return session.execute(insert(Institution).returning(Institution.id), {**values, "created_at": at}).scalar_one()


def approve_source(session: Session, institution_id: int, name: str, *, at: datetime, known: int | None) -> int:
    """Write the approval on the source ``known``, or on a new row; return its id."""
    if known is not None:
        session.execute(update(ImportSource).where(ImportSource.id == known).values(approved_at=at))
        return known
    row = {"institution_id": institution_id, "name": name, "approved_at": at}
    return session.execute(insert(ImportSource).returning(ImportSource.id), row).scalar_one()


def source_delivered(session: Session, source_id: int, source_datetime: datetime, school_year: str) -> None:
    """Write which delivery of the source is the newest."""
    table = ImportSource
    values = {"last_source_datetime": source_datetime, "school_year": school_year}
    session.execute(update(table).where(table.id == source_id).values(values))


class InstitutionRow(NamedTuple):
    """An institution as it is listed."""

    id: int
    number: str
    name: str
    kind: str


class SourceRow(NamedTuple):
    """A source as it is listed."""

    institution_id: int
    name: str
    approved_at: datetime | None
    last_source_datetime: datetime | None
    school_year: str | None


def institutions(session: Session) -> list[InstitutionRow]:
    """Return every institution that has not ended, by number."""
    columns = select(Institution.id, Institution.number, Institution.name, Institution.kind)
    rows = session.execute(columns.where(Institution.ended_at.is_(None)).order_by(Institution.number))
    return [InstitutionRow(*row) for row in rows]


def sources(session: Session) -> list[SourceRow]:
    """Return every source that has not ended, by institution and name."""
    table = ImportSource
    columns = select(table.institution_id, table.name, table.approved_at, table.last_source_datetime, table.school_year)
    rows = session.execute(columns.where(table.ended_at.is_(None)).order_by(table.institution_id, table.name))
    return [SourceRow(*row) for row in rows]


def institution_settings(session: Session, institution_id: int, *, lock: bool = False) -> AnyRow | None:
    """Return ``name, number, settings`` of an institution that has not ended; ``lock`` holds its row."""
    query = select(Institution.name, Institution.number, Institution.settings).where(
        Institution.id == institution_id, Institution.ended_at.is_(None)
    )
    return session.execute(query.with_for_update() if lock else query).one_or_none()


def keep_settings(session: Session, institution_id: int, settings: dict[str, Any]) -> None:
    """Write what an institution sets itself."""
    session.execute(update(Institution).where(Institution.id == institution_id).values(settings=settings))
