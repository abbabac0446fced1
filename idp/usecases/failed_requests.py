"""A service's last failed requests, kept for whoever answers for it: when, where, which rule and parameter.

Anybody can send a request in a service's name, so what is kept is bounded in three ways: the last fifty, so many a minute
for a service, and so many for all, counted in each process. A request whose service had proven who it is stands in a ring
of its own, which no stranger can push out. Nothing here tells of a person, and no value that was sent is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from idp.store import failed_requests as store
from idp.store.services import client_row
from idp.usecases.allowance import Allowance

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.db import Database
    from idp.usecases.system import System

KEPT: Final = 50
"""Of each ring."""
A_MINUTE: Final = 10
"""For one service and one ring."""
A_MINUTE_FOR_ALL: Final = 120
"""For all services and one ring."""
_SPAN: Final = timedelta(minutes=1)
_LONGEST: Final = {"endpoint": 64, "error": 64, "rule": 255, "parameter": 64}


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A refused request as it is kept. ``proven``: whether the service had proven who it is."""

    reference: str
    endpoint: str
    error: str
    rule: str
    parameter: str | None = None
    proven: bool = False


@dataclass(frozen=True, kw_only=True)
class KeptFailure(Failed):
    """The same as it is told, with its time."""

    at: datetime


_allowances: WeakKeyDictionary[Database, dict[bool, Allowance]] = WeakKeyDictionary()
"""One for strangers and one for those who have proven who they are, for each database."""


def may_keep(system: System, client_id: str, *, proven: bool) -> bool:
    """Say whether one more refusal of a service may be kept in this minute, and count it."""
    both = _allowances.setdefault(system.database, {known: Allowance(_SPAN) for known in (True, False)})
    return both[proven].take(client_id, system.now(), each=A_MINUTE, together=A_MINUTE_FOR_ALL)


def keep(db: Session, system: System, client_id: str, failed: Failed) -> None:
    """Keep a refusal for the service of this ``client_id``; nothing where there is none.

    A service without a secret or a key proves nothing, whatever is said of it.
    """
    row = client_row(db, client_id)
    if row is None:
        return
    told = {"endpoint": failed.endpoint, "error": failed.error, "rule": failed.rule, "parameter": failed.parameter}
    values = {
        **{name: value[: _LONGEST[name]] if value else value for name, value in told.items()},
        "service_id": row.service_id,
        "at": system.now(),
        "reference": failed.reference,
        "proven": failed.proven and row.registration.get("token_endpoint_auth_method") != "none",
    }
    store.keep_failure(db, values, at_most=KEPT)


def failures(db: Session, service_id: int) -> tuple[KeptFailure, ...]:
    """Return what is kept of a service, the newest first."""
    return tuple(
        KeptFailure(
            at=row.at,
            endpoint=row.endpoint,
            error=row.error,
            parameter=row.parameter,
            rule=row.rule,
            reference=row.reference,
            proven=row.proven,
        )
        for row in store.failures_of(db, service_id)
    )
