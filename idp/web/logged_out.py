"""The page after logging out: which services were told, which are being told, and which the person must close.

Services that only the browser can tell are told by frames on this page (OpenID Connect Front-Channel Logout 1.0), for which
the CSP of this page alone names their origins. The page works without JavaScript; a reload shows how things stand now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import request
from flask_babel import gettext as _

from idp.usecases.logout import Farewell, LeftService, Standing, farewell, session_just_ended
from idp.web.headers import allow_frames
from idp.web.i18n import current_language
from idp.web.page import page
from idp.web.session_cookie import left_token
from idp.web.site import site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response
    from sqlalchemy.orm import Session

    from idp.web.errors import WayOn

_ICONS: Final = {
    Standing.TOLD: "check",
    Standing.BEING_TOLD: "clock",
    Standing.BY_THIS_PAGE: "clock",
    Standing.CANNOT_BE_TOLD: "warning",
}


@dataclass(frozen=True, kw_only=True)
class GoOn:
    """Where a service wants the person next; ``by_itself`` unless there is something to read."""

    address: str
    service_name: str
    by_itself: bool


def farewell_of_this_browser(db: Session, session_id: int | None = None) -> Farewell:
    """Return how the services stand of the session that has just ended in this browser; ``session_id`` if it was that one."""
    system, token = site().system, left_token()
    ended = session_just_ended(db, system, token) if token is not None else None
    if ended is None or session_id not in {None, ended}:
        return Farewell()
    return farewell(db, system, ended)


def by_way_of_services(db: Session, session_id: int, then: str) -> Response | None:
    """Return the way through the services of a session that has just ended that only the browser can tell, back to ``then``."""
    begin = site().leave
    return begin(db, [session_id], then) if begin is not None else None


def logged_out_page(left: Farewell, *, go_on: GoOn | None = None, ways_on: Sequence[WayOn] = ()) -> Response:
    """Show the page."""
    allow_frames(left.frames)
    return page(
        "signed_out.html",
        services=[_shown(service) for service in left.services],
        frames=left.frames,
        here=f"{site().system.settings.site.issuer}/",
        something_to_do=left.leaves_something_to_do,
        being_told=any(service.standing is Standing.BEING_TOLD for service in left.services),
        again_url=request.full_path.rstrip("?"),
        go_on=go_on,
        ways_on=ways_on or ([] if go_on else [(_("Go to the front page"), "/")]),
    )


def _shown(service: LeftService) -> dict[str, Any]:
    return {
        "name": service.name_en if current_language() == "en" else service.name_da,
        "standing": service.standing.name.lower().replace("_", "-"),
        "icon": _ICONS[service.standing],
        "sentence": _sentence(service.standing),
    }


def _sentence(standing: Standing) -> str:
    said: dict[Standing, str] = {
        Standing.TOLD: _("You are logged out here."),
        Standing.BEING_TOLD: _("It is being told that you have logged out."),
        Standing.BY_THIS_PAGE: _("This page is telling it. Wait a moment before you close the page."),
        Standing.CANNOT_BE_TOLD: _("We cannot log you out here. Do it there yourself, or close the browser."),
    }
    return said[standing]
