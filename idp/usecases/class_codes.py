"""Giv ny adgangskode: windows for the pupils of a class that are ticked; who may have none is named with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.audit import AuditEvent
from idp.errors import Refused
from idp.store.affiliations import working_among
from idp.store.class_state import usernames_of
from idp.store.sign_in import people_with_a_code
from idp.usecases.administered import in_order_of_names, names_of
from idp.usecases.class_page import class_page
from idp.usecases.reach import pupils_for, pupils_of
from idp.usecases.windows import open_window, withdraw_windows
from policies.vocabulary import WindowPurpose

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from idp.usecases.reach import Reach, SchoolClass
    from idp.usecases.system import System
    from policies.protection import ShownName
    from policies.vocabulary import Reason


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What came of a press: how many windows stand open, and whom none was opened for."""

    opened: int
    refused: tuple[tuple[ShownName | None, Reason], ...] = ()


@dataclass(frozen=True, kw_only=True)
class SeenUsername:
    """A pupil's username, looked up on record."""

    name: ShownName | None
    username: str | None


def give_new_codes(
    db: Session, system: System, reach: Reach, group: SchoolClass, person_ids: Collection[int]
) -> Opened:
    """Open a window for each of some pupils: for the first code, where there is none. Raises :class:`Refused` for a stranger."""
    pupils = pupils_for(db, reach, group, person_ids)
    with_code = set(people_with_a_code(db, person_ids))
    seen = {card.window.sign for card in class_page(db, system, group).cards if card.window and card.window.is_open}
    refused: dict[int, Reason] = {}
    for pupil in pupils:
        purpose = WindowPurpose.NEW_CODE if pupil.person_id in with_code else WindowPurpose.FIRST_CODE
        try:
            opened = open_window(
                db,
                system,
                person_id=pupil.person_id,
                opened_by=reach.actor_id,
                purpose=purpose,
                institution_id=group.institution_id,
                seen=seen,
            )
            seen.add(opened.sign)
        except Refused as why:
            refused[pupil.person_id] = why.reason
    names = names_of(db, list(refused), group.institution_id)
    return Opened(
        opened=len(pupils) - len(refused),
        refused=tuple((names.get(person_id), reason) for person_id, reason in refused.items()),
    )


def close_windows(db: Session, system: System, reach: Reach, group: SchoolClass, person_ids: Collection[int]) -> int:
    """Close the open windows of some pupils before their time; how many. Raises :class:`Refused` for a stranger.

    Whoever works at a school too is passed over: no window of theirs was opened here.
    """
    pupils = {pupil.person_id for pupil in pupils_for(db, reach, group, person_ids)}
    reached = pupils - set(working_among(db, pupils))
    return sum(withdraw_windows(db, system, person_id=one, by=reach.actor_id) for one in sorted(reached))


def look_up_usernames(
    db: Session, system: System, reach: Reach, group: SchoolClass, person_ids: Collection[int]
) -> tuple[SeenUsername, ...]:
    """Return the usernames of some pupils, by name; each look is on record. Raises :class:`Refused` for a stranger."""
    pupils = pupils_for(db, reach, group, person_ids)
    for pupil in pupils:
        system.record(
            db,
            AuditEvent.USERNAME_SEEN,
            actor_id=reach.actor_id,
            subject_id=pupil.person_id,
            institution_id=group.institution_id,
            facts={"group": group.id},
        )
    return _usernames(db, group, [pupil.person_id for pupil in pupils])


def class_sheet(db: Session, system: System, reach: Reach, group: SchoolClass) -> tuple[SeenUsername, ...]:
    """Return the usernames of a whole class, to be printed: names and usernames, never codes. Each pupil reads of it."""
    pupils = pupils_of(db, reach, group)
    for pupil in pupils:
        system.record(
            db,
            AuditEvent.USERNAMES_PRINTED,
            actor_id=reach.actor_id,
            subject_id=pupil.person_id,
            institution_id=group.institution_id,
            facts={"group": group.id},
        )
    return _usernames(db, group, [pupil.person_id for pupil in pupils])


def _usernames(db: Session, group: SchoolClass, person_ids: Collection[int]) -> tuple[SeenUsername, ...]:
    names, usernames = names_of(db, person_ids, group.institution_id), usernames_of(db, person_ids)
    ordered = sorted(person_ids, key=lambda person_id: in_order_of_names(names.get(person_id), person_id))
    return tuple(SeenUsername(name=names.get(one), username=usernames.get(one)) for one in ordered)
