"""Signing in to the administration through our own OIDC provider, like any other service (decision 21).

The browser goes to the provider and comes back with a code; the code is exchanged over an in-process transport, so that
no callback waits for a request thread. State, nonce and PKCE verifier of a few logins under way lie in the browser's
signed session, one entry per login, so that two tabs do not collide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, current_app, make_response, redirect, request, session, url_for
from flask_babel import gettext as _

from admin_ui.guard import open_to_all
from admin_ui.parts.frame import ID_TOKEN
from admin_ui.session_cookie import clear_token, set_token, token_in_cookie
from idp.outside.upstream_oidc import BegunLogin, Upstream, UpstreamFault, UpstreamLogin
from idp.usecases import administration_sessions
from idp.usecases.administration_client import CLIENT_ID
from idp.web.i18n import is_on_this_site
from idp.web.page import page
from idp.web.site import site
from policies.vocabulary import Assurance, Task

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

sign_in = Blueprint("sign_in", __name__, url_prefix="/administration")

UPSTREAM: Final = "skolepas-upstream"
"""Where the application keeps its relying party."""
_BEGUN: Final = "begun"
_MOST_BEGUN: Final = 4
_LONGEST_PATH: Final = 300
_TOO_WEAK: Final = "unmet_authentication_requirements"


@sign_in.get("/sign-in")
@open_to_all("whoever is not signed in comes here")
def begin() -> ResponseReturnValue:
    """Send the browser to the provider: to log in, with two factors if need be, to carry out a task in a login of its
    own, or to act as somebody else that the person is.
    """
    task = next((task.value for task in Task if task.value == request.args.get("task")), None)
    asked = {"prompt": "login", "skolepas_task": task, "login_hint": request.args.get("name", "")} if task else {}
    if "change" in request.args:  # as whom to act: asked by the login, which asks for the code as well
        asked = {"prompt": "select_account", "login_hint": request.args.get("name", "")}
    if "two" in request.args:
        asked["acr_values"] = Assurance.TO_FAKTOR.value
    if "lately" in request.args:
        rules = site().system.rules.elevadgang
        asked["max_age"] = str(rules.stop_factor_seconds if request.args["lately"] == "now" else rules.factor_seconds)
    begun = _upstream().begin(**asked)
    waiting: dict[str, Any] = session.get(_BEGUN, {})
    waiting[begun.state] = {**begun.to_json(), "next": local_path(request.args.get("next", ""))}
    session[_BEGUN] = dict(list(waiting.items())[-_MOST_BEGUN:])
    return redirect(begun.url, code=303)


@sign_in.get("/callback")
@open_to_all("the provider sends the browser here, with a code that only this browser can use")
def callback() -> ResponseReturnValue:
    """Begin the administration's session for whom the provider names."""
    waiting: dict[str, Any] = session.get(_BEGUN, {})
    kept = waiting.pop(request.args.get("state", ""), None)
    session[_BEGUN] = waiting
    if kept is None:
        return _again()
    target = kept.pop("next")
    try:
        login = _upstream().finish(BegunLogin(**kept), request.args, now=site().system.now())
    except UpstreamFault as fault:
        current_app.logger.info("signing in to the administration failed: %s", fault.error)
        return _two_factors_needed() if fault.error == _TOO_WEAK else _again()
    token = _begin_session(login)
    if token is None:
        return _again()
    session[ID_TOKEN] = login.id_token
    response = make_response(redirect(target, code=303))
    set_token(response, token)
    return response


@sign_in.get("/signed-out")
@open_to_all("nobody is signed in any more")
def signed_out() -> ResponseReturnValue:
    """Say that it is over, and forget what the browser still holds."""
    session.clear()
    response = page(
        "message.html",
        heading=_("You are logged out"),
        sentences=[_("On a computer that others use as well, close the browser too.")],
        ways_on=[(_("Log in again"), url_for("mit.own_page"))],
    )
    clear_token(response)
    return response


def local_path(wanted: str) -> str:
    """Return ``wanted`` if it is a path of this site, else the front page of Mit login."""
    return wanted if len(wanted) <= _LONGEST_PATH and is_on_this_site(wanted) else url_for("mit.own_page")


def _upstream() -> Upstream:
    found: Upstream = current_app.extensions[UPSTREAM]
    return found


def _begin_session(login: UpstreamLogin) -> str | None:
    system = site().system
    with system.database.writing() as db:
        old = token_in_cookie()
        if old is not None:
            administration_sessions.end(db, system, old)
        return administration_sessions.begin(
            db, system, client_id=CLIENT_ID, subject=login.subject, sid=login.sid or ""
        )


def _two_factors_needed() -> ResponseReturnValue:
    """Say what is missing to somebody who has no second factor, and has no pass to enrol one with."""
    return page(
        "message.html",
        heading=_("You need a second factor for that"),
        sentences=[
            _(
                "What gives power over others is done only with something besides the code: a passkey, or an app on a phone."
            ),
            _("To choose one you need a one-time pass. Another administrator can give you one."),
        ],
        ways_on=[
            (_("I have a pass"), url_for("sign_in.begin", task=Task.ENROL_FACTOR.value)),
            (_("My login"), url_for("mit.own_page")),
        ],
        status=403,
    )


def _again() -> ResponseReturnValue:
    """Never a dead end: say that it did not work and offer another try."""
    return page(
        "message.html",
        heading=_("You are not logged in"),
        sentences=[_("The login was not finished, or it took too long. Try again.")],
        ways_on=[(_("Log in"), url_for("mit.own_page"))],
        status=400,
    )
