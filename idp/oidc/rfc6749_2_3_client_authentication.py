"""Who asks at the token endpoint (RFC 6749 2.3, OpenID Connect Core 9).

A client uses the one method it registered: ``client_secret_basic``, ``client_secret_post`` or, being public and with
PKCE, ``none``.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from idp.oidc.parameters import Fault
from idp.usecases.services import secret_is_right

if TYPE_CHECKING:
    from idp.oidc.parameters import Parameters
    from idp.usecases.services import Client
    from idp.usecases.system import System


@dataclass(frozen=True, repr=False)
class Credentials:
    """What a client showed, and how."""

    client_id: str
    secret: str | None
    method: str


def read_credentials(authorization: str | None, parameters: Parameters) -> Credentials | Fault:
    """Read the one method that a request uses; two at once are refused."""
    named, secret = parameters["client_id"], parameters["client_secret"]
    if authorization is None:
        if named is None:
            return Fault("invalid_client", "No client authentication.", "client_id")
        return Credentials(named, secret, "none" if secret is None else "client_secret_post")
    shown = _basic(authorization)
    if shown is None:
        return Fault("invalid_client", "Authorization is not Basic with client_id and client_secret.")
    if secret is not None or named not in {None, shown.client_id}:
        return Fault("invalid_request", "The client authenticates in two ways at once.", "client_id")
    return shown


def not_the_client(system: System, client: Client | None, shown: Credentials) -> Fault | None:
    """Check that the client is known, uses its own method, has the right secret, and has not been disabled."""
    if client is None:
        return Fault("invalid_client", "There is no such client.", "client_id")
    if shown.method != client.auth_method:
        return Fault("invalid_client", f"The client registered token_endpoint_auth_method {client.auth_method}.")
    if not client.is_public and not secret_is_right(system, client, shown.secret or ""):
        return Fault("invalid_client", "client_secret is wrong.", "client_secret")
    if client.disabled:
        return Fault("invalid_client", "The client is disabled.", "client_id")
    return None


def _basic(authorization: str) -> Credentials | None:
    scheme, _, encoded = authorization.partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    client_id, colon, secret = decoded.partition(":")
    # Both are form-urlencoded before they are joined (2.3.1), so what may not stand here is looked for behind that.
    named, secret = unquote_plus(client_id), unquote_plus(secret)
    if scheme.lower() != "basic" or not colon or not named or not (named + secret).isprintable():
        return None
    return Credentials(named, secret, "client_secret_basic")
