"""What every login page shares: who asks, the answer to a form, and where the login goes from here.

Each form is answered with 303. One page's own business lies in a module of its own, which says in a :class:`Page` what
:mod:`idp.web.login_pages` serves for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _

from idp.login import dispatch
from idp.login.attempt import Browser, NotOpen, load, load_held
from idp.login.outcome import LoggedIn
from idp.usecases.windows import held_with
from idp.web.browser_name import browser_name
from idp.web.health import logins
from idp.web.session_cookie import (
    browser_secret,
    device_tokens,
    handover_secrets,
    is_shared_device,
    keep_handovers,
    remember_way,
    session_token,
    set_device_cookie,
    set_session_cookie,
)
from idp.web.site import site
from policies.vocabulary import CodeKind, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, ServiceFace
    from idp.login.dispatch import Position
    from idp.login.outcome import LoginOutcome
    from idp.login.request import LoginRequest
    from idp.web.errors import WayOn
    from policies.vocabulary import Reason

login_blueprint = Blueprint("login", __name__)

_CODE_PAGES: Final = {CodeKind.PICTURES: "pictures", CodeKind.TEXT: "password"}
_NAMED_OTHERWISE: Final = {Step.CONFIRM_CODE: "confirm"}


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of the login, at ``/login/<handle>/<name>``.

    It is for ``step``, and may be opened at the steps ``also_at`` too. ``take`` answers its form at ``step``, and at those of
    ``taken_also_at``, inside one unit of work; None where a route of its own does, since a code must be hashed between two,
    or where there is no form.
    """

    name: str
    step: Step
    render: Callable[[Attempt, Position], Response]
    take: Callable[[Session, Attempt, Position, Browser], Response] | None = None
    also_at: tuple[Step, ...] = ()
    taken_also_at: tuple[Step, ...] = ()


def at_step(
    handle: str,
    step: Step,
    act: Callable[[Session, Attempt, Position, Browser], Response],
    page: str = "",
    *,
    or_at: tuple[Step, ...] = (),
) -> Response:
    """Carry out ``act`` in one unit of work if the login stands at ``step`` or ``or_at``; else lead to where it stands."""
    system, browser = site().system, this_browser()
    try:
        with system.database.writing() as db:
            attempt = load(db, system, handle, browser)
            if isinstance(attempt, NotOpen):
                return to(handle)
            at = dispatch.position(db, system, attempt, browser, page=page)
            if at.step not in {step, *or_at}:
                return to(handle, page_of(at))
            return act(db, attempt, at, browser)
    except dispatch.AlreadyFinished:
        return to(handle)


def go_on(db: Session, attempt: Attempt, browser: Browser) -> Response:
    """Ask the dispatcher where the login stands now: finish it, or lead to the next page.

    ``browser`` comes with the hand-overs that it holds from now on.
    """
    system = site().system
    at = dispatch.position(db, system, attempt, browser)
    if at.step is Step.DONE:
        finished = dispatch.finish(db, system, replace(attempt, factors=at.factors), browser)
        logins.labels("succeeded").inc()
        response = answer(db, attempt.request, LoggedIn(session=finished.begun.session))
        set_session_cookie(response, finished.begun.token)
        set_device_cookie(response, finished.device_token)
        remember_way(response, frozenset(proven.factor for proven in attempt.factors))
        others = browser.without(held_with(browser.handovers, attempt.held_by)).handovers
        keep_handovers(response, () if attempt.shared or browser.shared else others)
        return response
    if at.reason in dispatch.SAID_TO_THE_SERVICE:
        return answer(db, attempt.request, dispatch.give_up(db, system, attempt, at.reason))
    response = to(attempt.handle, page_of(at))
    keep_handovers(response, browser.handovers)
    return response


def after_hashing(db: Session, attempt: Attempt, browser: Browser) -> tuple[Attempt, Position]:
    """Return an attempt as it is once something was hashed between two units of work, held until this one ends.

    Raises :class:`~idp.login.dispatch.AlreadyFinished` when it is over, or was begun anew for somebody else.
    """
    system = site().system
    held = load_held(db, system, attempt, browser)
    if isinstance(held, NotOpen) or held.person_id != attempt.person_id:
        raise dispatch.AlreadyFinished
    return held, dispatch.position(db, system, held, browser)


def answer(db: Session, login_request: LoginRequest, outcome: LoginOutcome) -> Response:
    """Answer the service in its protocol."""
    return make_response(site().answers[login_request.protocol](db, login_request, outcome))


def this_browser() -> Browser:
    """Return what the request tells of the browser that asks."""
    return Browser(
        secret=browser_secret() or "",
        address=request.remote_addr or "",
        devices=device_tokens(),
        description=browser_name(request.user_agent.string),
        session_token=session_token(),
        handovers=handover_secrets(),
        shared=is_shared_device(),
    )


def allowed_or_refused(
    db: Session,
    attempt: Attempt,
    browser: Browser,
    page: str,
    *,
    about: str,
    allow: Callable[[], Attempt],
    refusal: Reason,
) -> Response:
    """Take yes or no on a page that asks for one: go on, or refuse the service. Else, and to another question, ask again.

    ``about`` says what is asked now, and of whom; the form says what the person saw.
    """
    if request.form.get("about") != about:
        return to(attempt.handle, page)
    match request.form.get("answer"):
        case "allow":
            return go_on(db, allow(), browser)
        case "no":
            return answer(db, attempt.request, dispatch.give_up(db, site().system, attempt, refusal))
        case _:
            return to(attempt.handle, page)


def home(service: ServiceFace | None) -> list[WayOn]:
    """Return the way to where the service begins a login (``initiate_login_uri``, OIDC Core 4) or presents itself."""
    if service is None:
        return []
    return way_to(service.registration.get("initiate_login_uri") or service.registration.get("client_uri"))


def way_to(target: object) -> list[WayOn]:
    """Return the way to an address that a service registered, where it did, and a link may have it."""
    if not isinstance(target, str) or not target.startswith(("https://", "http://")):
        return []
    return [(_("Go to the service"), target)]


def page_of(at: Position) -> str:
    """Return the name of the page that is for where the login stands."""
    if at.step is Step.WAIT and at.account is not None:
        return _CODE_PAGES[at.account.kind]
    return _NAMED_OTHERWISE.get(at.step, at.step.value)


def address(handle: str, page: str) -> str:
    """Return the address of a page of this login."""
    return url_for("login.show", handle=handle, page=page)


def to(handle: str, page: str = "") -> Response:
    """Lead to a page of this login; without ``page`` to that of the current step."""
    target = address(handle, page) if page else url_for("login.current", handle=handle)
    return make_response(redirect(target, 303))
