"""How an access token is carried (RFC 6750 2, RFC 9449 7.1): in the header, or in the body of a POST; never in an address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from flask import Response, jsonify, request

from idp.oidc.parameters import Fault, Unreadable, read_form
from idp.oidc.refusals import challenge, error_response
from idp.outside.client_jose import CLIENT_ALGORITHMS

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)

_STATUS: Final = {"invalid_request": 400, "insufficient_scope": 403}
"""RFC 6750 3.1; anything else is 401."""


@dataclass(frozen=True, repr=False)
class Carried:
    """An access token, and whether it came with the scheme of a token that is bound to a key."""

    token: str
    with_key: bool

    def __repr__(self) -> str:
        """Never show the token."""
        return "Carried(***)"


def carried_token() -> Carried | Fault:
    """Return the token of this request; a fault with an empty code when there is none at all."""
    found, with_key = [], False
    if "access_token" in request.args:
        return Fault("invalid_request", "An access token does not belong in an address.", "access_token")
    authorization = request.headers.get("Authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() not in {"bearer", "dpop"}:
            return Fault("", "")
        with_key = scheme.lower() == "dpop"
        found.append(token.strip())
    if request.method == "POST" and request.mimetype == "application/x-www-form-urlencoded":
        try:
            parameters = read_form()
        except Unreadable as unreadable:
            return Fault("invalid_request", str(unreadable))
        if "access_token" in parameters.repeated:
            return Fault("invalid_request", "access_token comes more than once.", "access_token")
        carried = parameters["access_token"]
        found += [carried] if carried is not None else []
    if not found:
        return Fault("", "")
    if len(found) > 1:
        return Fault("invalid_request", "The access token is carried in two ways at once.", "access_token")
    if _TOKEN.fullmatch(found[0]) is None:
        return Fault("invalid_token", "That is no access token.", "access_token")
    return Carried(found[0], with_key)


def refused(fault: Fault, *, with_key: bool = False) -> Response:
    """Answer with the challenge of RFC 6750 3 or RFC 9449 7.1; without an error code when no token came at all (3.1)."""
    said = error_response(fault) if fault.error else {}
    response = jsonify(said)
    response.status_code = _STATUS.get(fault.error, 401)
    if not with_key:
        response.headers.add("WWW-Authenticate", challenge("Bearer", "userinfo", said))
    if with_key or not said:
        response.headers.add(
            "WWW-Authenticate", challenge("DPoP", "userinfo", {**said, "algs": " ".join(CLIENT_ALGORITHMS)})
        )
    response.headers["Cache-Control"] = "no-store"
    return response
