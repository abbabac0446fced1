"""Sessions: begin one after a login, find the one of a cookie, end it (decision 22)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from idp.audit import AuditEvent
from idp.errors import Refused
from idp.outside.sealing import new_token, token_digest
from idp.store.affiliations import attachments_now
from idp.store.db import may_write
from idp.store.grants import revoke_grants_of_person, revoke_grants_of_session
from idp.store.login_sessions import (
    end_one_session,
    end_session_of_cookie,
    end_sessions_of_person,
    end_sessions_of_upstream,
    insert_session,
    live_sessions_of,
    renew_session,
    session_rows,
    sessions_through,
    shared_sessions_over,
    touch_session,
)
from idp.store.logout_notices import participants_follow
from idp.usecases.acting import ORDER
from idp.usecases.logout_notices import tell_services
from policies.vocabulary import ActorGroup, Factor, Level, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.system import System

TOUCH_AFTER: Final = timedelta(minutes=1)
AT_ONCE: Final = 100
"""Sessions that are ended in one transaction when their time is up."""


class ActingEnded(Exception):
    """The attachment that the person chose to act through has ended; everything is rolled back, and chosen again."""


@dataclass(frozen=True)
class ProvenFactor:
    """A factor proven in a session, and until when it counts."""

    factor: Factor
    proven_at: datetime
    expires_at: datetime | None = None
    enrolled_id: int | None = None
    """Which of the person's factors it was; nothing for a code."""
    upstream_id: int | None = None
    """Whose word it was, where another identity provider vouched."""
    step_up_id: int | None = None
    """The request that an adult approved; used once, when the session begins or gets stronger."""


@dataclass(frozen=True)
class LiveSession:
    """A session that holds now, with what protocols and pages need to know of it. Factors are newest first."""

    id: int
    person_id: int
    uniid: str
    actor_group: ActorGroup
    acting_affiliation_id: int | None
    institution_id: int | None
    level: Level | None
    created_at: datetime
    factors: tuple[ProvenFactor, ...]
    language: str | None
    shared: bool = False
    """On a device that the person says others use too."""

    @property
    def auth_time(self) -> datetime:
        """When the person last proved something (``auth_time``, OIDC Core 2)."""
        return self.factors[0].proven_at if self.factors else self.created_at

    @property
    def adult_until(self) -> datetime | None:
        """Until when an adult's word holds; None where no adult has vouched."""
        until = (one.expires_at for one in self.factors if one.factor is Factor.ADULT and one.expires_at is not None)
        return max(until, default=None)


@dataclass(frozen=True, repr=False)
class NewSession:
    """A session just begun and the value of its cookie, which nobody can read again."""

    token: str
    session: LiveSession

    def __repr__(self) -> str:
        """Never show the token."""
        return f"NewSession(***, {self.session!r})"


@dataclass(frozen=True)
class SessionSummary:
    """One line of a person's own list of sessions; no address, no network (decision 7)."""

    id: int
    browser: str
    created_at: datetime
    last_seen_at: datetime
    actor_group: ActorGroup
    institution_id: int | None
    shared: bool


def live_session(db: Session, system: System, token: str) -> LiveSession | None:
    """Return the session of a cookie, or None: one statement, and one more at most once a minute in a writing unit."""
    return session_of(db, system, session_rows(db, token_digest(token), system.now()))


def session_of(db: Session, system: System, rows: Sequence[AnyRow]) -> LiveSession | None:
    """Read the rows of :func:`idp.store.login_sessions.session_rows`, and note once a minute that the session was used."""
    now = system.now()
    if not rows or rows[0].last_seen_at + timedelta(seconds=rows[0].idle_seconds) <= now:
        return None
    first = rows[0]
    if now - first.last_seen_at >= TOUCH_AFTER and may_write(db):
        touch_session(db, first.id, now)
    return LiveSession(
        id=first.id,
        person_id=first.person_id,
        uniid=first.uniid,
        actor_group=ActorGroup(first.actor_group),
        acting_affiliation_id=first.acting_affiliation_id,
        institution_id=first.institution_id,
        level=Level(first.level) if first.level else None,
        created_at=first.created_at,
        factors=tuple(
            ProvenFactor(
                Factor(row.factor), row.proven_at, row.factor_expires_at, row.enrolled_factor_id, row.upstream_id
            )
            for row in rows
            if row.factor and (row.factor_expires_at is None or row.factor_expires_at > now)
        ),
        language=first.language,
        shared=first.shared_device,
    )


def begin_session(
    db: Session,
    system: System,
    *,
    person_id: int,
    factors: Sequence[ProvenFactor],
    browser: str,
    old_token: str | None = None,
    device_id: int | None = None,
    acting: int | None = None,
    shared: bool = False,
) -> NewSession:
    """Begin a session with an id of its own and end the one that this browser had.

    The services of the one before come along when it was the same person's, so that logging out still reaches them;
    when it was somebody else's they are told that it has ended.
    ``browser`` is a few words for the person's list (``Firefox, Windows``). ``acting`` is the attachment that the person
    chose to act through; ``shared`` tells that others use the device too. Raises :class:`ActingEnded` when the choice has
    ended, and :class:`Refused` when the person has no attachment that holds now; the login has asked before.
    """
    now = system.now()
    attachments = attachments_now(db, person_id)
    chosen = next((row for row in attachments if acting is not None and row.id == acting), None)
    if acting is not None and chosen is None:
        raise ActingEnded
    acts_through = chosen or acts_first_as(attachments)
    if acts_through is None:
        raise Refused(Reason.NO_CURRENT_ATTACHMENT)
    replaced = end_session_of_cookie(db, token_digest(old_token), now, "replaced") if old_token else None
    actor_group = ActorGroup(acts_through.actor_group)
    rule = system.rules.shared_session if shared else system.rules.sessions[actor_group]
    token = new_token()
    session_id = insert_session(
        db,
        {
            "token_digest": token_digest(token),
            "person_id": person_id,
            "acting_affiliation_id": acts_through.id,
            "actor_group": actor_group.value,
            "device_id": device_id,
            "shared_device": shared,
            "browser": browser,
            "created_at": now,
            "last_seen_at": now,
            "idle_seconds": rule.idle_seconds,
            "expires_at": now + timedelta(seconds=rule.max_seconds),
        },
        [_kept(proven) for proven in factors],
    )
    if replaced is not None:
        if replaced.person_id == person_id:
            participants_follow(db, old_session_id=replaced.id, session_id=session_id)
        else:
            revoke_grants_of_session(db, replaced.id, now)
        _ended(db, system, replaced.person_id, [replaced.id], why="replaced")
    session = LiveSession(
        id=session_id,
        person_id=person_id,
        uniid=acts_through.uniid,
        actor_group=actor_group,
        acting_affiliation_id=acts_through.id,
        institution_id=acts_through.institution_id,
        level=Level(acts_through.level) if acts_through.level else None,
        created_at=now,
        factors=tuple(sorted(factors, key=lambda proven: proven.proven_at, reverse=True)),
        language=acts_through.language,
        shared=shared,
    )
    return NewSession(token, session)


def strengthen_session(
    db: Session, system: System, *, session_id: int, old_token: str, person_id: int, factors: Sequence[ProvenFactor]
) -> NewSession | None:
    """Add what was proven to a person's live session, which gets another cookie and stays what services know it as.

    None when the cookie's session is another one by now, or over.
    """
    before = live_session(db, system, old_token)
    if before is None or before.id != session_id or before.person_id != person_id:
        return None
    token, known = new_token(), set(before.factors)
    added = [_kept(proven) for proven in factors if proven not in known]
    digests = {"old_digest": token_digest(old_token), "digest": token_digest(token)}
    if not renew_session(db, session_id, factors=added, **digests):
        return None
    together = sorted(known | set(factors), key=lambda proven: proven.proven_at, reverse=True)
    return NewSession(token, replace(before, factors=tuple(together)))


def end_session(db: Session, system: System, session_id: int, *, why: str) -> bool:
    """End a session and what it granted, tell its services, and say whether it was live.

    ``why`` is a word for the record, ``logout``. The grants end first: a service that redeems its code at this moment is then
    either refused, or among those who are told.
    """
    person_id = end_one_session(db, session_id, system.now(), why)
    if person_id is None:
        return False
    revoke_grants_of_session(db, session_id, system.now())
    _ended(db, system, person_id, [session_id], why=why)
    return True


def end_all_sessions(db: Session, system: System, person_id: int, *, why: str) -> int:
    """End every session of a person, and what they granted, also to services with ``offline_access``; how many there were."""
    ended = end_sessions_of_person(db, person_id, system.now(), why)
    revoke_grants_of_person(db, person_id, system.now())
    _ended(db, system, person_id, ended, why=why)
    return len(ended)


def end_sessions_through(db: Session, system: System, record_ids: Sequence[int]) -> None:
    """End the sessions that act through attachments which are about to end; nobody could use them afterwards."""
    for session_id in sessions_through(db, record_ids, system.now()):
        end_session(db, system, session_id, why="attachment-ended")


def end_sessions_vouched_by(db: Session, system: System, upstream_id: int) -> int:
    """End every session that another identity provider vouched for; how many (decision 20)."""
    ended = end_sessions_of_upstream(db, upstream_id, system.now(), "upstream disabled")
    for row in ended:
        revoke_grants_of_session(db, row.id, system.now())
        _ended(db, system, row.person_id, [row.id], why="upstream disabled")
    return len(ended)


def end_lapsed_on_shared_devices(db: Session, system: System) -> int:
    """End some sessions on shared devices whose time is up, so that services are told; say how many."""
    lapsed = shared_sessions_over(db, system.now(), at_most=AT_ONCE)
    return sum(end_session(db, system, session_id, why="lapsed") for session_id in lapsed)


def _ended(db: Session, system: System, person_id: int, session_ids: Sequence[int], *, why: str) -> None:
    """Put the end of sessions on record, and tell their services in the same transaction."""
    tell_services(db, system, session_ids)
    for session_id in session_ids:
        system.record(db, AuditEvent.SESSION_ENDED, subject_id=person_id, session_id=session_id, facts={"why": why})


def sessions_of(db: Session, system: System, person_id: int) -> tuple[SessionSummary, ...]:
    """Return a person's live sessions, newest first."""
    now = system.now()
    return tuple(
        SessionSummary(
            id=row.id,
            browser=row.browser,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            actor_group=ActorGroup(row.actor_group),
            institution_id=row.institution_id,
            shared=row.shared_device,
        )
        for row in live_sessions_of(db, person_id, now)
        if row.last_seen_at + timedelta(seconds=row.idle_seconds) > now
    )


def _kept(proven: ProvenFactor) -> dict[str, Any]:
    return {
        "factor": proven.factor.value,
        "enrolled_factor_id": proven.enrolled_id,
        "upstream_id": proven.upstream_id,
        "step_up_id": proven.step_up_id,
        "proven_at": proven.proven_at,
        "expires_at": proven.expires_at,
    }


def acts_first_as(rows: Sequence[Row[Any]]) -> Row[Any] | None:
    """As whom the person acts until they choose: work before school before home, then where they were first."""
    attached = [row for row in rows if row.id is not None]
    return min(
        attached,
        key=lambda row: (
            row.confirmed_at is None,
            ORDER.index(ActorGroup(row.actor_group)),
            row.institution_id != row.primary_institution_id,
            row.id,
        ),
        default=None,
    )
