"""Single logout through the browser (SAML Profiles 4.4): which services are told one after the other, and how each answered.

The session itself has ended before the first of them is told. A service that does not answer holds nobody up: the browser goes on
without it, and whoever asked is told the truth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from idp.outside.sealing import new_token, token_digest
from idp.store import logout_notices
from idp.store import saml_logouts as store
from idp.usecases.logout import Standing, farewell
from idp.usecases.logout_notices import find_participant, participants

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from idp.usecases.logout_notices import Participant
    from idp.usecases.system import System

LASTS: Final = timedelta(minutes=10)
SILENT: Final = "no answer"
"""Why a service is not tried again that did not answer."""


@dataclass(frozen=True, kw_only=True)
class Logout:
    """A logout under way. ``steps`` maps each service that was sent a request to the ID of it and to what came of it."""

    id: int
    handle: str
    service_id: int | None
    reply_to: Mapping[str, Any]
    sessions: tuple[int, ...]
    steps: Mapping[int, bool | None]
    """Participant -> True when it said that it is done, False when it did not, None while it is awaited."""
    finished: bool = False

    def request_id(self, participant_id: int) -> str:
        """Return the ID of the request to a service; by it the answer finds its way back (``InResponseTo``)."""
        return f"_{self.handle}.{participant_id}"


def begin(
    db: Session, system: System, sessions: Sequence[int], *, service_id: int | None, reply_to: Mapping[str, Any]
) -> Logout:
    """Write a logout of sessions that have just ended. ``service_id`` is the service that asked, None for the person."""
    handle, now = new_token(), system.now()
    store.insert_logout(
        db,
        {
            "handle_digest": token_digest(handle),
            "session_id": sessions[0],
            "service_id": service_id,
            "reply_to": dict(reply_to),
            "state": {"sessions": list(sessions), "steps": {}},
            "created_at": now,
            "expires_at": now + LASTS,
        },
    )
    found = find(db, system, handle)
    if found is None:
        raise AssertionError("it was written just now")
    return found


def find(db: Session, system: System, handle: str) -> Logout | None:
    """Return a logout under way, held until the unit of work ends; None when it is unknown or its time is up."""
    row = store.hold_logout(db, token_digest(handle), system.now())
    if row is None:
        return None
    return Logout(
        id=row.id,
        handle=handle,
        service_id=row.service_id,
        reply_to=row.reply_to,
        sessions=tuple(row.state["sessions"]),
        steps={int(key): value for key, value in row.state["steps"].items()},
        finished=row.finished_at is not None,
    )


def answered_by(request_id: str) -> tuple[str, int] | None:
    """Return the handle and the participant that the ID of a request of ours names."""
    handle, _, participant = request_id.removeprefix("_").rpartition(".")
    return (handle, int(participant)) if handle and participant.isascii() and participant.isdigit() else None


def waiting(db: Session, system: System, logout: Logout) -> tuple[Participant, ...]:
    """Return the services that the browser has yet to tell, in the order in which they were used."""
    return tuple(
        one
        for one in participants(db, system, logout.sessions)
        if one.browser_endpoint is not None and not (one.told or one.left or one.fault) and one.id not in logout.steps
    )


def has_any(db: Session, system: System, sessions: Sequence[int]) -> bool:
    """Say whether some service of sessions that have ended can be told by the browser alone."""
    return any(
        one.browser_endpoint is not None and not (one.told or one.left or one.fault)
        for one in participants(db, system, sessions)
    )


def ask(db: Session, logout: Logout, one: Participant) -> Logout:
    """Write that the browser is on its way to a service."""
    return _saved(db, replace(logout, steps={**logout.steps, one.id: None}))


def settle(db: Session, system: System, logout: Logout, participant_id: int, *, told: bool) -> Logout:
    """Write how a service answered; ``told`` False when it said that it failed, or said nothing. A late yes still counts."""
    known = logout.steps.get(participant_id, True)
    if known is True or (known is False and not told):
        return logout
    if told:
        logout_notices.participant_was_told(db, participant_id, system.now())
    else:
        logout_notices.participant_cannot_be_told(db, participant_id, SILENT)
    return _saved(db, replace(logout, steps={**logout.steps, participant_id: told}))


def awaited(db: Session, system: System, logout: Logout) -> Participant | None:
    """Return the service whose answer is awaited."""
    open_ = next((key for key, answer in logout.steps.items() if answer is None), None)
    return find_participant(db, system, open_) if open_ is not None else None


def finish(db: Session, system: System, logout: Logout) -> None:
    """Write that whoever asked has been answered."""
    store.save_logout(db, logout.id, _state(logout), finished_at=system.now())


def is_complete(db: Session, system: System, sessions: Sequence[int]) -> bool:
    """Say whether every other service is known to have logged the person out, which is what Success means (Core 3.7.3.2)."""
    left = [service for session_id in sessions for service in farewell(db, system, session_id).services]
    return all(service.standing is Standing.TOLD for service in left)


def sessions_of(db: Session, service_id: int, name_id: str, indexes: Sequence[str]) -> tuple[tuple[int, bool], ...]:
    """Return the sessions that a service knows by a NameID, and whether each has ended; with ``indexes`` of these alone."""
    return tuple((row.id, row.ended_at is not None) for row in store.sessions_told_to(db, service_id, name_id, indexes))


def _saved(db: Session, logout: Logout) -> Logout:
    store.save_logout(db, logout.id, _state(logout))
    return logout


def _state(logout: Logout) -> dict[str, Any]:
    return {"sessions": list(logout.sessions), "steps": {str(key): value for key, value in logout.steps.items()}}
