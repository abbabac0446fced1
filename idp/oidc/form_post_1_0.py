"""The answer as a form that the browser posts to the service (OAuth 2.0 Form Post Response Mode 1.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.web.posted_form import posted_form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response


def posted_on(redirect_uri: str, parameters: Mapping[str, str | None]) -> Response:
    """Return the page that posts the parameters to the service; what is None is left out."""
    return posted_form(redirect_uri, {name: value for name, value in parameters.items() if value is not None})
