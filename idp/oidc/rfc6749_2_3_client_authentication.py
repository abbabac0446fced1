"""Who asks at an endpoint that services themselves speak to (RFC 6749 2.3, OpenID Connect Core 9).

A client uses the one method it registered: ``client_secret_basic``, ``client_secret_post``, ``private_key_jwt`` or, being
public and with PKCE, ``none``. Two at once are refused. The endpoints share three steps: :func:`read_request` outside any
unit of work, their own look-up of the client, and :func:`not_the_client`; :func:`asking_client` is the last two in one.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from flask import request

from idp.oidc.parameters import Fault, Parameters, Unreadable, nothing_twice, read_form
from idp.oidc.rfc7523_client_assertion import JWT_BEARER, named_client, not_the_first, verified_claims
from idp.usecases.services import find_client, secret_is_right

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from idp.usecases.services import Client
    from idp.usecases.system import System

_SECRET_METHODS = frozenset({"client_secret_basic", "client_secret_post"})


@dataclass(frozen=True, repr=False)
class Credentials:
    """What a client showed, and how. ``claims`` are those of an assertion that has been verified, or what is wrong with it."""

    client_id: str
    secret: str | None
    method: str
    assertion: str | None = None
    claims: Mapping[str, Any] | Fault | None = None


@dataclass(frozen=True)
class ClientRequest:
    """A form that a client sent, and what it showed of itself."""

    parameters: Parameters
    shown: Credentials


def read_request(system: System) -> ClientRequest | Fault:
    """Read the form and the credentials of this request. Not inside a unit of work: a client's keys may be fetched."""
    try:
        parameters = read_form()
    except Unreadable as unreadable:
        return Fault("invalid_request", str(unreadable))
    shown = nothing_twice(parameters) or read_credentials(request.headers.get("Authorization"), parameters)
    if isinstance(shown, Credentials) and shown.assertion is not None:
        shown = _verified(system, shown, shown.assertion)
    return shown if isinstance(shown, Fault) else ClientRequest(parameters, shown)


def asking_client(db: Session, system: System, shown: Credentials) -> Client | Fault:
    """Return the client that has proven who it is, for endpoints whose own look-up does not find it."""
    client = find_client(db, shown.client_id)
    fault = not_the_client(db, system, client, shown)
    return client if fault is None and client is not None else fault or Fault("invalid_client", "", "client_id")


def not_the_client(db: Session, system: System, client: Client | None, shown: Credentials) -> Fault | None:
    """Check that the client is known, uses its own method, has proven itself, and has not been disabled."""
    if client is None:
        return Fault("invalid_client", "There is no such client.", "client_id")
    if shown.method != client.auth_method:
        return Fault("invalid_client", f"The client registered token_endpoint_auth_method {client.auth_method}.")
    if shown.method in _SECRET_METHODS and not secret_is_right(system, client, shown.secret or ""):
        return Fault("invalid_client", "client_secret is wrong.", "client_secret")
    if client.disabled:
        return Fault("invalid_client", "The client is disabled.", "client_id")
    if client.is_public or shown.method in _SECRET_METHODS:
        return None
    if shown.claims is None:
        return Fault("invalid_client", "client_assertion has not been verified.", "client_assertion")
    if isinstance(shown.claims, Fault):
        return shown.claims
    return not_the_first(db, client, shown.claims)


def read_credentials(authorization: str | None, parameters: Parameters) -> Credentials | Fault:
    """Read the one method that a request uses; two at once are refused."""
    named, secret = parameters["client_id"], parameters["client_secret"]
    asserts = parameters["client_assertion"] is not None or parameters["client_assertion_type"] is not None
    if authorization is not None:
        shown = _basic(authorization)
        if shown is None:
            return Fault(
                "invalid_client", "Authorization is not Basic with client_id and client_secret.", "Authorization"
            )
        if secret is not None or asserts or named not in {None, shown.client_id}:
            return Fault("invalid_request", "The client authenticates in two ways at once.", "client_id")
        return shown
    if asserts:
        return _asserted(parameters)
    if named is None:
        return Fault("invalid_client", "No client authentication.", "client_id")
    return Credentials(named, secret, "none" if secret is None else "client_secret_post")


def _asserted(parameters: Parameters) -> Credentials | Fault:
    assertion, kind = parameters["client_assertion"], parameters["client_assertion_type"]
    if parameters["client_secret"] is not None:
        return Fault("invalid_request", "The client authenticates in two ways at once.", "client_assertion")
    if kind != JWT_BEARER:
        return Fault("invalid_client", f"client_assertion_type must be {JWT_BEARER}.", "client_assertion_type")
    if assertion is None:
        return Fault("invalid_request", "client_assertion is missing.", "client_assertion")
    named = named_client(assertion)
    if named is None:
        return Fault("invalid_client", "client_assertion is no JWT with a sub.", "client_assertion")
    if parameters["client_id"] not in {None, named}:
        return Fault("invalid_client", "client_id is another than sub in client_assertion.", "client_id")
    return Credentials(named, None, "private_key_jwt", assertion=assertion)


def _verified(system: System, shown: Credentials, assertion: str) -> Credentials:
    with system.database.reading() as db:
        client = find_client(db, shown.client_id)
    if client is None or client.disabled or client.auth_method != shown.method:
        return shown  # refused where every client is
    return replace(shown, claims=verified_claims(system, client, assertion))


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
