"""A form of ours is taken from a page of ours only, whatever cookies come with it.

Cookies of ours are ``SameSite=Lax`` and each login is bound to its browser, so a form on another site does nothing here
anyway. This is the second lock on the same door (OWASP ASVS 5.0, 3.5.1): every request that may change something is
refused when the browser says that another site's page sent it. What a service may send lies behind
:func:`taken_from_anywhere`, and is nothing that a session alone allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from flask import current_app, request

from idp.web.errors import back_here, error_page
from idp.web.site import site
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask, Response

View = TypeVar("View", bound="Callable[..., Any]")

_ANYWHERE: Final = "taken_from_anywhere"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS: Final = frozenset({"same-origin", "none"})


def taken_from_anywhere(view: View) -> View:
    """Mark an endpoint that services send to, by the person's browser or by themselves."""
    setattr(view, _ANYWHERE, True)
    return view


def set_up_origin(app: Flask) -> None:
    """Look at where each form comes from."""
    app.before_request(_refuse)


def is_from_elsewhere() -> bool:
    """Say whether the browser tells that the request comes from a page of another origin.

    ``Sec-Fetch-Site`` cannot be written by a page and comes first; browsers without it send ``Origin`` with a form. Where
    neither comes, there is no browser that could be misled.
    """
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched is not None:
        return fetched not in _OURS
    origin = request.headers.get("Origin")
    ours = {request.host, urlsplit(site().system.settings.site.issuer).netloc}
    try:
        return origin is not None and urlsplit(origin).netloc not in ours
    except ValueError:  # no browser writes such an origin
        return True


def _refuse() -> Response | None:
    if request.method in _SAFE or not is_from_elsewhere():
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or getattr(view, _ANYWHERE, False):
        return None
    return error_page(Reason.FORM_FROM_ELSEWHERE, status=403, ways_on=back_here())
