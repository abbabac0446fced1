"""The answer as a form that the browser posts to the service (OAuth 2.0 Form Post Response Mode 1.0).

The page sends its form by itself, with a script of ours; where scripts do not run, the person presses the button. What it
carries stands in no address. The content security policy lets the form go to this one service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.oidc.rfc6749_5_1_success import no_store
from idp.web.headers import content_security_policy, form_targets
from idp.web.page import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response


def posted_on(redirect_uri: str, parameters: Mapping[str, str | None]) -> Response:
    """Return the page that posts the parameters to the service; what is None is left out."""
    fields = {name: value for name, value in parameters.items() if value is not None}
    response = no_store(page("form_post.html", url=redirect_uri, fields=fields, other_languages=[]))
    response.headers["Content-Security-Policy"] = content_security_policy(form_targets([redirect_uri]))
    # Our origin and no more. Without it the browser would send `Origin: null`, which many services refuse.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
