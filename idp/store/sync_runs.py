"""Deliveries and what came of them: the plan, the brake, the report, and what undo needs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import LargeBinary, String, insert, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line, RowId, Short, reference
from idp.store.people import Person, Username
from idp.store.rights import GrantedRight, has_not_left

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from policies.vocabulary import Right


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


def write_run(session: Session, values: dict[str, Any]) -> int:
    """Write a run and return its number. ``values`` names the columns; those left out are empty."""
    row = {"plan": {}, "counts": {}, "rejections": [], **values}
    return session.execute(insert(SyncRun).returning(SyncRun.id), row).scalar_one()


class HeldRun(NamedTuple):
    """A run whose plan waits for a person."""

    id: int
    institution_id: int
    source_id: int
    file_name: str
    plan: dict[str, Any]
    rejections: list[Any]


def held_run(session: Session, run_id: int) -> HeldRun | None:
    """Return the run if it is held."""
    columns = select(
        SyncRun.id, SyncRun.institution_id, SyncRun.source_id, SyncRun.file_name, SyncRun.plan, SyncRun.rejections
    )
    row = session.execute(columns.where(SyncRun.id == run_id, SyncRun.status == "held")).one_or_none()
    if row is None or row[1] is None or row[2] is None:
        return None
    return HeldRun(row[0], row[1], row[2], row[3], row[4], row[5])


def approve_run(session: Session, run_id: int, *, approved_by: int, plan: dict[str, Any], at: datetime) -> bool:
    """Mark a held run approved and keep its plan as applied; False when it was no longer held."""
    waiting = (SyncRun.id == run_id) & (SyncRun.status == "held")
    values = {"status": "approved", "approved_by": approved_by, "plan": plan, "finished_at": at}
    done = session.execute(update(SyncRun).where(waiting).values(values))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def entitled_person(
    session: Session, username: str, rights: Iterable[Right], *, institution_id: int, at: datetime
) -> int | None:
    """Return who holds one of the rights at the institution, or everywhere, under this username; None if nobody."""
    query = (
        select(Username.person_id)
        .join(Person, Person.id == Username.person_id)
        .join(GrantedRight, GrantedRight.person_id == Person.id)
        .where(Username.name == username, Username.valid_to.is_(None))
        .where(Person.ended_at.is_(None), Person.blocked_at.is_(None))
        .where(GrantedRight.right.in_(list(rights)), GrantedRight.group_id.is_(None), GrantedRight.valid_from <= at)
        .where(or_(GrantedRight.valid_to.is_(None), GrantedRight.valid_to > at))
        .where(or_(GrantedRight.institution_id.is_(None), GrantedRight.institution_id == institution_id))
        .where(has_not_left())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()
