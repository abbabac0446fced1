"""Logging out of everything: the login session, what it granted, its services, and how each of them stands afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from itertools import groupby
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from idp.outside.sealing import token_digest
from idp.store.login_sessions import participants_leave, session_told_to
from idp.store.logout_notices import session_ended_since
from idp.usecases.logout_notices import participants
from idp.usecases.sessions import end_session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.usecases.logout_notices import Participant
    from idp.usecases.system import System

SHOWN_FOR: Final = timedelta(minutes=10)
"""How long the browser that logged out may see of which services."""


class Standing(IntEnum):
    """What is known of a service after the logout, the worst last. Nothing is said to be done that nobody answered for."""

    TOLD = 1
    """It answered our message, asked for the logout itself, or is our own administration."""
    BEING_TOLD = 2
    """The worker tells it, or tries again."""
    BY_THIS_PAGE = 3
    """The browser tells it from a frame, and nobody hears how that went (Front-Channel Logout 1.0, 2)."""
    CANNOT_BE_TOLD = 4
    """It registered no way, or it was tried in vain: the person must close it."""


@dataclass(frozen=True, kw_only=True)
class LeftService:
    """A service that the person was logged in at. ``frames`` are the addresses that log out there when they are loaded."""

    name_da: str
    name_en: str
    standing: Standing
    frames: tuple[str, ...]


@dataclass(frozen=True)
class Farewell:
    """The services of a session that has ended, in the order in which they were used."""

    services: tuple[LeftService, ...] = ()

    @property
    def frames(self) -> tuple[str, ...]:
        """Return the addresses that the page must load."""
        return tuple(frame for service in self.services for frame in service.frames)

    @property
    def out_of_reach(self) -> tuple[LeftService, ...]:
        """Return the services that nobody can tell without the browser that was logged in."""
        return tuple(one for one in self.services if one.standing in {Standing.BY_THIS_PAGE, Standing.CANNOT_BE_TOLD})

    @property
    def leaves_something_to_do(self) -> bool:
        """Whether the person must close a service."""
        return any(service.standing is Standing.CANNOT_BE_TOLD for service in self.services)


def told_session(db: Session, *, service_id: int, subject: str, sid: str) -> int | None:
    """Return the id of the session, live or not, that a service knows under this subject and ``sid``."""
    row = session_told_to(db, service_id=service_id, subject=subject, sid=sid)
    return None if row is None else int(row.id)


def log_out(db: Session, system: System, session_id: int, *, service_id: int | None) -> bool:
    """End a session with what it granted, and tell its services; False when it had ended already.

    ``service_id`` is the service that asked. A session of the administration is alive only as long as its login session,
    so it ends here too.
    """
    ended = end_session(db, system, session_id, why="logout")
    if service_id is not None:
        participants_leave(db, session_id, service_id, system.now())
    return ended


def session_just_ended(db: Session, system: System, token: str) -> int | None:
    """Return the session that had this cookie until it ended, for as long as its browser may see what became of it."""
    return session_ended_since(db, token_digest(token), system.now() - SHOWN_FOR)


def farewell(db: Session, system: System, session_id: int) -> Farewell:
    """Return how each service of a session stands that has ended. One statement."""
    issuer = system.settings.site.issuer
    by_service = groupby(
        sorted(participants(db, system, [session_id]), key=lambda one: one.identifier), key=lambda one: one.identifier
    )
    left = [_left_service(list(same), issuer) for _, same in by_service]
    return Farewell(tuple(service for _, service in sorted(left, key=lambda pair: pair[0])))


def _left_service(same: Sequence[Participant], issuer: str) -> tuple[int, LeftService]:
    """Return one service, known by one name or by several, with the number that orders it."""
    frames = [
        frame_address(one.client.frontchannel_logout_uri or "", issuer=issuer, sid=one.sid)
        for one in same
        if one.client is not None and one.has_front_channel
    ]
    first = same[0]
    return first.id, LeftService(
        name_da=first.name_da,
        name_en=first.name_en,
        standing=max(_standing(one) for one in same),
        frames=tuple(frames),
    )


def frame_address(uri: str, *, issuer: str, sid: str) -> str:
    """Return a ``frontchannel_logout_uri`` that names the session (Front-Channel Logout 1.0, 2): ``iss`` and ``sid`` always."""
    joint = "&" if "?" in uri else "?"
    return f"{uri}{joint}{urlencode({'iss': issuer, 'sid': sid})}"


def _standing(one: Participant) -> Standing:
    if one.told or one.left or (one.client is not None and one.client.built_in):
        return Standing.TOLD
    if one.has_back_channel:
        return Standing.CANNOT_BE_TOLD if one.fault else Standing.BEING_TOLD
    return Standing.BY_THIS_PAGE if one.has_front_channel else Standing.CANNOT_BE_TOLD
