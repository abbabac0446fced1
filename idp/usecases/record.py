"""The record that people read: what was done to an account, by whom, in plain words (decisions 7 and 28).

The pupil reads their own, a parent with custody the child's, the school's leadership what its staff did. Nobody reads an
address, a network or a place, nor anything of another contact but that it was one; protected staff are the school.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent
from idp.errors import Refused
from idp.store import record as store
from idp.usecases.administered import names_of, protected_among
from policies.vocabulary import Reason, Right

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.system import System
    from policies.protection import ShownName

OF_OTHERS: Final = frozenset(
    {
        AuditEvent.WINDOW_OPENED,
        AuditEvent.STEP_UP_APPROVED,
        AuditEvent.STEP_UP_REFUSED,
        AuditEvent.LESSON_APPROVED,
        AuditEvent.USERNAME_SEEN,
        AuditEvent.USERNAMES_PRINTED,
        AuditEvent.SESSIONS_ENDED,
        AuditEvent.PERSON_BLOCKED,
        AuditEvent.PERSON_UNBLOCKED,
        AuditEvent.STAGE_FORCED,
        AuditEvent.STAGE_RELEASED,
        AuditEvent.CARD_ISSUED,
        AuditEvent.CARD_REVOKED,
        AuditEvent.PASS_ISSUED,
        AuditEvent.CODE_ISSUED_BY_OPERATOR,
        AuditEvent.CODE_STOPPED,
        AuditEvent.CODE_STARTED,
        AuditEvent.CONTACT_CONFIRMED,
        AuditEvent.RIGHT_GRANTED,
        AuditEvent.RIGHT_ENDED,
    }
)
"""What somebody does to another's account. The family reads it, and the person."""
OF_ONESELF: Final = frozenset(
    {
        AuditEvent.LOGIN_SUCCEEDED,
        AuditEvent.CODE_CONFIRMED,
        AuditEvent.STEP_UP_ASKED,
        AuditEvent.FACTOR_ENROLLED,
        AuditEvent.FACTOR_REMOVED,
        AuditEvent.RECOVERY_CODE_USED,
        AuditEvent.PASS_USED,
        AuditEvent.CONSENT_GIVEN,
        AuditEvent.CONSENT_WITHDRAWN,
    }
)
"""What the person does, for the person's own eyes: nobody's logins are for others to read."""
OF_STAFF: Final = OF_OTHERS | {AuditEvent.CODES_STOPPED, AuditEvent.CODES_STARTED}
"""What the leadership reads of those who help pupils in."""
PAGE: Final = 40
"""Lines of one page."""
PAGE_OF_LEADERSHIP: Final = 300
"""Lines of one page of an institution's record."""
_LATELY: Final = timedelta(days=7)
_LEADERSHIP: Final = (Right.SCHOOL_MANAGEMENT.value, Right.USER_ADMINISTRATOR.value)


@unique
class Doer(StrEnum):
    """Who did something, as far as the reader is told."""

    READER = "reader"
    PERSON = "person"
    NAMED = "named"
    SCHOOL = "school"
    CONTACT = "contact"
    OPERATOR = "operator"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a record. ``name`` only where the doer is NAMED; ``about`` only where an institution's is read."""

    id: int
    at: datetime
    event: AuditEvent
    doer: Doer
    name: ShownName | None
    institution: str | None
    service_names: dict[str, str] | None
    about: ShownName | None = None
    unusual: bool = False
    """An adult vouched although something was unusual."""


@dataclass(frozen=True, kw_only=True)
class Leads:
    """An institution whose record somebody may read."""

    id: int
    number: str
    name: str


def own_record(db: Session, person_id: int, *, before: int | None = None) -> tuple[Line, ...]:
    """Return what was done to a person's account, by others and by the person, the newest first."""
    names = [event.value for event in OF_OTHERS | OF_ONESELF]
    rows = store.events_about(db, person_id, names, before=before, at_most=PAGE)
    return _lines(db, rows, reader=person_id)


def childs_record(db: Session, child_id: int, *, reader: int, before: int | None = None) -> tuple[Line, ...]:
    """Return what others did to a child's account, as a parent reads it. The caller has asked for custody."""
    rows = store.events_about(db, child_id, [event.value for event in OF_OTHERS], before=before, at_most=PAGE)
    return _lines(db, rows, reader=reader)


def led_by(db: Session, system: System, person_id: int) -> tuple[Leads, ...]:
    """Return the institutions whose record somebody may read: by the right of leadership, or as user administrator."""
    rows = store.institutions_with(db, person_id, _LEADERSHIP, system.now())
    return tuple(Leads(id=row.id, number=row.number, name=row.name) for row in rows)


def institution_record(
    db: Session, system: System, *, reader: int, number: str, before: int | None = None
) -> tuple[Leads, tuple[Line, ...]]:
    """Return what was done for pupils at an institution within a week, the newest first.

    ``before``: only what stands before the line of that id. Raises :class:`Refused` for any other number.
    """
    own = next((one for one in led_by(db, system, reader) if one.number == number), None)
    if own is None:
        raise Refused(Reason.OUTSIDE_YOUR_INSTITUTIONS)
    names = [event.value for event in OF_STAFF]
    since = system.now() - _LATELY
    rows = store.events_at(db, own.id, names, since=since, before=before, at_most=PAGE_OF_LEADERSHIP)
    return own, _lines(db, rows, reader=reader, at=own.id)


def _lines(db: Session, rows: Sequence[AnyRow], *, reader: int, at: int | None = None) -> tuple[Line, ...]:
    doers = _Doers(db, rows, reader)
    about = names_of(db, {row.subject_id for row in rows if row.subject_id}, at) if at is not None else {}
    return tuple(
        Line(
            id=row.id,
            at=row.at,
            event=AuditEvent(row.event),
            doer=doers.of(row),
            name=doers.name(row),
            institution=row.institution,
            service_names={"da": row.name_da, "en": row.name_en} if row.name_da else None,
            about=about.get(row.subject_id),
            unusual=bool(row.facts.get("unusual")) and row.event == AuditEvent.STEP_UP_APPROVED,
        )
        for row in rows
    )


class _Doers:
    """Who did what, for one reader: staff of the institution where it was done by name, unless a school protects them."""

    def __init__(self, db: Session, rows: Sequence[AnyRow], reader: int) -> None:
        self.reader = reader
        ids: Collection[int] = {row.actor_id for row in rows if row.actor_id is not None}
        institutions = {row.institution_id for row in rows if row.institution_id is not None}
        self.staff = {(one.person_id, one.institution_id) for one in store.staff_among(db, ids, institutions)}
        self.protected = protected_among(db, ids)
        self.names = {each: names_of(db, ids, each) for each in institutions}

    def of(self, row: AnyRow) -> Doer:
        if row.actor_id is None:
            return Doer.OPERATOR
        if row.actor_id == self.reader:
            return Doer.READER
        if row.actor_id == row.subject_id:
            return Doer.PERSON
        if row.facts.get("as") == "parent":
            return Doer.CONTACT
        if (row.actor_id, row.institution_id) in self.staff and row.actor_id not in self.protected:
            return Doer.NAMED if self.names[row.institution_id].get(row.actor_id) else Doer.SCHOOL
        return Doer.SCHOOL

    def name(self, row: AnyRow) -> ShownName | None:
        if self.of(row) is not Doer.NAMED:
            return None
        found: ShownName | None = self.names[row.institution_id].get(row.actor_id)
        return found
