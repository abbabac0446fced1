"""How a broken rule is told: to the service in its error response, to its owner afterwards, and on the page that a person sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import jsonify

from idp.oidc.parameters import Fault
from idp.web import refusals as web

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

EXPECTED: Final = frozenset({"authorization_pending", "slow_down", "use_dpop_nonce", "access_denied"})
"""Codes by which a protocol takes its turns, or a person says no: no rule is broken."""

_NOT_POSTED: Final = Fault("invalid_request", "The method must be POST.")


def error_response(fault: Fault) -> dict[str, str]:
    """Return the members of an error response (RFC 6749 4.1.2.1 and 5.2): the code, the rule and the parameter."""
    return {"error": fault.error, "error_description": fault.told}


def challenge(scheme: str, realm: str, said: Mapping[str, str]) -> str:
    """Return a ``WWW-Authenticate`` with what is said beside it (RFC 6750 3, RFC 9449 7.1)."""
    return f'{scheme} realm="{realm}"' + "".join(f', {name}="{value}"' for name, value in said.items())


def not_posted() -> Response:
    """Answer whoever comes with another method to where services post (RFC 6749 3.2); nothing was read."""
    response = jsonify(error_response(_NOT_POSTED))
    response.status_code = 405
    response.headers["Allow"] = "POST"
    response.headers["Cache-Control"] = "no-store"
    return response


def broken_rule(fault: Fault) -> dict[str, str | int | bool | None]:
    """Return what an error page says, folded, to the developer of the service."""
    return {"error": fault.error, "rule": fault.description, "parameter": fault.parameter}


def note_refusal(fault: Fault, client_id: str | None, *, proven: bool = False) -> str:
    """Put a refusal in the log, and keep it for the owner of the service; return its reference.

    ``client_id``: whose request it says it is, None where it says nothing that can be believed. ``proven``: whether the
    service had proven who it is by then.
    """
    return web.note_refusal(
        error=fault.error,
        rule=fault.description,
        parameter=fault.parameter,
        client_id=client_id,
        proven=proven,
        keep=fault.error not in EXPECTED,
    )
