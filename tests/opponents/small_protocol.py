"""A protocol of three lines, for tests of the login itself: ``/ask?state=…`` in, a redirect with who it was out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, request

from idp.login.outcome import LoggedIn
from idp.login.request import LoginRequest
from idp.web.application import Application
from idp.web.furnish import furnish
from idp.web.login_pages import enter
from idp.web.site import Site, site
from policies.assurance import assurance_of
from policies.vocabulary import Assurance, Protocol, Task

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from idp.login.outcome import LoginOutcome
    from idp.usecases.system import System

CALLBACK = "http://localhost:9000/callback"


def small_site(system: System, service_id: int) -> Application:
    """Return the login pages behind the small protocol, for one service."""
    app = Application("idp")
    furnish(app, Site(system=system, answers={Protocol.OIDC: _answer}))
    protocol = Blueprint("ask", __name__)

    @protocol.get("/ask")
    def ask() -> Response:
        now = system.now()
        given = request.args
        with site().system.database.writing() as db:
            asked = LoginRequest(
                protocol=Protocol.OIDC,
                service_id=service_id,
                fresh_since=now if "again" in given or "task" in given else None,
                silent="silent" in given,
                assurance=Assurance(given["level"]) if "level" in given else None,
                consent=given.get("consent"),
                other_screen=given.get("screen"),
                task=Task(given["task"]) if "task" in given else None,
                languages=tuple(given.getlist("language")),
                expected=given.get("hint"),
                reply_to={"state": given.get("state", "")},
            )
            return enter(db, asked, message=request.query_string)

    app.register_blueprint(protocol)
    return app


def _answer(_db: Session, asked: LoginRequest, outcome: LoginOutcome) -> Response:
    if isinstance(outcome, LoggedIn):
        said = {"who": outcome.session.uniid, "as": outcome.session.actor_group.value, "sid": str(outcome.session.id)}
        if asked.assurance is not None:
            said["level"] = assurance_of({one.factor for one in outcome.session.factors}, asked.assurance) or ""
    else:
        said = {"error": outcome.reason.value}
    return make_response(redirect(f"{CALLBACK}?{urlencode({'state': asked.reply_to['state'], **said})}", 303))
