"""A service gives its tokens back (RFC 7009): an access token alone, a refresh token with its whole family.

Who asks about a token that we do not know, or that has ended, hears that all is well (2.2); a token of another service is
refused (2.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from idp.oidc.parameters import Fault
from idp.oidc.rfc6749_2_3_client_authentication import ClientRequest, asking_client, read_request
from idp.oidc.rfc6749_3_2_token_endpoint import refused
from idp.oidc.rfc6749_5_1_success import no_store
from idp.usecases import grants
from idp.usecases.refresh import find_refresh
from idp.web.site import site

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.services import Client
    from idp.usecases.system import System

_OF_ANOTHER = Fault("invalid_grant", "The token was given to another client.", "token")


def revoke() -> Response:
    """Answer a revocation request. ``token_type_hint`` is not needed, as the kinds cannot be mistaken for each other."""
    system = site().system
    asked = read_request(system)
    if isinstance(asked, Fault):
        return refused(asked)
    with system.database.writing() as db:
        fault = _revoked(db, system, asked)
    if fault is not None:
        return refused(fault, client_id=asked.shown.client_id)
    return no_store(Response(status=200))


def _revoked(db: Session, system: System, asked: ClientRequest) -> Fault | None:
    client = asking_client(db, system, asked.shown)
    if isinstance(client, Fault):
        return client
    token = asked.parameters["token"]
    if token is None:
        return Fault("invalid_request", "token is missing.", "token")
    access = grants.find_token(db, system, token)
    if access is None:
        return _family_revoked(db, system, client, token)
    if access.granted.service_id != client.id:
        return _OF_ANOTHER
    grants.revoke_access_token(db, system, token)
    return None


def _family_revoked(db: Session, system: System, client: Client, token: str) -> Fault | None:
    """Revoke the family of a refresh token, also of one that was used before: whoever has it wants an end of it."""
    found = find_refresh(db, system, client_id=client.client_id, token=token)
    if found is None or found.granted is None:
        return None
    if found.granted.service_id != client.id:
        return _OF_ANOTHER
    grants.revoke(db, system, found.granted, why="given back by the service")
    return None
