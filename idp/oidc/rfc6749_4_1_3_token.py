"""The token endpoint (RFC 6749 4.1.3, OpenID Connect Core 3.1.3): a code for an access token and an ID Token.

One look-up finds client, code and facts; the checks below are its order; then the code is burned by one update. A code
that comes twice revokes everything it ever gave (RFC 6749 4.1.2, 10.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog
from flask import jsonify, request

from idp.oidc.core_2_id_token import id_token
from idp.oidc.parameters import Fault, Parameters, Unreadable, nothing_twice, read_form
from idp.oidc.rfc6749_2_3_client_authentication import Credentials, not_the_client, read_credentials
from idp.oidc.rfc7636_pkce import wrong_verifier
from idp.usecases import grants
from idp.usecases.signing_keys import key_ring
from idp.web.site import site

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from sqlalchemy.orm import Session

    from idp.usecases.grants import Granted, Presented
    from idp.usecases.services import Client
    from idp.usecases.system import System

log = structlog.get_logger("skolepas")


@dataclass(frozen=True, kw_only=True)
class Redemption:
    """A token request after its one look-up."""

    system: System
    parameters: Parameters
    credentials: Credentials
    client: Client | None
    granted: Granted | None


def _client_authenticates(asked: Redemption) -> Fault | None:
    return not_the_client(asked.system, asked.client, asked.credentials)


def _grant_type_is_known(asked: Redemption) -> Fault | None:
    wanted = asked.parameters["grant_type"]
    if wanted is None:
        return Fault("invalid_request", "grant_type is missing.", "grant_type")
    if wanted != "authorization_code":
        return Fault("unsupported_grant_type", "grant_type must be authorization_code.", "grant_type")
    return None


def _code_is_there(asked: Redemption) -> Fault | None:
    if asked.parameters["code"] is None:
        return Fault("invalid_request", "code is missing.", "code")
    return None


def _code_is_this_clients(asked: Redemption) -> Fault | None:
    granted = asked.granted
    if granted is None or asked.client is None or granted.service_id != asked.client.id:
        return Fault("invalid_grant", "The code is not one of this client's.", "code")
    return None


def _code_is_fresh(asked: Redemption) -> Fault | None:
    granted = asked.granted
    if granted is None or granted.code_expires_at is None or granted.code_expires_at <= asked.system.now():
        return Fault("invalid_grant", "The code has expired.", "code")
    return None


def _redirect_uri_is_the_same(asked: Redemption) -> Fault | None:
    if asked.granted is None or asked.parameters["redirect_uri"] != asked.granted.redirect_uri:
        return Fault("invalid_grant", "redirect_uri is another than in the authorization request.", "redirect_uri")
    return None


def _verifier_fits(asked: Redemption) -> Fault | None:
    challenge = asked.granted.code_challenge if asked.granted else None
    return wrong_verifier(asked.parameters["code_verifier"], challenge)


def _login_still_holds(asked: Redemption) -> Fault | None:
    if asked.granted is None or not asked.granted.lives:
        return Fault("invalid_grant", "The login behind the code has ended.", "code")
    return None


CHECKS: Final[tuple[Callable[[Redemption], Fault | None], ...]] = (
    _client_authenticates,
    _grant_type_is_known,
    _code_is_there,
    _code_is_this_clients,
)
"""Who asks, and for what."""

CODE_CHECKS: Final[tuple[Callable[[Redemption], Fault | None], ...]] = (
    _code_is_fresh,
    _redirect_uri_is_the_same,
    _verifier_fits,
    _login_still_holds,
)
"""Whether the code is good; asked after it has been looked at whether it comes a second time."""


def token() -> Response:
    """Answer a token request."""
    try:
        parameters = read_form()
    except Unreadable as unreadable:
        return _refused(Fault("invalid_request", str(unreadable)))
    shown = read_credentials(request.headers.get("Authorization"), parameters)
    fault = nothing_twice(parameters) or (shown if isinstance(shown, Fault) else None)
    if fault is not None or isinstance(shown, Fault):
        return _refused(fault or Fault("invalid_client", ""))
    system = site().system
    with system.database.writing() as db:
        answer = _redeemed(db, system, parameters, shown)
    if isinstance(answer, Fault):
        return _refused(answer, client_id=shown.client_id)
    return _no_store(jsonify(answer))


def _redeemed(db: Session, system: System, parameters: Parameters, shown: Credentials) -> dict[str, Any] | Fault:
    presented = grants.find_code(db, system, client_id=shown.client_id, code=parameters["code"] or "")
    asked = Redemption(
        system=system,
        parameters=parameters,
        credentials=shown,
        client=presented.client if presented else None,
        granted=presented.granted if presented else None,
    )
    fault = _first_fault(CHECKS, asked)
    granted = asked.granted
    if fault is not None or presented is None or granted is None:
        return fault or Fault("invalid_grant", "The code is not one of this client's.", "code")
    if granted.code_used:
        return _used_twice(db, system, granted)
    return _first_fault(CODE_CHECKS, asked) or _tokens(db, system, presented, granted)


def _tokens(db: Session, system: System, presented: Presented, granted: Granted) -> dict[str, Any] | Fault:
    access_token = grants.redeem(db, system, granted)
    if access_token is None:
        return _used_twice(db, system, granted)
    keys = key_ring(db, system, version=presented.keys_version or 0)
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": system.settings.oidc.token_seconds,
        "scope": granted.scope,
        "id_token": id_token(system, granted, keys, access_token=access_token),
    }


def _used_twice(db: Session, system: System, granted: Granted) -> Fault:
    grants.revoke(db, system, granted, why="code used twice")
    return Fault("invalid_grant", "The code has been used before; all that it gave is revoked.", "code")


def _first_fault(checks: tuple[Callable[[Redemption], Fault | None], ...], asked: Redemption) -> Fault | None:
    return next((fault for check in checks if (fault := check(asked)) is not None), None)


def _refused(fault: Fault, *, client_id: str | None = None) -> Response:
    """Answer with an error (RFC 6749 5.2)."""
    log.info("token refused", error=fault.error, rule=fault.description, client_id=client_id)
    response = jsonify({"error": fault.error, "error_description": fault.description})
    response.status_code = 400
    if fault.error == "invalid_client":
        response.status_code = 401
        response.headers["WWW-Authenticate"] = 'Basic realm="token", charset="UTF-8"'
    return _no_store(response)


def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response
