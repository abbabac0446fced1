"""The answer that a browser carries to the service, with the issuer in it (RFC 6749 4.1.2, RFC 9207).

``iss`` lets a client of several providers know which of them answered. Always 303, so that nothing that was posted to us
is ever posted on (RFC 9700 4.12).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Response

from idp.oidc.refusals import error_response
from idp.web.site import site

if TYPE_CHECKING:
    from idp.oidc.parameters import Fault


def with_code(redirect_uri: str, *, code: str, state: str | None) -> Response:
    """Send the browser to the service with a code."""
    return _to_service(redirect_uri, {"code": code, "state": state})


def with_error(redirect_uri: str, fault: Fault, *, state: str | None) -> Response:
    """Send the browser to the service with an error. Only ever to an address that is registered."""
    return _to_service(redirect_uri, {**error_response(fault), "state": state})


def see_other(address: str) -> Response:
    """Answer 303. The address that a person comes from is nobody else's business (RFC 9700 4.2.4)."""
    response = Response(status=303, headers={"Location": address})
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def with_parameters(address: str, parameters: dict[str, str | None]) -> str:
    """Return an address with parameters behind those it has; what is None is left out."""
    added = urlencode({name: value for name, value in parameters.items() if value is not None})
    joint = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
    return f"{address}{joint}{added}" if added else address


def _to_service(redirect_uri: str, parameters: dict[str, str | None]) -> Response:
    return see_other(with_parameters(redirect_uri, {**parameters, "iss": site().system.settings.site.issuer}))
