"""What the token endpoint gives to each grant type, and what it gets back (RFC 6749 3.2, 4, 5).

A grant type is two functions. ``find`` is its one look-up: the client that asks together with what the request stands
on, so that the endpoint needs no look-up of its own. ``answer`` is asked when the client has proven who it is and may use
this grant type: it gives what RFC 6749 5.1 sends, or the first rule that is broken. The registry is
:data:`idp.oidc.rfc6749_3_2_token_endpoint.GRANT_TYPES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from idp.oidc.parameters import Fault, Parameters

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.services import Client
    from idp.usecases.system import System


class Found(Protocol):
    """What ``find`` returns: at least the client that asks, known but not believed."""

    @property
    def client(self) -> Client:
        """The client that the request names."""
        ...


F = TypeVar("F", bound=Found)
TokenAnswer = Mapping[str, Any] | Fault


@dataclass(frozen=True, kw_only=True)
class TokenRequest(Generic[F]):
    """A token request whose client has proven who it is. ``db`` is a unit of work that writes."""

    db: Session
    system: System
    parameters: Parameters
    found: F
    jkt: str | None = None
    """The thumbprint of the key that the client proved to have (RFC 9449), for tokens that are bound to it."""

    @property
    def client(self) -> Client:
        """The client that asks."""
        return self.found.client


@dataclass(frozen=True)
class GrantType(Generic[F]):
    """One way to be given tokens. ``find`` takes the unit of work, the system, the client_id and the parameters."""

    find: Callable[[Session, System, str, Parameters], F | None]
    answer: Callable[[TokenRequest[F]], TokenAnswer]
