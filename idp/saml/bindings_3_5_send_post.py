"""Sending by HTTP-POST (SAML Bindings 3.5): the message in base64, in a form that the browser posts."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from idp.web.posted_form import posted_form

if TYPE_CHECKING:
    from flask import Response

    from idp.saml.bindings_3_4_send_redirect import Parameter


def post_form(address: str, parameter: Parameter, message: bytes, *, relay_state: str | None) -> Response:
    """Return the page that posts a message, which carries its own signature, to a service (Bindings 3.5.4)."""
    fields = {str(parameter): b64encode(message).decode()}
    if relay_state is not None:
        fields["RelayState"] = relay_state
    return posted_form(address, fields)
