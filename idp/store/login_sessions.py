"""Sessions: who is logged in, as whom, with which factors, and which services know about it (decision 22)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, bindparam, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.affiliations import Affiliation
from idp.store.base import Base, Line, RowId, Short, reference
from idp.store.institutions import Institution
from idp.store.people import Person
from idp.store.prepared import driver_of, run, run_later, table
from policies.vocabulary import ActorGroup, Factor, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


SHARED = text("shared_device AND ended_at IS NULL")


class LoginSession(Base):
    """One login in one browser. The cookie holds 256 random bits; only their digest is kept."""

    __tablename__ = "login_session"
    __table_args__ = (Index("ix_login_session_shared", "expires_at", sqlite_where=SHARED, postgresql_where=SHARED),)

    id: Mapped[RowId]
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[int] = reference("person", index=True)
    acting_affiliation_id: Mapped[int | None] = reference("affiliation")
    """As which school's which role the person acts."""
    actor_group: Mapped[ActorGroup] = mapped_column(String(16))
    device_id: Mapped[int | None] = reference("known_device")
    shared_device: Mapped[bool] = mapped_column(default=False)
    browser: Mapped[Line]
    """Name and system of the browser in a few words, for the person's own list; no address (decision 7)."""
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    """Written at most once a minute."""
    idle_seconds: Mapped[int]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[Short | None]


class SessionFactor(Base):
    """A factor proven in a session. Each has its own time, so that a level can run out by itself."""

    __tablename__ = "session_factor"
    __table_args__ = (Index("ix_session_factor_session_id", "session_id"),)

    id: Mapped[RowId]
    session_id: Mapped[int] = reference("login_session")
    factor: Mapped[Factor] = mapped_column(String(16))
    enrolled_factor_id: Mapped[int | None] = reference("enrolled_factor")
    """Which of the person's factors it was: once that one ends, it counts no more."""
    proven_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    step_up_id: Mapped[int | None] = reference("step_up_request")
    upstream_id: Mapped[int | None] = reference("upstream", index=True)
    """Whose word it was, where another identity provider vouched for the person."""


class SessionParticipant(Base):
    """A service that was told of a session, and under which subject and index, so that logout can reach it."""

    __tablename__ = "session_participant"
    __table_args__ = (UniqueConstraint("session_id", "service_id", "subject", "session_index"),)

    id: Mapped[RowId]
    session_id: Mapped[int] = reference("login_session")
    service_id: Mapped[int] = reference("service")
    protocol: Mapped[Protocol] = mapped_column(String(8))
    subject: Mapped[Line]
    session_index: Mapped[Short]
    """OIDC ``sid`` or SAML ``SessionIndex``."""
    name_id_format: Mapped[Line | None]
    """Of a SAML service: the format of the NameID that ``subject`` is the value of."""
    first_told_at: Mapped[datetime]
    logged_out_at: Mapped[datetime | None]
    notified_at: Mapped[datetime | None]
    """When the service answered that it has logged the person out."""
    notify_fault: Mapped[Line | None]
    """Why nobody tries any more to tell it; while it is tried again, nothing stands here."""


class AdministrationSession(Base):
    """A session of our own administration, which is a service like any other; it dies with the login session."""

    __tablename__ = "administration_session"

    id: Mapped[RowId]
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    login_session_id: Mapped[int] = reference("login_session", index=True)
    person_id: Mapped[int] = reference("person")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


SESSION = (
    select(
        LoginSession.id,
        LoginSession.person_id,
        Person.uniid,
        Person.language,
        LoginSession.actor_group,
        LoginSession.acting_affiliation_id,
        Affiliation.institution_id,
        Affiliation.level,
        LoginSession.created_at,
        LoginSession.last_seen_at,
        LoginSession.idle_seconds,
        LoginSession.shared_device,
        SessionFactor.factor,
        SessionFactor.proven_at,
        SessionFactor.enrolled_factor_id,
        SessionFactor.upstream_id,
        SessionFactor.expires_at.label("factor_expires_at"),
    )
    .join(Person, Person.id == LoginSession.person_id)
    .outerjoin(Affiliation, Affiliation.id == LoginSession.acting_affiliation_id)
    .outerjoin(Institution, Institution.id == Affiliation.institution_id)
    .outerjoin(SessionFactor, SessionFactor.session_id == LoginSession.id)
    .where(
        LoginSession.token_digest == bindparam("digest"),
        LoginSession.ended_at.is_(None),
        LoginSession.expires_at > bindparam("now"),
        Person.blocked_at.is_(None),
        Person.ended_at.is_(None),
        Affiliation.valid_to.is_(None),
        Institution.ended_at.is_(None),
    )
    .order_by(SessionFactor.proven_at.desc())
)
"""The live session of a cookie, see :func:`session_rows`; also part of :mod:`idp.store.visits`."""

_TOUCH = (
    update(table(LoginSession)).where(LoginSession.id == bindparam("session")).values(last_seen_at=bindparam("now"))
)
_FACTORS_NOW = (
    select(SessionFactor.factor, func.max(SessionFactor.proven_at).label("proven_at"))
    .where(
        SessionFactor.session_id == bindparam("session"),
        (SessionFactor.expires_at.is_(None)) | (SessionFactor.expires_at > bindparam("now")),
    )
    .group_by(SessionFactor.factor)
)
_BEGIN = insert(table(LoginSession)).returning(LoginSession.id)
_FACTORS = insert(table(SessionFactor)).inline()

_TOLD = {
    name: build(table(SessionParticipant)).on_conflict_do_nothing().inline()
    for name, build in (("sqlite", sqlite_insert), ("postgresql", postgresql_insert))
}


def session_rows(db: Session, token_digest: bytes, now: datetime) -> Sequence[AnyRow]:
    """Return the session with this cookie and its person and attachment, one row per factor; none when it is over.

    Over means ended, past its end, of a blocked or ended person, or acting through an attachment that has ended, or whose
    institution has.
    """
    return run(db, SESSION, {"digest": token_digest, "now": now}).all()


def factors_now(db: Session, session_id: int, now: datetime) -> Sequence[AnyRow]:
    """Return each ``factor`` that was proven in a session and counts now, and when the last time was: ``proven_at``."""
    return run(db, _FACTORS_NOW, {"session": session_id, "now": now}).all()


def touch_session(db: Session, session_id: int, now: datetime) -> None:
    """Write when the session was last used."""
    run(db, _TOUCH, {"session": session_id, "now": now})


def insert_session(db: Session, values: dict[str, Any], factors: Sequence[dict[str, Any]]) -> int:
    """Write a session with its factors and return its id: two statements."""
    session_id: int = run(db, _BEGIN, values).scalar_one()
    if factors:
        run(db, _FACTORS, [{"session_id": session_id, **factor} for factor in factors])
    return session_id


def renew_session(
    db: Session, session_id: int, *, old_digest: bytes, digest: bytes, factors: Sequence[dict[str, Any]]
) -> bool:
    """Give a live session another cookie and more factors; False when its cookie is another one already."""
    renewed = db.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.token_digest == old_digest, LoginSession.ended_at.is_(None))
        .values(token_digest=digest)
        .returning(LoginSession.id)
    )
    if renewed.scalar_one_or_none() is None:
        return False
    if factors:
        run(db, _FACTORS, [{"session_id": session_id, **factor} for factor in factors])
    return True


def end_one_session(db: Session, session_id: int, now: datetime, why: str) -> int | None:
    """End a session that is live and return whose it was; None when it had ended already."""
    return db.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.ended_at.is_(None))
        .values(ended_at=now, ended_why=why)
        .returning(LoginSession.person_id)
    ).scalar_one_or_none()


def end_session_of_cookie(db: Session, token_digest: bytes, now: datetime, why: str) -> AnyRow | None:
    """End the session with this cookie; return its ``id`` and ``person_id``, None when there is none that is live."""
    return db.execute(
        update(LoginSession)
        .where(LoginSession.token_digest == token_digest, LoginSession.ended_at.is_(None))
        .values(ended_at=now, ended_why=why)
        .returning(LoginSession.id, LoginSession.person_id)
    ).one_or_none()


def end_sessions_of_upstream(db: Session, upstream_id: int, now: datetime, why: str) -> Sequence[AnyRow]:
    """End every live session that another identity provider vouched for; return ``id`` and ``person_id`` of each."""
    vouched = select(SessionFactor.session_id).where(SessionFactor.upstream_id == upstream_id)
    change = update(LoginSession).where(LoginSession.id.in_(vouched), LoginSession.ended_at.is_(None))
    ended = change.values(ended_at=now, ended_why=why).returning(LoginSession.id, LoginSession.person_id)
    return db.execute(ended).all()


def end_sessions_of_person(db: Session, person_id: int, now: datetime, why: str) -> Sequence[int]:
    """End every session of a person and return their ids."""
    return (
        db.execute(
            update(LoginSession)
            .where(LoginSession.person_id == person_id, LoginSession.ended_at.is_(None))
            .values(ended_at=now, ended_why=why)
            .returning(LoginSession.id)
        )
        .scalars()
        .all()
    )


def sessions_through(db: Session, record_ids: Sequence[int], now: datetime) -> Sequence[int]:
    """Return the live sessions that act through the current attachments of these school records."""
    query = (
        select(LoginSession.id)
        .join(Affiliation, Affiliation.id == LoginSession.acting_affiliation_id)
        .where(
            Affiliation.record_id.in_(record_ids),
            Affiliation.valid_to.is_(None),
            LoginSession.person_id == Affiliation.person_id,  # so that the index of a person's sessions is used
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > now,
        )
        .order_by(LoginSession.id)
    )
    return db.execute(query).scalars().all()


def shared_sessions_over(db: Session, now: datetime, *, at_most: int) -> Sequence[int]:
    """Return sessions on shared devices whose time is up and that nobody has ended."""
    over = (LoginSession.shared_device, LoginSession.ended_at.is_(None), LoginSession.expires_at <= now)
    return db.execute(select(LoginSession.id).where(*over).limit(at_most)).scalars().all()


def live_sessions_of(db: Session, person_id: int, now: datetime) -> Sequence[AnyRow]:
    """Return a person's sessions that have not ended, newest first."""
    return db.execute(
        select(
            LoginSession.id,
            LoginSession.browser,
            LoginSession.created_at,
            LoginSession.last_seen_at,
            LoginSession.idle_seconds,
            LoginSession.expires_at,
            LoginSession.actor_group,
            LoginSession.shared_device,
            Affiliation.institution_id,
        )
        .outerjoin(Affiliation, Affiliation.id == LoginSession.acting_affiliation_id)
        .where(LoginSession.person_id == person_id, LoginSession.ended_at.is_(None), LoginSession.expires_at > now)
        .order_by(LoginSession.created_at.desc(), LoginSession.id.desc())
    ).all()


def insert_participant(db: Session, values: dict[str, Any]) -> None:
    """Write that a service was told of a session, once per subject and index."""
    run_later(db, _TOLD[driver_of(db).dialect.name], values)


def is_told(db: Session, session_id: int, service_id: int) -> bool:
    """Say whether a service has been told of a session, and has not logged the person out of it."""
    told = select(SessionParticipant.id).where(
        SessionParticipant.session_id == session_id,
        SessionParticipant.service_id == service_id,
        SessionParticipant.logged_out_at.is_(None),
    )
    return db.execute(told.limit(1)).first() is not None


def participants_leave(db: Session, session_id: int, service_id: int, now: datetime) -> None:
    """Write that a service itself logged the person out of a session, so that it need not be told."""
    db.execute(
        update(SessionParticipant)
        .where(SessionParticipant.session_id == session_id, SessionParticipant.service_id == service_id)
        .values(logged_out_at=now)
    )


def session_told_to(db: Session, *, service_id: int, subject: str, sid: str) -> AnyRow | None:
    """Return ``id``, ``person_id`` and ``ended_at`` of the session that a service knows by this subject and index."""
    return db.execute(
        select(LoginSession.id, LoginSession.person_id, LoginSession.ended_at)
        .join(SessionParticipant, SessionParticipant.session_id == LoginSession.id)
        .where(
            SessionParticipant.service_id == service_id,
            SessionParticipant.subject == subject,
            SessionParticipant.session_index == sid,
        )
    ).one_or_none()
