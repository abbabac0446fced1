"""Every route names the action it needs, or says why it needs none; anything else is not served.

::

    @needs(Action.SEE_OWN_PAGE)
    def own_page() -> str: ...

:func:`install` puts the guard before every request. Whoever has no session is sent to log in; whoever has shown one
factor where two are needed, to show a second; whoever lacks the right reads a page that says so. :func:`unguarded`
names the routes that were forgotten; :mod:`admin_ui.app` refuses to start with any, and a test asks as well. A form whose
page is too old to be trusted leads to a fresh one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from flask import current_app, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError

from admin_ui.session_cookie import token_in_cookie
from idp.errors import Refused, SkolepasError
from idp.usecases import access, administration_sessions
from idp.web.errors import back_here, error_page
from idp.web.site import site
from policies.actions import NEED_FACTOR_JUST_NOW, may
from policies.decision import Deny
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask, Response
    from flask.typing import ResponseReturnValue

    from idp.usecases.administration_sessions import Visit
    from policies.actions import Action, Visitor

View = TypeVar("View", bound="Callable[..., Any]")

_ACTION: Final = "action_needed"
_OPEN: Final = "open_because"
_POLLED: Final = "polled_by_a_page"
_RELOADS: Final = "reloads_itself"
_BACK: Final = "form_of_page"
_HELPED_BY_TWO_FACTORS: Final = frozenset({Reason.SECOND_FACTOR_NEEDED, Reason.SECOND_FACTOR_OLD})


class UnguardedRoute(SkolepasError):
    """A route names no action. A fault of ours, found when the application is made."""


def needs(action: Action) -> Callable[[View], View]:
    """Mark a view: only whoever may do ``action`` gets there."""

    def mark(view: View) -> View:
        setattr(view, _ACTION, action)
        return view

    return mark


def polled(view: View) -> View:
    """Mark a view that a page asks for by itself, every few seconds: nobody is there because of it, so no session lives longer."""
    setattr(view, _POLLED, True)
    return view


def reloads_itself(view: View) -> View:
    """Mark a page that is loaded anew by itself where there is no script: no session lives longer because of it."""
    setattr(view, _RELOADS, True)
    return view


def from_page(endpoint: str) -> Callable[[View], View]:
    """Mark a view that takes a form, and say on which page the form is: whoever must log in first comes back there."""

    def mark(view: View) -> View:
        setattr(view, _BACK, endpoint)
        return view

    return mark


def open_to_all(because: str) -> Callable[[View], View]:
    """Mark a view that needs nobody logged in, and say why."""

    def mark(view: View) -> View:
        setattr(view, _OPEN, because)
        return view

    return mark


def action_of(app: Flask, endpoint: str) -> Action | None:
    """Return the action that a route needs, None when it names none."""
    action: Action | None = getattr(app.view_functions.get(endpoint), _ACTION, None)
    return action


def unguarded(app: Flask) -> list[str]:
    """Name the endpoints that neither need an action nor say that they are open."""
    views = {rule.endpoint: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}
    return sorted(name for name, view in views.items() if not hasattr(view, _ACTION) and not hasattr(view, _OPEN))


def install(app: Flask) -> None:
    """Guard every request. Raises :class:`UnguardedRoute` when a route was forgotten."""
    forgotten = unguarded(app)
    if forgotten:
        raise UnguardedRoute(", ".join(forgotten))
    app.before_request(_guard)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, _too_old)


def _refused(refused: Refused) -> Response:
    """Say what a use case refused, to whom, on record."""
    found: Visit | None = g.get("visit")
    return error_page(refused.reason, status=403, person_id=found.person_id if found else None, on_record=True)


def _too_old(error: CSRFError) -> Response:  # noqa: ARG001 (it says it in English, and to programmers)
    """Lead to a fresh page: the form's token is missing, or of another session of the browser."""
    found: Visit | None = g.get("visit")
    person_id = found.person_id if found else None
    return error_page(Reason.FORM_TOO_OLD, status=400, ways_on=back_here(), person_id=person_id)


def visit() -> Visit:
    """Return who is visiting. Only in views that need an action."""
    found: Visit = g.visit
    return found


def visitor() -> Visitor:
    """Return what decides on the actions of whoever is visiting. Only in views that need an action."""
    found: Visitor = g.visitor
    return found


def _guard() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # there is no such page, and Flask says so
    view = current_app.view_functions[request.endpoint]
    if hasattr(view, _OPEN):
        return None
    action: Action | None = getattr(view, _ACTION, None)
    if action is None:
        return error_page(Reason.NOTHING_ALLOWS, status=403)
    g.visit, g.visitor = _visit(note=not hasattr(view, _POLLED) and not hasattr(view, _RELOADS))
    if g.visitor is None and hasattr(view, _POLLED):
        return "", 401
    if g.visitor is None:
        return redirect(url_for("sign_in.begin", next=_way_back()), code=303)
    decision = may(action, g.visitor)
    if isinstance(decision, Deny):
        lately = None
        if decision.reason is Reason.SECOND_FACTOR_OLD:
            lately = "now" if action in NEED_FACTOR_JUST_NOW else "hour"
        stronger = url_for("sign_in.begin", two="1", lately=lately, next=_way_back())
        if hasattr(view, _POLLED):
            return "", 403
        if decision.reason in _HELPED_BY_TWO_FACTORS and request.method == "GET":
            return redirect(stronger, code=303)
        return error_page(
            decision.reason,
            status=403,
            ways_on=[(_("Log in with two factors"), stronger)] if decision.reason in _HELPED_BY_TWO_FACTORS else (),
            person_id=g.visit.person_id,
            on_record=True,
        )
    return None


def _visit(*, note: bool) -> tuple[Visit, Visitor] | tuple[None, None]:
    token = token_in_cookie()
    if token is None:
        return None, None
    system = site().system
    with system.database.reading() as db:
        found = administration_sessions.current(db, system, token)
        if found is None:
            return None, None
        visitor = access.visitor(db, system, found)
    if found.stale and note:
        with system.database.writing() as db:
            administration_sessions.seen(db, system, found)
    return found, visitor


def _way_back() -> str:
    """Where to go after signing in: this page, unless it was a form, whose answer would be lost anyway."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    return url_for(getattr(current_app.view_functions[request.endpoint or ""], _BACK, "mit.own_page"))
