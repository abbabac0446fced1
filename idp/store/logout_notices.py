"""The services of sessions that have ended: who is to be told, under which name, and how that went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from idp.store.login_sessions import LoginSession, SessionParticipant
from idp.store.services import CLIENT_COLUMNS, Service

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


def participants_of(session: Session, session_ids: Collection[int]) -> Sequence[AnyRow]:
    """Return the services that were told of these sessions, with what is registered of each, the first told first."""
    wanted = _participants().where(SessionParticipant.session_id.in_(session_ids))
    return session.execute(wanted.order_by(SessionParticipant.first_told_at, SessionParticipant.id)).all()


def participant_row(session: Session, participant_id: int) -> AnyRow | None:
    """Return one service of one session."""
    return session.execute(_participants().where(SessionParticipant.id == participant_id)).one_or_none()


def participant_was_told(session: Session, participant_id: int, now: datetime) -> None:
    """Write that a service has answered that it logged the person out."""
    session.execute(_one(participant_id).values(notified_at=now, notify_fault=None))


def participant_cannot_be_told(session: Session, participant_id: int, fault: str) -> None:
    """Write why nobody tries any more to tell a service."""
    session.execute(_one(participant_id).values(notify_fault=fault))


def participants_follow(session: Session, *, old_session_id: int, session_id: int) -> None:
    """Let the services of one session belong to another, under the names by which they know it."""
    session.execute(
        update(SessionParticipant).where(SessionParticipant.session_id == old_session_id).values(session_id=session_id)
    )


def session_ended_since(session: Session, token_digest: bytes, since: datetime) -> int | None:
    """Return the session that had this cookie when it ended, if it ended after ``since``."""
    return session.execute(
        select(LoginSession.id).where(LoginSession.token_digest == token_digest, LoginSession.ended_at > since)
    ).scalar_one_or_none()


def _participants() -> Select[*tuple[Any, ...]]:
    return select(
        SessionParticipant.id.label("participant_id"),
        SessionParticipant.session_id,
        SessionParticipant.subject,
        SessionParticipant.session_index,
        SessionParticipant.logged_out_at,
        SessionParticipant.notified_at,
        SessionParticipant.notify_fault,
        SessionParticipant.name_id_format,
        Service.metadata_version,
        Service.metadata_valid_until,
        Service.signing_kid,
        Service.accepts_adult_as_two,
        *CLIENT_COLUMNS,
    ).join(Service, Service.id == SessionParticipant.service_id)


def _one(participant_id: int) -> Any:  # noqa: ANN401 (an update of one row)
    return update(SessionParticipant).where(SessionParticipant.id == participant_id)
