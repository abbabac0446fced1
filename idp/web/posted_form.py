"""A message to a service as a form that the browser posts (SAML Bindings 3.5, OAuth 2.0 Form Post Response Mode 1.0).

The page sends its form by itself, with a script of ours; where scripts do not run, the person presses the button. What it
carries stands in no address. The content security policy lets the form go to this one service. All but the address and the
fields is the same for everybody, so each application renders it once for each language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import current_app, g, make_response
from markupsafe import Markup, escape

from idp.web.headers import content_security_policy, form_targets
from idp.web.i18n import current_language
from idp.web.page import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

_FRAMES: Final = "skolepas_posted_forms"
_ADDRESS: Final = "-the-address-"
_INPUTS: Final = "-the-inputs-"


def posted_form(address: str, fields: Mapping[str, str]) -> Response:
    """Return the page that posts the fields to a service; nobody may keep it."""
    opening, middle, rest = _frame()
    inputs = "".join([f'<input type="hidden" name="{escape(n)}" value="{escape(v)}">\n' for n, v in fields.items()])
    response = make_response(f"{opening}{escape(address)}{middle}{inputs}{rest}")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    response.headers["Content-Security-Policy"] = content_security_policy(form_targets([address]))
    # Our origin and no more. Without it the browser would send `Origin: null`, which many services refuse.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _frame() -> tuple[str, str, str]:
    """Return the page around the address and the fields."""
    if g.get("not_you_url"):  # belongs to one login, and is rare
        return _rendered()
    frames: dict[str, tuple[str, str, str]] = current_app.extensions.setdefault(_FRAMES, {})
    language = current_language()
    found = frames.get(language)
    if found is None:
        found = frames[language] = _rendered()
    return found


def _rendered() -> tuple[str, str, str]:
    shown = page("form_post.html", url=_ADDRESS, inputs=Markup(_INPUTS), other_languages=[])  # noqa: S704 (our own word)
    opening, rest = shown.get_data(as_text=True).split(_ADDRESS)
    middle, rest = rest.split(_INPUTS)
    return opening, middle, rest
