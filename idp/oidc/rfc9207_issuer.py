"""The answer that a browser carries to the service, with the issuer in it (RFC 6749 4.1.2, RFC 9207).

``iss`` lets a client of several providers know which of them answered. Always 303, so that nothing that was posted to us
is ever posted on (RFC 9700 4.12); or a page whose form posts the answer alone (:mod:`idp.oidc.form_post_1_0`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Response

from idp.oidc.form_post_1_0 import posted_on
from idp.oidc.refusals import error_response
from idp.web.site import site

if TYPE_CHECKING:
    from idp.oidc.parameters import Fault


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where an answer goes: an address that the client registered, and how it is carried there."""

    redirect_uri: str
    state: str | None
    mode: str = "query"


def with_code(target: Target, *, code: str) -> Response:
    """Send the browser to the service with a code."""
    return _to_service(target, {"code": code})


def with_error(target: Target, fault: Fault) -> Response:
    """Send the browser to the service with an error. Only ever to an address that is registered."""
    return _to_service(target, {**error_response(fault)})


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


def _to_service(target: Target, parameters: dict[str, str | None]) -> Response:
    told = {**parameters, "state": target.state, "iss": site().system.settings.site.issuer}
    if target.mode == "form_post":
        return posted_on(target.redirect_uri, told)
    return see_other(with_parameters(target.redirect_uri, told))
