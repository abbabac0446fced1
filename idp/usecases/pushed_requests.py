"""Requests that wait for a browser: pushed by the service, or posted and too long for an address.

Each is opened by one browser, which may come back to it until the login it began is over (decision 18). A pushed one is
used up by the answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from idp.outside.sealing import new_token, same, token_digest
from idp.store import pushed_requests as store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.system import System

_SAME_PRESS: Final = timedelta(seconds=15)
"""So long a button pressed twice leads to a second answer, as in :mod:`idp.web.login_pages`."""


class Way(StrEnum):
    """How a request came to wait. One way's address opens nothing of the other's."""

    PUSHED = "pushed"
    POSTED = "posted"
    SAML = "saml"
    """Posted by SAML's HTTP-POST binding."""
    UPSTREAM = "upstream"
    """Another identity provider's Response, posted too."""


class Closed(StrEnum):
    """Why a request cannot be opened."""

    UNKNOWN = "is unknown"
    ANOTHER_CLIENTS = "is another client's"
    USED = "has been used"
    EXPIRED = "has expired"
    ELSEWHERE = "was opened in another browser"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A request that has been opened."""

    digest: bytes
    parameters: Mapping[str, str]
    dpop_jkt: str | None


def put(
    db: Session,
    system: System,
    way: Way,
    *,
    service_id: int,
    parameters: Mapping[str, str],
    dpop_jkt: str | None = None,
) -> str:
    """Keep a request and return the secret part of its address. One statement."""
    token, now = new_token(), system.now()
    store.insert_pushed(
        db,
        {
            "digest": _digest(way, token),
            "service_id": service_id,
            "parameters": json.dumps(dict(parameters)),
            "dpop_jkt": dpop_jkt,
            "created_at": now,
            "expires_at": now + timedelta(seconds=system.settings.oidc.pushed_request_seconds),
        },
    )
    return token


def open_(db: Session, system: System, way: Way, token: str, *, service_id: int, browser: str) -> Waiting | Closed:
    """Open a request in the browser with this secret: for the first time in time, or again until it is used."""
    digest, now = _digest(way, token), system.now()
    opener = token_digest(browser)
    row = store.open_pushed(
        db,
        digest,
        service_id=service_id,
        browser=opener,
        now=now,
        since=now - timedelta(seconds=system.settings.login.attempt_seconds),
    )
    if row is None:
        return _why(store.pushed_row(db, digest), service_id=service_id, opener=opener)
    return Waiting(digest=digest, parameters=json.loads(row.parameters), dpop_jkt=row.dpop_jkt)


def use(db: Session, system: System, digest: bytes) -> bool:
    """Use a request up with its answer; False when it had been used up before."""
    now = system.now()
    return store.use_pushed(db, digest, now, again_since=now - _SAME_PRESS)


def _why(row: AnyRow | None, *, service_id: int, opener: bytes) -> Closed:
    if row is None:
        return Closed.UNKNOWN
    if row.service_id != service_id:
        return Closed.ANOTHER_CLIENTS
    if row.used_at is not None:
        return Closed.USED
    if row.browser_digest is not None and not same(row.browser_digest, opener):
        return Closed.ELSEWHERE
    return Closed.EXPIRED


def _digest(way: Way, token: str) -> bytes:
    return token_digest(f"{way} {token}")
