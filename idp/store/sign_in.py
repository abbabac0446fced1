"""What a login asks of an account: its code, and the attachments that say which code fits. One statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update

from idp.store.affiliations import Affiliation
from idp.store.credentials import Code, ForcedStage
from idp.store.institutions import Institution
from idp.store.people import Person, SchoolRecord, Username
from idp.store.prepared import run

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session


FORCED_NOW = (
    select(ForcedStage.stage)
    .where(
        ForcedStage.person_id == Person.id,
        ForcedStage.valid_from <= bindparam("now"),
        ForcedStage.valid_to > bindparam("now"),
    )
    .order_by(ForcedStage.id.desc())
    .limit(1)
    .correlate(Person)
    .scalar_subquery()
)
"""The stage that an administrator has forced on the person, if one is in force at ``now``."""

_ACCOUNT = (
    select(
        Person.id.label("person_id"),
        Person.language,
        Person.blocked_at,
        Person.ended_at,
        Code.id.label("code_id"),
        Code.kind,
        Code.phc,
        Code.pepper,
        Code.stage.label("code_stage"),
        Code.issued_at,
        Code.stage_left_at,
        Code.warned_at,
        Code.suspended_at,
        Affiliation.id.label("affiliation_id"),
        Affiliation.institution_id,
        Affiliation.actor_group,
        Affiliation.level,
        Affiliation.confirmed_at,
        FORCED_NOW.label("forced_stage"),
    )
    .outerjoin(Code, (Code.person_id == Person.id) & Code.ended_at.is_(None))
    .outerjoin(Affiliation, (Affiliation.person_id == Person.id) & Affiliation.valid_to.is_(None))
)
_BY_NAME = _ACCOUNT.join(Username, Username.person_id == Person.id).where(
    Username.name == bindparam("name"), Username.valid_to.is_(None)
)
_BY_ID = _ACCOUNT.where(Person.id == bindparam("person"))
_KINDS = select(Code.kind, func.count().label("codes")).where(Code.ended_at.is_(None)).group_by(Code.kind)


def person_with_username(db: Session, name: str) -> Row[*tuple[Any, ...]] | None:
    """Return ``id``, ``uniid``, ``language``, ``blocked_at`` and ``ended_at`` of who has this username now."""
    return db.execute(
        select(Person.id, Person.uniid, Person.language, Person.blocked_at, Person.ended_at)
        .join(Username, Username.person_id == Person.id)
        .where(Username.name == name, Username.valid_to.is_(None))
    ).one_or_none()


def person_uniid(db: Session, person_id: int) -> str:
    """Return the user id of an account."""
    return db.execute(select(Person.uniid).where(Person.id == person_id)).scalar_one()


def username_of(db: Session, person_id: int) -> str | None:
    """Return the username that a person has now."""
    named = select(Username.name).where(Username.person_id == person_id, Username.valid_to.is_(None)).limit(1)
    return db.execute(named).scalar_one_or_none()


def people_with_a_code(db: Session, person_ids: Collection[int]) -> Sequence[int]:
    """Return those of some people who have a live code."""
    query = select(Code.person_id).where(Code.person_id.in_(person_ids), Code.ended_at.is_(None))
    return db.execute(query).scalars().all()


def account_rows_by_name(db: Session, name: str, now: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return who has this username now with the live code, one row per attachment that holds now (at least one row)."""
    return run(db, _BY_NAME, {"name": name, "now": now}).all()


def account_rows(db: Session, person_id: int, now: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the same for a person's id."""
    return run(db, _BY_ID, {"person": person_id, "now": now}).all()


def code_kinds(db: Session) -> Sequence[Row[*tuple[Any, ...]]]:
    """Count the live codes of each kind: ``kind``, ``codes``."""
    return run(db, _KINDS).all()


def known_of(db: Session, person_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what everybody may know of a person, one row per school record: names, birth date, school, username."""
    return db.execute(
        select(
            SchoolRecord.first_name,
            SchoolRecord.family_name,
            SchoolRecord.alias_first_name,
            SchoolRecord.alias_family_name,
            SchoolRecord.birth_date,
            Institution.name.label("school"),
            Username.name.label("username"),
        )
        .join(Institution, Institution.id == SchoolRecord.institution_id)
        .outerjoin(Username, (Username.person_id == SchoolRecord.person_id) & Username.valid_to.is_(None))
        .where(SchoolRecord.person_id == person_id, SchoolRecord.valid_to.is_(None))
        .order_by(SchoolRecord.id)
    ).all()


def earlier_codes(db: Session, person_id: int, kind: str, most: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return ``phc`` and ``pepper`` of a person's newest codes of one kind, the live one included."""
    newest = select(Code.phc, Code.pepper).where(Code.person_id == person_id, Code.kind == kind)
    return db.execute(newest.order_by(Code.id.desc()).limit(most)).all()


def note_warned(db: Session, code_id: int, now: datetime) -> None:
    """Write that the person was told that the code ends."""
    db.execute(update(Code).where(Code.id == code_id).values(warned_at=now))


def end_code(db: Session, person_id: int, now: datetime, why: str) -> int:
    """End a person's live code and say how many there were, 0 or 1."""
    ended = db.execute(
        update(Code)
        .where(Code.person_id == person_id, Code.ended_at.is_(None))
        .values(ended_at=now, ended_why=why)
        .returning(Code.id)
    )
    return len(ended.scalars().all())


def insert_code(db: Session, values: dict[str, Any]) -> None:
    """Write a code's verifier."""
    db.execute(Code.__table__.insert(), values)  # type: ignore[attr-defined]


def replace_verifier(db: Session, code_id: int, old_phc: str, phc: str, pepper: str) -> bool:
    """Put a verifier made with today's parameters in the place of ``old_phc``; False when somebody was faster."""
    changed = db.execute(
        update(Code)
        .where(Code.id == code_id, Code.phc == old_phc, Code.ended_at.is_(None))
        .values(phc=phc, pepper=pepper)
        .returning(Code.id)
    )
    return changed.scalar_one_or_none() is not None
