"""What a token is worth now, asked by a service with its own credentials (RFC 7662).

A service asks about its own tokens, and is told what userinfo would tell: Danish services read their claims here. A
resource server that registered ``may_introspect`` may ask about access tokens of any service, and hears of the token but
nothing of the person beyond the name under which it knows them itself. Everything that is not good now, or not the
asker's business, is inactive, and nothing more is said (2.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Response, jsonify

from idp.oidc.core_2_id_token import released_claims
from idp.oidc.parameters import Fault
from idp.oidc.rfc6749_2_3_client_authentication import ClientRequest, asking_client, read_request
from idp.oidc.rfc6749_3_2_token_endpoint import refused
from idp.oidc.rfc6749_5_1_success import no_store
from idp.usecases.grants import find_token, subject_of
from idp.usecases.refresh import find_refresh
from idp.web.site import site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from idp.usecases.grants import Granted, ShownToken
    from idp.usecases.services import Client
    from idp.usecases.system import System

_INACTIVE: Final[Mapping[str, Any]] = {"active": False}


def introspect() -> Response:
    """Answer an introspection request. ``token_type_hint`` would spare a look-up, and is not needed."""
    system = site().system
    asked = read_request(system)
    if isinstance(asked, Fault):
        return refused(asked)
    # Only an assertion is written down, for it counts once.
    unit = system.database.reading if asked.shown.assertion is None else system.database.writing
    with unit() as db:
        answer = _answer(db, system, asked)
    if isinstance(answer, Fault):
        return refused(answer, client_id=asked.shown.client_id)
    return no_store(jsonify(answer))


def _answer(db: Session, system: System, asked: ClientRequest) -> Mapping[str, Any] | Fault:
    client = asking_client(db, system, asked.shown)
    if isinstance(client, Fault):
        return client
    if client.is_public:
        return Fault("invalid_client", "A public client cannot introspect, for it cannot prove who it is.", "client_id")
    token = asked.parameters["token"]
    if token is None:
        return Fault("invalid_request", "token is missing.", "token")
    found = find_token(db, system, token)
    if found is not None:
        return _of_access_token(system, client, found)
    return _of_refresh_token(db, system, client, token)


def _of_access_token(system: System, client: Client, token: ShownToken) -> Mapping[str, Any]:
    granted, own = token.granted, token.granted.client.id == client.id
    if not own and not client.introspects:
        return _INACTIVE
    told: dict[str, Any] = dict(released_claims(system, granted, token.scope, "userinfo")) if own else {}
    return {
        **told,
        **_of_grant(system, client, granted),
        "scope": token.scope,
        "token_type": "Bearer" if token.jkt is None else "DPoP",
        "iat": int(token.issued_at.timestamp()),
        "exp": int(token.expires_at.timestamp()),
        **({} if token.jkt is None else {"cnf": {"jkt": token.jkt}}),
    }


def _of_refresh_token(db: Session, system: System, client: Client, token: str) -> Mapping[str, Any]:
    """A refresh token is between a service and us: a resource server must never take it for an access token."""
    found = find_refresh(db, system, client_id=client.client_id, token=token)
    if found is None or found.granted is None or found.expires_at is None or found.issued_at is None:
        return _INACTIVE
    if found.granted.service_id != client.id or not found.is_good(system.now()):
        return _INACTIVE
    return {
        **_of_grant(system, client, found.granted),
        "scope": found.scope,
        "iat": int(found.issued_at.timestamp()),
        "exp": int(found.expires_at.timestamp()),
    }


def _of_grant(system: System, client: Client, granted: Granted) -> dict[str, Any]:
    """Return what holds for every token of a grant. ``sub`` is how the asker knows the person (Core 8.1)."""
    own = granted.client.id == client.id
    uniid = granted.knowledge.facts.uniid
    about_login: dict[str, Any] = {
        "acr": granted.acr,
        "amr": list(granted.amr),
        "auth_time": int(granted.auth_time.timestamp()),
        "sid": granted.sid,
    }
    return {
        "active": True,
        "iss": system.settings.site.issuer,
        "aud": granted.client.client_id,
        "client_id": granted.client.client_id,
        "sub": granted.subject if own else subject_of(system, sector=client.sector, uniid=uniid),
        **(about_login if own else {}),
    }
