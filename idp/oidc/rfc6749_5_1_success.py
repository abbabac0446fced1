"""What a token request is given when all is well (RFC 6749 5.1, OpenID Connect Core 3.1.3.3), whatever its grant type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Response

    from idp.usecases.system import System


def success(
    system: System,
    *,
    access_token: str,
    refresh_token: str | None,
    scope: str,
    jkt: str | None,
    id_token: str | None,
) -> dict[str, Any]:
    """Return the members of the answer. A token that is bound to a key says so in its type (RFC 9449 5)."""
    answer = {
        "access_token": access_token,
        "token_type": "Bearer" if jkt is None else "DPoP",
        "expires_in": system.settings.oidc.token_seconds,
        "refresh_token": refresh_token,
        "scope": scope,
        "id_token": id_token,
    }
    return {name: value for name, value in answer.items() if value is not None}


def no_store(response: Response) -> Response:
    """Let nobody keep what is answered (RFC 6749 5.1)."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response
