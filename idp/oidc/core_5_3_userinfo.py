"""The userinfo endpoint (OpenID Connect Core 5.3): the claims that the agreement lets leave, as of this moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import jsonify

from idp.oidc.core_2_id_token import released_claims
from idp.oidc.parameters import Fault
from idp.oidc.rfc6750_bearer import bearer_token, refused
from idp.usecases.grants import find_token
from idp.web.site import site

if TYPE_CHECKING:
    from flask import Response


def userinfo() -> Response:
    """Answer GET and POST. A token dies at once with its session, person, service, attachment or grant. One statement."""
    shown = bearer_token()
    if isinstance(shown, Fault):
        return refused(shown)
    system = site().system
    with system.database.reading() as db:
        token = find_token(db, system, shown)
        if token is None:
            return refused(Fault("invalid_token", "The access token has expired, was revoked, or never was."))
        if "openid" not in token.scope.split():
            return refused(Fault("insufficient_scope", "The access token is not for openid."))
        response = jsonify(released_claims(system, token.granted, token.scope, "userinfo"))
    response.headers["Cache-Control"] = "no-store"
    return response
