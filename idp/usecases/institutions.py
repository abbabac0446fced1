"""Institutions and the sources that may deliver for them. Nothing is accepted from a source that nobody approved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.audit import AuditEvent
from idp.store import institutions as store
from policies.identifiers import institution_number_ok

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.usecases.system import System

KINDS = ("grundskole", "friskole", "dagtilbud", "gymnasium", "andet")
"""Kinds that the product knows by name; the register's own kinds are free text."""


@dataclass(frozen=True)
class RegisteredInstitution:
    """``new`` is False when the number was registered before; nothing was changed then."""

    id: int
    number: str
    new: bool


@dataclass(frozen=True)
class ApprovedSource:
    """``new`` is False when the source was approved before."""

    id: int
    institution_id: int
    name: str
    new: bool


@dataclass(frozen=True)
class ListedSource:
    """A source as it is listed."""

    name: str
    approved: bool
    last_source_datetime: datetime | None
    school_year: str | None


@dataclass(frozen=True)
class ListedInstitution:
    """An institution as it is listed."""

    number: str
    name: str
    kind: str
    sources: tuple[ListedSource, ...]


def register_institution(
    db: Session, system: System, number: str, name: str, kind: str, *, municipality: str | None = None
) -> RegisteredInstitution:
    """Register an institution by its number (six digits or capitals). Raises ValueError when the number is no such."""
    if not institution_number_ok(number):
        raise ValueError("an institution number is six digits or capital letters")
    known = store.find_institution(db, number)
    if known is not None:
        return RegisteredInstitution(known.id, number, new=False)
    made = store.add_institution(
        db, number=number, name=name, kind=kind, municipality=municipality, at=system.now()
    )  # fmt: skip
    system.record(
        db, AuditEvent.INSTITUTION_REGISTERED, institution_id=made, facts={"number": number, "actor": "operator"}
    )
    return RegisteredInstitution(made, number, new=True)


def approve_source(db: Session, system: System, number: str, source: str) -> ApprovedSource | None:
    """Let ``source`` deliver for the institution from now on; None when the institution is unknown (decision 24)."""
    institution = store.find_institution(db, number)
    if institution is None:
        return None
    name = " ".join(source.split())
    known = store.find_source(db, number, name)
    if known is not None and known.approved:
        return ApprovedSource(known.id, institution.id, name, new=False)
    source_id = store.approve_source(db, institution.id, name, at=system.now(), known=known.id if known else None)
    system.record(
        db, AuditEvent.SOURCE_APPROVED, institution_id=institution.id, facts={"source": name, "actor": "operator"}
    )
    return ApprovedSource(source_id, institution.id, name, new=True)


def list_institutions(db: Session) -> Sequence[ListedInstitution]:
    """Return every institution that has not ended, by number, with its sources."""
    sources: dict[int, list[ListedSource]] = {}
    for row in store.sources(db):
        sources.setdefault(row.institution_id, []).append(
            ListedSource(row.name, row.approved_at is not None, row.last_source_datetime, row.school_year)
        )
    return [
        ListedInstitution(row.number, row.name, row.kind, tuple(sources.get(row.id, ())))
        for row in store.institutions(db)
    ]


def institution_id(db: Session, number: str) -> int | None:
    """Return the id of the institution of this number, None when there is none."""
    found = store.find_institution(db, number)
    return found.id if found is not None else None
