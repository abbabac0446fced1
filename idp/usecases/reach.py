"""Whose pupils: the one place where Elevadgang asks which groups somebody helps in, and who is in them.

Every route of Elevadgang begins with :func:`reach_of`, loads its group by :func:`class_for` and its pupils by
:func:`pupils_for`; nothing there takes a group or a person from an address in another way. A reach is worked out anew for
every request, so that a teacher who has lost a class while its page was open is refused at the next press.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TYPE_CHECKING

from idp.errors import Refused
from idp.store.classes import group_row, groups_within, pupils_within
from idp.store.rights import groups_stood_in
from idp.store.upstreams import vouched_institutions
from idp.usecases import access
from policies.administration import groups_taught, works_at
from policies.upstreams import leans_on_another
from policies.vocabulary import GroupType, Level, Reason

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.administration_sessions import Visit
    from idp.usecases.system import System
    from policies.vocabulary import Factor


@unique
class Through(StrEnum):
    """What brings somebody to a class; the first that holds."""

    TEACHER = "teacher"
    ADMINISTRATOR = "administrator"
    SUBSTITUTE = "substitute"


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What somebody reaches now: ids of groups, and of institutions of which it is all of them."""

    actor_id: int
    taught: frozenset[int] = frozenset()
    stood_in: frozenset[int] = frozenset()
    administered: frozenset[int] = frozenset()
    works_at: frozenset[str] = frozenset()
    """Numbers of the institutions where the person works; a group that is stood in for counts only there."""
    bound: frozenset[int] | None = None
    """The institutions that anything counts at; None for all."""

    @property
    def groups(self) -> frozenset[int]:
        """Every group that is reached by itself."""
        return self.taught | self.stood_in


@dataclass(frozen=True, kw_only=True)
class SchoolClass:
    """A group as Elevadgang speaks of it."""

    id: int
    name: str
    type: GroupType
    level: Level | None
    institution_id: int
    institution: str
    number: str
    """The institution number."""
    through: Through
    institution_administered: bool = False
    """Whether the one who reaches it administers the institution, whatever brings them here."""


@dataclass(frozen=True, kw_only=True)
class OwnPupil:
    """A pupil in a group that is reached."""

    person_id: int
    affiliation_id: int
    level: Level | None
    institution_id: int


def reach_of(db: Session, system: System, visit: Visit, factors: frozenset[Factor]) -> Reach:
    """Return what whoever visits reaches, with these factors in the session: three statements.

    Who is strong enough only by another provider's word reaches what lies within the institutions that this vouches for
    (decision 20).
    """
    own = access.attachments_of(db, visit.person_id)
    vouched = vouched_institutions(db, visit.login_session_id) if leans_on_another(factors) else None
    return Reach(
        actor_id=visit.person_id,
        taught=frozenset(map(int, groups_taught(own))),
        stood_in=frozenset(groups_stood_in(db, visit.person_id, system.now())),
        administered=frozenset(one.id for one in access.institutions_of(db, system, visit.person_id)),
        works_at=works_at(own),
        bound=None if vouched is None else frozenset(vouched),
    )


def classes_of(db: Session, reach: Reach) -> tuple[SchoolClass, ...]:
    """Return the groups that are reached, own ones first, each institution's classes before its other groups."""
    rows = groups_within(db, group_ids=reach.groups, institution_ids=reach.administered)
    found = [one for row in rows if (one := _class(row, reach)) is not None]
    return tuple(sorted(found, key=lambda one: list(Through).index(one.through) == 1))


def class_for(db: Session, reach: Reach, group_id: int) -> SchoolClass:
    """Return a group that is reached. Raises :class:`Refused` for any other, as for one that there is not."""
    row = group_row(db, group_id)
    found = _class(row, reach) if row is not None else None
    if found is None:
        raise Refused(Reason.CLASS_NOT_YOURS)
    return found


def pupils_of(db: Session, reach: Reach, group: SchoolClass) -> tuple[OwnPupil, ...]:
    """Return the pupils of a group that is reached, each once."""
    return _pupils(db, reach, group, None)


def pupils_for(db: Session, reach: Reach, group: SchoolClass, person_ids: Collection[int]) -> tuple[OwnPupil, ...]:
    """Return some pupils of a group. Raises :class:`Refused` when one of them is not in it: then nothing is done for any."""
    found = _pupils(db, reach, group, person_ids)
    if {one.person_id for one in found} != set(person_ids):
        raise Refused(Reason.NOT_YOUR_PUPIL)
    return found


def _pupils(db: Session, reach: Reach, group: SchoolClass, person_ids: Collection[int] | None) -> tuple[OwnPupil, ...]:
    rows = pupils_within(
        db,
        group_ids=reach.groups,
        institution_ids=reach.administered,
        only=group.id,
        person_ids=person_ids,
    )
    each = {row.person_id: row for row in rows}
    return tuple(
        OwnPupil(
            person_id=row.person_id,
            affiliation_id=row.affiliation_id,
            level=Level(row.level) if row.level else None,
            institution_id=row.institution_id,
        )
        for row in each.values()
    )


def _class(row: AnyRow, reach: Reach) -> SchoolClass | None:
    through = _through(row, reach)
    if through is None:
        return None
    return SchoolClass(
        id=row.id,
        name=row.name,
        type=GroupType(row.type),
        level=Level(row.level) if row.level else None,
        institution_id=row.institution_id,
        institution=row.institution,
        number=row.number,
        through=through,
        institution_administered=row.institution_id in reach.administered,
    )


def _through(row: AnyRow, reach: Reach) -> Through | None:
    if reach.bound is not None and row.institution_id not in reach.bound:
        return None
    if row.id in reach.taught:
        return Through.TEACHER
    if row.institution_id in reach.administered:
        return Through.ADMINISTRATOR
    if row.id in reach.stood_in and row.number in reach.works_at:
        return Through.SUBSTITUTE
    return None
