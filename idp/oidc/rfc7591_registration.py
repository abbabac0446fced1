"""Services that register themselves (RFC 7591, OpenID Connect Registration 3): closed unless the operator opens it.

With ``oidc.registration = "initial-access-token"`` whoever holds a token of the operator's may register so many services.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import structlog
from flask import jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from idp.oidc.parameters import Fault
from idp.oidc.refusals import challenge, error_response
from idp.oidc.rfc6749_5_1_success import no_store
from idp.usecases.client_metadata import INVALID_CLIENT_METADATA, MetadataRefused
from idp.usecases.client_metadata import Fault as MetadataFault
from idp.usecases.client_registration import may_register, register_itself
from idp.usecases.sectors import fetch_listed
from idp.web.site import site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response

    from idp.usecases.client_registration import SelfRegistered
    from idp.usecases.system import System

PATH: Final = "/oidc/register"
LONGEST: Final = 65_536
"""Bytes of metadata."""
_CLOSED: Final = Fault("access_denied", "Services do not register themselves here; the operator registers them.")
_NO_TOKEN: Final = Fault("invalid_token", "The access token is missing, has expired, or was used up or replaced.")

log = structlog.get_logger("skolepas")


def register() -> Response:
    """Answer with the registered metadata, or with everything that is wrong with them (RFC 7591 3.2)."""
    system = site().system
    if not is_open(system):
        return closed()
    token = shown_token()
    with system.database.reading() as db:
        good = token is not None and may_register(db, system, token)
    if token is None or not good:
        return no_such_token()
    try:
        metadata = read_metadata()
        listed = fetch_listed(system.fetcher, metadata)
        with system.database.writing() as db:
            made = register_itself(db, system, token, metadata, listed=listed)
    except MetadataRefused as wrong:
        return refused_metadata(wrong)
    return told(system, made, status=201)


def is_open(system: System) -> bool:
    """Whether services may register themselves and manage what they registered."""
    return system.settings.oidc.registration == "initial-access-token"


def shown_token() -> str | None:
    """Return the bearer token of this request: in the header, for the body is JSON (RFC 6750 2.1)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def read_metadata() -> object:
    """Read the body of this request. Raises :class:`MetadataRefused` for anything but JSON without a member twice."""
    request.max_content_length = LONGEST
    if request.mimetype != "application/json":
        raise _unreadable("The body must be application/json.")
    try:
        read: object = json.loads(request.get_data(cache=False), object_pairs_hook=_once, parse_constant=_no_number)
    except RequestEntityTooLarge:
        raise _unreadable(f"The metadata are longer than {LONGEST} bytes.") from None
    except (ValueError, RecursionError):
        raise _unreadable("The metadata are not JSON, or name a member twice.") from None
    return read


def told(system: System, made: SelfRegistered | None, *, status: int = 200) -> Response:
    """Answer with the client information response; a token that somebody else used up meanwhile is none."""
    if made is None:
        return no_such_token()
    response = jsonify(made.to_json(address=f"{system.settings.site.issuer}{PATH}"))
    response.status_code = status
    return no_store(response)


def refused_metadata(wrong: MetadataRefused) -> Response:
    """Answer with the error response of RFC 7591 3.2.2."""
    log.info("registration refused", faults=[fault.member for fault in wrong.faults])
    response = jsonify(wrong.to_json())
    response.status_code = 400
    return no_store(response)


def refused(fault: Fault, *, status: int) -> Response:
    """Answer with an error that has nothing to do with the metadata."""
    said = error_response(fault)
    response = jsonify(said)
    response.status_code = status
    if status == 401:  # noqa: PLR2004
        response.headers["WWW-Authenticate"] = challenge("Bearer", "registration", said)
    return no_store(response)


def no_such_token() -> Response:
    """Answer whoever shows no good token."""
    return refused(_NO_TOKEN, status=401)


def closed() -> Response:
    """Answer where services do not register themselves."""
    return refused(_CLOSED, status=403)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member twice")
    return members


def _no_number(name: str) -> None:
    raise ValueError(name)


def _unreadable(sentence: str) -> MetadataRefused:
    return MetadataRefused([MetadataFault(INVALID_CLIENT_METADATA, "", sentence)])
