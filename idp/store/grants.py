"""What services were granted: a login's code, access tokens and refresh tokens. Only digests are kept.

A grant and its authorization code are one row, for a code is how a grant begins: one insert at the authorization
endpoint, and burning the code is one update of the grant that dies if the code comes twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, String, Text, and_, bindparam, func, insert, or_, select, true, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Line, RowId, Short, reference
from idp.store.keys import version_of
from idp.store.login_sessions import LoginSession, SessionFactor
from idp.store.people import Person
from idp.store.prepared import run, run_later, table
from idp.store.releases import with_facts
from idp.store.services import CLIENT_COLUMNS, Service
from policies.vocabulary import Factor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


class Grant(Base):
    """What one person's login gave one service: the family that all its tokens belong to and die with."""

    __tablename__ = "oauth_grant"

    id: Mapped[RowId]
    service_id: Mapped[int] = reference("service")
    person_id: Mapped[int] = reference("person", index=True)
    session_id: Mapped[int | None] = reference("login_session", index=True)
    subject: Mapped[Line]
    sid: Mapped[Short]
    scope: Mapped[str] = mapped_column(Text)
    claims_request: Mapped[dict[str, Any]] = mapped_column(default=dict)
    auth_time: Mapped[datetime]
    assurance: Mapped[str] = mapped_column(String(24))
    acr: Mapped[Line]
    """How the level is called towards this service: the name it asked for where that is the same level."""
    amr: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    """The absolute end of its refresh tokens."""
    revoked_at: Mapped[datetime | None]
    code_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    """The authorization code (RFC 6749 4.1.2), burned once. A grant that began otherwise has none."""
    redirect_uri: Mapped[str | None] = mapped_column(Text)
    nonce: Mapped[str | None] = mapped_column(Text)
    code_challenge: Mapped[str | None] = mapped_column(String(128))
    dpop_jkt: Mapped[str | None] = mapped_column(String(64))
    code_expires_at: Mapped[datetime | None] = mapped_column(index=True)
    code_used_at: Mapped[datetime | None]


class AccessToken(Base):
    """An opaque access token."""

    __tablename__ = "access_token"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    grant_id: Mapped[int] = reference("oauth_grant", index=True)
    scope: Mapped[str] = mapped_column(Text)
    dpop_jkt: Mapped[str | None] = mapped_column(String(64))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


class RefreshToken(Base):
    """A refresh token; using it makes the next, using it twice ends the family."""

    __tablename__ = "refresh_token"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    grant_id: Mapped[int] = reference("oauth_grant", index=True)
    scope: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


# Until when an adult's word holds in the session; nothing where none was given.
_ADULT_UNTIL = (
    select(func.max(func.coalesce(SessionFactor.expires_at, LoginSession.expires_at)))
    .where(SessionFactor.session_id == Grant.session_id, SessionFactor.factor == Factor.ADULT.value)
    .correlate(Grant, LoginSession)
    .scalar_subquery()
)
GRANT_COLUMNS = (
    Grant.id.label("grant_id"),
    Grant.service_id.label("grant_service_id"),
    Grant.person_id,
    Grant.session_id,
    Grant.subject,
    Grant.sid,
    Grant.scope,
    Grant.auth_time,
    Grant.assurance,
    Grant.acr,
    Grant.amr,
    Grant.nonce,
    Grant.redirect_uri,
    Grant.code_challenge,
    Grant.claims_request,
    Grant.dpop_jkt,
    Grant.code_expires_at,
    Grant.code_used_at,
    Grant.revoked_at,
    Grant.expires_at.label("grant_expires_at"),
    Person.uniid,
    Person.blocked_at,
    Person.ended_at.label("person_ended_at"),
    LoginSession.actor_group,
    LoginSession.acting_affiliation_id,
    LoginSession.ended_at.label("session_ended_at"),
    LoginSession.ended_why.label("session_ended_why"),
    LoginSession.expires_at.label("session_expires_at"),
    LoginSession.shared_device,
    _ADULT_UNTIL.label("adult_until"),
)
"""A grant with its person and session, for statements that join the three."""

# One statement for the whole token request: who asks, for which code, and everything that may be told.
_CODE = with_facts(
    select(*CLIENT_COLUMNS, *GRANT_COLUMNS, version_of("signing-keys-version").label("keys_version"))
    .select_from(Service)
    .outerjoin(Grant, Grant.code_digest == bindparam("digest"))
    .outerjoin(Person, Person.id == Grant.person_id)
    .outerjoin(LoginSession, LoginSession.id == Grant.session_id)
).where(Service.identifier == bindparam("client_id"))

_TOKEN = with_facts(
    select(
        *CLIENT_COLUMNS,
        *GRANT_COLUMNS,
        AccessToken.scope.label("token_scope"),
        AccessToken.dpop_jkt.label("token_jkt"),
        AccessToken.issued_at.label("token_issued_at"),
        AccessToken.expires_at.label("token_expires_at"),
        AccessToken.revoked_at.label("token_revoked_at"),
    )
    .select_from(AccessToken)
    .join(Grant, Grant.id == AccessToken.grant_id)
    .join(Service, Service.id == Grant.service_id)
    .join(Person, Person.id == Grant.person_id)
    .outerjoin(LoginSession, LoginSession.id == Grant.session_id)
).where(AccessToken.digest == bindparam("digest"))

_BURN = (
    update(table(Grant))
    .where(Grant.id == bindparam("grant"), Grant.code_used_at.is_(None), Grant.revoked_at.is_(None))
    .values(
        code_used_at=bindparam("at"),
        expires_at=bindparam("until"),
        dpop_jkt=func.coalesce(Grant.dpop_jkt, bindparam("jkt")),
    )
    .returning(Grant.id)
)

_GRANTED = [column for column in table(Grant).c if column.name not in {"id", "service_id"}]
_NOTHING = {column.name: None for column in _GRANTED if column.nullable}

# The service is looked at in the insert itself.
_GRANT = (
    insert(table(Grant))
    .from_select(
        ["service_id", *(column.name for column in _GRANTED)],
        select(Service.id, *(bindparam(column.name, type_=column.type) for column in _GRANTED)).where(
            Service.id == bindparam("service"), Service.disabled_at.is_(None)
        ),
        include_defaults=False,
    )
    .returning(Grant.id)
)

_ACCESS_TOKEN = insert(table(AccessToken)).inline()


def insert_grant(session: Session, service_id: int, values: dict[str, Any]) -> int | None:
    """Write a grant with its code for a service that is not disabled; its id, or None when the service is. One statement."""
    made: int | None = run(session, _GRANT, {**_NOTHING, **values, "service": service_id}).scalar_one_or_none()
    return made


def code_rows(session: Session, *, client_id: str, digest: bytes, now: datetime, today: object) -> Sequence[AnyRow]:
    """Return the client, the grant of this code if there is one, and the facts; none when no client is so called.

    One row per school record and class, see :func:`idp.store.releases.with_facts`.
    """
    values = {"client_id": client_id, "digest": digest, "facts_now": now, "facts_today": today}
    return run(session, _CODE, values).all()


def token_rows(session: Session, *, digest: bytes, now: datetime, today: object) -> Sequence[AnyRow]:
    """Return the grant of this access token with its client and the facts, one row per school record and class."""
    return run(session, _TOKEN, {"digest": digest, "facts_now": now, "facts_today": today}).all()


def burn_code(session: Session, grant_id: int, now: datetime, *, until: datetime | None, jkt: str | None) -> bool:
    """Use up the code of a grant; False when somebody was quicker or the grant is revoked.

    ``until`` is the absolute end of the refresh tokens to come, ``jkt`` the key that they are bound to if none is yet.
    """
    values = {"grant": grant_id, "at": now, "until": until, "jkt": jkt}
    return run(session, _BURN, values).scalar_one_or_none() is not None


def insert_access_token(session: Session, values: dict[str, Any]) -> None:
    """Write an access token."""
    run_later(session, _ACCESS_TOKEN, values)


def revoke_grant(session: Session, grant_id: int, now: datetime) -> bool:
    """Revoke a grant, and with it every token of the family; False when it was revoked already."""
    revoked = session.execute(
        update(Grant).where(Grant.id == grant_id, Grant.revoked_at.is_(None)).values(revoked_at=now).returning(Grant.id)
    ).scalar_one_or_none()
    return revoked is not None


def revoke_grants_of_service(session: Session, service_id: int, now: datetime) -> None:
    """Revoke everything that a service was granted."""
    session.execute(
        update(Grant).where(Grant.service_id == service_id, Grant.revoked_at.is_(None)).values(revoked_at=now)
    )


def revoke_grants_of_session(session: Session, session_id: int, now: datetime) -> Sequence[int]:
    """Revoke what a login session was granted, but for what was to outlive it; the ids.

    Of a grant with ``offline_access`` the access tokens die, and its refresh token lives on (decision 65). On PostgreSQL this
    waits for a code that is being redeemed at this moment, and from then on none is.
    """
    of_session = (Grant.session_id == session_id, Grant.revoked_at.is_(None))
    begun = or_(Grant.code_digest.is_(None), Grant.code_used_at.is_not(None))
    outlives = and_(Grant.scope.contains("offline_access"), begun)
    revoking = update(Grant).where(*of_session, ~outlives).values(revoked_at=now).returning(Grant.id)
    revoked = session.execute(revoking).scalars().all()
    session.execute(
        update(AccessToken)
        .where(AccessToken.grant_id.in_(select(Grant.id).where(*of_session)), AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return revoked


def revoke_grants_of_person(
    session: Session, person_id: int, now: datetime, *, but_of_session: int | None = None
) -> Sequence[int]:
    """Revoke everything a person's logins were granted, also what outlived them, but for one session's; the ids."""
    others = true() if but_of_session is None else Grant.session_id.is_distinct_from(but_of_session)
    revoked = update(Grant).where(Grant.person_id == person_id, Grant.revoked_at.is_(None), others)
    return session.execute(revoked.values(revoked_at=now).returning(Grant.id)).scalars().all()


def revoke_access_token(session: Session, digest: bytes, now: datetime) -> bool:
    """Revoke one access token; False when it was revoked already."""
    revoked = update(AccessToken).where(AccessToken.digest == digest, AccessToken.revoked_at.is_(None))
    return session.execute(revoked.values(revoked_at=now).returning(AccessToken.grant_id)).first() is not None


def revoke_grants_between(session: Session, *, person_id: int, service_id: int, now: datetime) -> Sequence[int]:
    """Revoke what a person's logins gave one service; the ids."""
    return (
        session.execute(
            update(Grant)
            .where(Grant.person_id == person_id, Grant.service_id == service_id, Grant.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(Grant.id)
        )
        .scalars()
        .all()
    )
