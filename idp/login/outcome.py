"""How a login ended, in words that SAML and OpenID Connect share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from idp.usecases.sessions import LiveSession
    from policies.vocabulary import Reason, Step


@dataclass(frozen=True, kw_only=True)
class LoggedIn:
    """The person is logged in, as well as was asked."""

    session: LiveSession


@dataclass(frozen=True, kw_only=True)
class NotLoggedIn:
    """The service gets an error: nobody was logged in and no page may be shown, the level cannot be met, or they gave up."""

    reason: Reason
    needed: Step | None = None
    """The step that would have needed a page, where no page may be shown."""


LoginOutcome = LoggedIn | NotLoggedIn
