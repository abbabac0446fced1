"""How a broken rule is told: to the service in its error response, and on the page that a person sees instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from idp.oidc.parameters import Fault


def error_response(fault: Fault) -> dict[str, str]:
    """Return the members of an error response (RFC 6749 4.1.2.1 and 5.2): the code, the rule and the parameter."""
    return {"error": fault.error, "error_description": fault.told}


def broken_rule(fault: Fault) -> dict[str, str | int | bool | None]:
    """Return what an error page says, folded, to the developer of the service."""
    return {"error": fault.error, "rule": fault.description, "parameter": fault.parameter}
