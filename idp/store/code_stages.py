"""Queries over which stage governs whom, for many people at once (tables in :mod:`idp.store.credentials`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from idp.store.affiliations import Affiliation
from idp.store.bulk import in_pieces
from idp.store.credentials import Code, ForcedStage
from idp.store.people import Person
from idp.store.sign_in import FORCED_NOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

_STANDINGS = (
    select(
        Code.id.label("code_id"),
        Code.person_id,
        Code.stage.label("code_stage"),
        Code.issued_at,
        Code.stage_left_at,
        Affiliation.actor_group,
        Affiliation.level,
        Affiliation.confirmed_at,
        FORCED_NOW.label("forced_stage"),
    )
    .join(Person, Person.id == Code.person_id)
    .join(Affiliation, (Affiliation.person_id == Person.id) & Affiliation.valid_to.is_(None))
    .where(Code.ended_at.is_(None))
    .order_by(Code.person_id)
)


def standings(db: Session, people: Iterable[int], now: datetime) -> Iterator[Row[*tuple[Any, ...]]]:
    """Yield the live code of each person who has one, one row per attachment that holds now, person by person."""
    for some in in_pieces(sorted(set(people))):
        yield from db.execute(_STANDINGS.where(Code.person_id.in_(some)), {"now": now})


def people_of_records(db: Session, records: Iterable[int]) -> list[int]:
    """Return whose the school records are."""
    found: list[int] = []
    for some in in_pieces(records):
        found += db.execute(select(Affiliation.person_id).where(Affiliation.record_id.in_(some))).scalars()
    return found


def stage_left(db: Session, codes: Iterable[int], at: datetime | None) -> None:
    """Write since when codes are outgrown; None: they fit again."""
    for some in in_pieces(codes):
        db.execute(update(Code).where(Code.id.in_(some)).values(stage_left_at=at))


def codes_under_lapsed_stages(db: Session, now: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return ``person_id`` and ``valid_to`` of each forced stage that ended during the life of a code not noted since."""
    return db.execute(
        select(ForcedStage.person_id, func.max(ForcedStage.valid_to).label("valid_to"))
        .join(Code, Code.person_id == ForcedStage.person_id)
        .where(
            Code.ended_at.is_(None),
            Code.stage_left_at.is_(None),
            ForcedStage.valid_to <= now,
            ForcedStage.valid_to > Code.issued_at,
        )
        .group_by(ForcedStage.person_id)
    ).all()
