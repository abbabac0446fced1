"""The wired site inside a Flask application: ``site()`` is how a view reaches the system.

The protocols stand above this package, so the way in which a finished login is answered is handed in by
:mod:`idp.app` as one function per protocol.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import current_app

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flask import Response
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from idp.login.outcome import LoginOutcome
    from idp.login.request import LoginRequest
    from idp.login.vouch import Vouch
    from idp.usecases.system import System
    from idp.usecases.upstreams import Upstream
    from policies.vocabulary import Protocol

EXTENSION = "skolepas"


@dataclass(frozen=True, kw_only=True)
class UpstreamDoor:
    """How a protocol asks another identity provider, and reads what it says."""

    begin: Callable[[Session, Upstream, str, LoginRequest], tuple[str, dict[str, Any]]]
    """(unit of work, provider, the login's handle, what the service asks) -> where to send the browser, and what to keep."""
    finish: Callable[[Upstream, Mapping[str, Any], Mapping[str, str]], Vouch]
    """(provider, what was kept, what came back) -> what it vouches for. Never in a unit of work: it may speak to the provider.
    Raises :class:`idp.login.vouch.NotVouched`."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """What every view of one application shares."""

    system: System
    answers: Mapping[Protocol, Callable[[Session, LoginRequest, LoginOutcome], ResponseReturnValue]] = field(
        default_factory=dict
    )
    """Protocol -> the function that turns a finished login into the answer to the service."""
    leave: Callable[[Session, Sequence[int], str], Response | None] | None = None
    """Begins to tell the services of sessions that have just ended, where the browser itself must do it, and comes back to a path of
    ours; None where there is nobody to tell."""
    upstreams: Mapping[Protocol, UpstreamDoor] = field(default_factory=dict)
    own_page: str | None = None
    """Where a person finds their own page (Mit login), if it is served beside us."""
    shown_services: tuple[tuple[str, str], ...] = ()
    """Name and address of the services that the front page shows: a demo's, elsewhere none."""


def site() -> Site:
    """Return the site of the current application."""
    found: Site = current_app.extensions[EXTENSION]
    return found
