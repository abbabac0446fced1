"""The doors of the site: the front page, and logging out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, make_response, redirect, url_for
from flask_babel import gettext as _

from idp.usecases.logout import log_out
from idp.web.logged_out import by_way_of_services, farewell_of_this_browser, logged_out_page
from idp.web.page import page
from idp.web.session_cookie import current_session, leave_session, session_token
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
    """Ask before logging out; where nobody is logged in any more, say so and what became of the services."""
    with site().system.database.reading() as db:
        if current_session(db) is None:
            return logged_out_page(farewell_of_this_browser(db))
    return page("confirm_sign_out.html", action=url_for("doors.logout"), username=None, stay_url=url_for("doors.front"))


@doors_blueprint.post("/logout")
def post_logout() -> Response:
    """End the session of this browser. A form on another site cannot (:mod:`idp.web.origin`)."""
    here, through = url_for("doors.logout"), None
    with site().system.database.writing() as db:
        session = current_session(db)
        if session is not None:
            log_out(db, site().system, session.id, service_id=None)
            through = by_way_of_services(db, session.id, here)
    response = through or make_response(redirect(here, 303))
    leave_session(response)
    return response
