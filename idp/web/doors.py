"""The doors of the site: the front page, and logging out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, make_response, redirect, url_for
from flask_babel import gettext as _

from idp.usecases.sessions import end_session
from idp.web.page import page
from idp.web.session_cookie import clear_session_cookie, current_session, forget_what_was_seen, session_token
from idp.web.site import site

if TYPE_CHECKING:
    from flask import Response

doors_blueprint = Blueprint("doors", __name__)


@doors_blueprint.get("/")
def front() -> Response:
    """Say what this site is. People usually come by way of a service."""
    ways_on = list(site().shown_services)
    own_page = site().own_page
    if own_page:
        ways_on.append((_("See my own page"), own_page))
    if session_token():
        ways_on.append((_("Log out"), url_for("doors.logout")))
    return page("front.html", ways_on=ways_on)


@doors_blueprint.get("/logout")
def logout() -> Response:
    """Ask before logging out; say so where nobody is logged in."""
    with site().system.database.reading() as db:
        session = current_session(db)
    if session is None:
        return page("signed_out.html", ways_on=[(_("Go to the front page"), url_for("doors.front"))])
    return page("confirm_sign_out.html", action=url_for("doors.logout"), username=None, stay_url=url_for("doors.front"))


@doors_blueprint.post("/logout")
def post_logout() -> Response:
    """End the session of this browser. A form on another site cannot (:mod:`idp.web.origin`)."""
    response = make_response(redirect(url_for("doors.logout"), 303))
    with site().system.database.writing() as db:
        session = current_session(db)
        if session is not None:
            end_session(db, site().system, session.id, why="logout")
    clear_session_cookie(response)
    forget_what_was_seen(response)
    return response
