"""Telling the services of a session that it has ended (OpenID Connect Back-Channel Logout 1.0, SAML Profiles 4.4 over SOAP).

Whoever ends a session calls :func:`tell_services` in the same transaction: it writes one message for each service that can
be told by us, and the worker sends them. So no logout waits for the network, and none is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from idp.store import logout_notices as store
from idp.usecases import outbox
from idp.usecases.known_service_providers import service_provider_of
from idp.usecases.service_providers import POST, REDIRECT, SOAP
from idp.usecases.services import Client, client_of
from policies.vocabulary import Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.service_providers import LogoutEndpoint, ServiceProvider
    from idp.usecases.system import System

KIND: Final = "backchannel-logout"
SAML_KIND: Final = "saml-logout"
"""How these messages are called in the outbox."""


@dataclass(frozen=True, kw_only=True)
class Participant:
    """A service that was told of a session, and what it knows of our telling it that the session has ended."""

    id: int
    protocol: Protocol
    identifier: str
    name_da: str
    name_en: str
    client: Client | None
    """None for a service that speaks SAML."""
    provider: ServiceProvider | None
    """None for a service that speaks OpenID Connect."""
    subject: str
    sid: str
    name_id_format: str | None
    left: bool
    """Whether the service itself asked for the logout."""
    told: bool
    """Whether it has answered that it logged the person out."""
    fault: str | None
    """Why nobody tries any more to tell it."""

    @property
    def has_back_channel(self) -> bool:
        """Whether our worker tells it. One that registered both ways is told by this one, which brings an answer."""
        if self.provider is not None:
            return not self.provider.disabled and self.soap_endpoint is not None
        return self.client is not None and not self.client.disabled and bool(self.client.backchannel_logout_uri)

    @property
    def soap_endpoint(self) -> LogoutEndpoint | None:
        """Where our worker tells a SAML service: one that asked for it, or that no browser can tell."""
        if self.provider is None or not (self.provider.options.soap_logout or self._in_browsers is None):
            return None
        return next((one for one in self.provider.metadata.logout if one.binding == SOAP), None)

    @property
    def browser_endpoint(self) -> LogoutEndpoint | None:
        """Where the person's browser takes a LogoutRequest; None for a service that the worker tells, or nobody can."""
        if self.provider is None or self.provider.disabled or self.soap_endpoint is not None:
            return None
        return self._in_browsers

    @property
    def _in_browsers(self) -> LogoutEndpoint | None:
        known = self.provider.metadata.logout if self.provider is not None else ()
        return next((one for binding in (REDIRECT, POST) for one in known if one.binding == binding), None)

    @property
    def has_front_channel(self) -> bool:
        """Whether only the person's browser can tell it."""
        return (
            self.client is not None
            and not self.client.disabled
            and not self.client.backchannel_logout_uri
            and bool(self.client.frontchannel_logout_uri)
        )


def participants(db: Session, system: System, session_ids: Collection[int]) -> tuple[Participant, ...]:
    """Return the services that were told of these sessions, the first told first. One statement."""
    rows = store.participants_of(db, session_ids) if session_ids else ()
    return tuple(_participant(db, system, row) for row in rows)


def tell_services(db: Session, system: System, session_ids: Collection[int]) -> None:
    """Write a message for each service of sessions that have just ended.

    The service that asked is told like the others, as far as it registered for it. One that is disabled is told nothing.
    """
    waiting = [one for one in participants(db, system, session_ids) if one.has_back_channel]
    for kind, protocol in ((KIND, Protocol.OIDC), (SAML_KIND, Protocol.SAML)):
        outbox.put(db, system, kind, [{"participant": one.id} for one in waiting if one.protocol is protocol])


def find_participant(db: Session, system: System, participant_id: int) -> Participant | None:
    """Return the service that a message is for."""
    row = store.participant_row(db, participant_id)
    return None if row is None else _participant(db, system, row)


def settled(
    db: Session, system: System, payload: Mapping[str, Any], *, fault: str | None = None, given_up: bool = False
) -> None:
    """Write on the service's own row how sending a message ended; while it is tried again, nothing stands there."""
    if fault is None:
        store.participant_was_told(db, payload["participant"], system.now())
    elif given_up:
        store.participant_cannot_be_told(db, payload["participant"], fault)


def _participant(db: Session, system: System, row: AnyRow) -> Participant:
    speaks_openid = row.protocol == Protocol.OIDC
    return Participant(
        id=row.participant_id,
        protocol=Protocol(row.protocol),
        identifier=row.identifier,
        name_da=row.name_da,
        name_en=row.name_en,
        client=client_of(row) if speaks_openid else None,
        provider=None if speaks_openid else service_provider_of(db, system, row),
        subject=row.subject,
        sid=row.session_index,
        name_id_format=row.name_id_format,
        left=row.logged_out_at is not None,
        told=row.notified_at is not None,
        fault=row.notify_fault,
    )
