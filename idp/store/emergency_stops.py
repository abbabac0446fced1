"""Emergency stops: a class or an institution whose codes are suspended at once, and kept (decision 27)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, union, update
from sqlalchemy.orm import Mapped

from idp.store.affiliations import Affiliation, confirmed_to_work
from idp.store.base import Base, Line, RowId, reference
from idp.store.credentials import ActivationWindow, Code
from idp.store.grants import Grant
from idp.store.groups import Membership, SchoolGroup
from idp.store.institutions import Institution
from idp.store.login_sessions import LoginSession, SessionParticipant
from policies.vocabulary import ActorGroup

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


class EmergencyStop(Base):
    """One press. The codes that it suspended name it (``code.stop_id``), so that lifting it starts those and no others."""

    __tablename__ = "emergency_stop"

    id: Mapped[RowId]
    institution_id: Mapped[int] = reference("institution", index=True)
    group_id: Mapped[int | None] = reference("school_group")
    """The class; nothing for the whole institution."""
    reason: Mapped[Line]
    started_by: Mapped[int] = reference("person")
    started_at: Mapped[datetime]
    pupils: Mapped[int]
    """Codes that were suspended."""
    sessions: Mapped[int]
    """Sessions that were ended."""
    lifted_by: Mapped[int | None] = reference("person")
    lifted_at: Mapped[datetime | None]


def pupils_in_scope(db: Session, institution_id: int, group_id: int | None) -> frozenset[int]:
    """Return the confirmed pupils of a class, or of an institution, over whose codes a stop there has power.

    Not those who work at a school; a school that only says so, of a pupil whom nobody has confirmed there, shields nobody.
    """
    query = _pupils(institution_id, group_id).where(~confirmed_to_work(Affiliation.person_id))
    return frozenset(db.execute(query.distinct()).scalars())


def pupils_passed_over(db: Session, institution_id: int, group_id: int | None) -> frozenset[int]:
    """Return the confirmed pupils there whom a stop does not reach, since they work at a school."""
    query = _pupils(institution_id, group_id).where(confirmed_to_work(Affiliation.person_id))
    return frozenset(db.execute(query.distinct()).scalars())


def _pupils(institution_id: int, group_id: int | None) -> Select[int]:
    query = select(Affiliation.person_id).where(
        Affiliation.institution_id == institution_id,
        Affiliation.actor_group == ActorGroup.PUPIL.value,
        Affiliation.valid_to.is_(None),
        Affiliation.confirmed_at.is_not(None),
    )
    if group_id is None:
        return query
    return query.join(Membership, Membership.affiliation_id == Affiliation.id).where(
        Membership.group_id == group_id, Membership.valid_to.is_(None)
    )


def live_codes_of(db: Session, person_ids: Collection[int]) -> int:
    """Count the codes of some people that work now."""
    counted = select(func.count()).where(*_works(), Code.person_id.in_(person_ids))
    return db.execute(counted).scalar_one()


def people_logged_in(db: Session, person_ids: Collection[int], now: datetime) -> Sequence[int]:
    """Return those of some people who have a live session, or have granted a service something that still holds."""
    sessions = select(LoginSession.person_id).where(
        LoginSession.person_id.in_(person_ids), LoginSession.ended_at.is_(None), LoginSession.expires_at > now
    )
    grants = select(Grant.person_id).where(Grant.person_id.in_(person_ids), Grant.revoked_at.is_(None))
    return db.execute(union(sessions, grants)).scalars().all()


def insert_stop(db: Session, values: dict[str, Any]) -> int:
    """Write a stop and return its id."""
    return db.execute(insert(EmergencyStop).returning(EmergencyStop.id), values).scalar_one()


def count_stop(db: Session, stop_id: int, *, pupils: int, sessions: int) -> None:
    """Write what a stop did."""
    db.execute(update(EmergencyStop).where(EmergencyStop.id == stop_id).values(pupils=pupils, sessions=sessions))


def suspend_codes(db: Session, person_ids: Collection[int], stop_id: int, now: datetime) -> Sequence[int]:
    """Suspend the codes of some people that work now; whose they were. One that another stop holds stays with that."""
    suspended = update(Code).where(*_works(), Code.person_id.in_(person_ids))
    return db.execute(suspended.values(suspended_at=now, stop_id=stop_id).returning(Code.person_id)).scalars().all()


def codes_held_by(db: Session, stop_id: int) -> Sequence[AnyRow]:
    """Return ``id``, ``person_id`` and ``issued_at`` of the codes that a stop still holds."""
    query = select(Code.id, Code.person_id, Code.issued_at).where(
        Code.stop_id == stop_id, Code.ended_at.is_(None), Code.suspended_at.is_not(None)
    )
    return db.execute(query).all()


def other_stops(db: Session, stop_id: int, institution_id: int) -> Sequence[AnyRow]:
    """Return ``id``, ``group_id`` and ``started_at`` of the institution's other stops that nobody has lifted, the newest first."""
    query = select(EmergencyStop.id, EmergencyStop.group_id, EmergencyStop.started_at).where(
        EmergencyStop.institution_id == institution_id, EmergencyStop.lifted_at.is_(None), EmergencyStop.id != stop_id
    )
    return db.execute(query.order_by(EmergencyStop.id.desc())).all()


def hand_over(db: Session, code_ids: Collection[int], stop_id: int) -> None:
    """Let another stop hold some suspended codes."""
    db.execute(update(Code).where(Code.id.in_(code_ids)).values(stop_id=stop_id))


def start_codes(db: Session, stop_id: int) -> Sequence[int]:
    """Let the codes work again that a stop suspended and that nobody has replaced since; whose they are."""
    started = update(Code).where(Code.stop_id == stop_id, Code.ended_at.is_(None), Code.suspended_at.is_not(None))
    return db.execute(started.values(suspended_at=None, stop_id=None).returning(Code.person_id)).scalars().all()


def close_windows(db: Session, person_ids: Collection[int], now: datetime) -> None:
    """Close the activation windows of some people."""
    db.execute(
        update(ActivationWindow)
        .where(ActivationWindow.person_id.in_(person_ids), ActivationWindow.closed_at.is_(None))
        .values(closed_at=now, closed_why="withdrawn")
    )


def lift_stop(db: Session, stop_id: int, now: datetime, by: int) -> bool:
    """Write that a stop was lifted; False when somebody was faster."""
    lifted = update(EmergencyStop).where(EmergencyStop.id == stop_id, EmergencyStop.lifted_at.is_(None))
    done = db.execute(lifted.values(lifted_at=now, lifted_by=by).returning(EmergencyStop.id))
    return done.scalar_one_or_none() is not None


def stop_row(db: Session, stop_id: int) -> AnyRow | None:
    """Return a stop with the ``name`` of its class, if it is of one."""
    return db.execute(_stops().where(EmergencyStop.id == stop_id)).one_or_none()


def stops_at(db: Session, institution_ids: Collection[int], *, at_most: int) -> Sequence[AnyRow]:
    """Return the stops of some institutions, the newest first."""
    query = _stops().where(EmergencyStop.institution_id.in_(institution_ids))
    return db.execute(query.order_by(EmergencyStop.id.desc()).limit(at_most)).all()


def still_suspended(db: Session, stop_id: int) -> int:
    """Count the codes that a stop still holds."""
    held = select(func.count()).where(Code.stop_id == stop_id, Code.ended_at.is_(None), Code.suspended_at.is_not(None))
    return db.execute(held).scalar_one()


def services_of_stop(db: Session, why: str, institution_id: int) -> AnyRow:
    """Count the services of the sessions that a stop ended: ``services``, ``told``, and ``out_of_reach``."""
    pupils = select(Affiliation.person_id).where(Affiliation.institution_id == institution_id)
    return db.execute(
        select(
            func.count().label("services"),
            func.count(SessionParticipant.notified_at).label("told"),
            func.count(SessionParticipant.notify_fault).label("out_of_reach"),
        )
        .join(LoginSession, LoginSession.id == SessionParticipant.session_id)
        .where(LoginSession.person_id.in_(pupils), LoginSession.ended_why == why)
    ).one()


def _works() -> tuple[ColumnElement[bool], ...]:
    return Code.ended_at.is_(None), Code.suspended_at.is_(None)


def _stops() -> Select[*tuple[Any, ...]]:
    return (
        select(
            EmergencyStop.id,
            EmergencyStop.institution_id,
            EmergencyStop.group_id,
            EmergencyStop.reason,
            EmergencyStop.started_by,
            EmergencyStop.started_at,
            EmergencyStop.pupils,
            EmergencyStop.sessions,
            EmergencyStop.lifted_by,
            EmergencyStop.lifted_at,
            SchoolGroup.name.label("group_name"),
            Institution.name.label("institution"),
        )
        .outerjoin(SchoolGroup, SchoolGroup.id == EmergencyStop.group_id)
        .join(Institution, Institution.id == EmergencyStop.institution_id)
    )
