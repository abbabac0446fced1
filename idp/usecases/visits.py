"""A browser comes from a service: which client sends it, and who is logged in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.outside.sealing import token_digest
from idp.store.visits import saml_visit_rows, visit_rows
from idp.usecases.known_service_providers import find_service_provider, service_provider_of
from idp.usecases.services import client_of, find_client
from idp.usecases.sessions import session_of
from policies.vocabulary import Protocol

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.service_providers import ServiceProvider
    from idp.usecases.services import Client
    from idp.usecases.sessions import LiveSession
    from idp.usecases.system import System


@dataclass(frozen=True, kw_only=True)
class ProviderVisit:
    """The SAML service, disabled or not, if there is one of this entityID, and the browser's live session."""

    service: ServiceProvider | None
    session: LiveSession | None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """The client, disabled or not, if there is one of this id, and the browser's live session."""

    client: Client | None
    session: LiveSession | None


def visit(db: Session, system: System, *, client_id: str, token: str | None) -> Visit:
    """Find the client and the session of a cookie: one statement, and one more at most once a minute."""
    if token is None:
        return Visit(client=find_client(db, client_id), session=None)
    rows = visit_rows(db, identifier=client_id, token_digest=token_digest(token), now=system.now())
    if not rows or rows[0].protocol != Protocol.OIDC:
        return Visit(client=None, session=None)
    live = [row for row in rows if row.id is not None]
    return Visit(client=client_of(rows[0]), session=session_of(db, system, live))


def provider_visit(db: Session, system: System, *, entity_id: str, token: str | None) -> ProviderVisit:
    """Find the SAML service and the session of a cookie: one statement, and one more at most once a minute."""
    if token is None:
        return ProviderVisit(service=find_service_provider(db, system, entity_id), session=None)
    rows = saml_visit_rows(db, identifier=entity_id, token_digest=token_digest(token), now=system.now())
    if not rows:
        return ProviderVisit(service=None, session=None)
    live = [row for row in rows if row.id is not None]
    return ProviderVisit(service=service_provider_of(db, system, rows[0]), session=session_of(db, system, live))
