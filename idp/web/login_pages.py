"""The login pages: ``/login/<handle>/…``. Each page is a GET of stored state, and each form is answered with 303.

Reload, back and a second tab therefore work at every point; a form from a page that is no longer the current one
changes nothing and leads to the current one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _

from idp.errors import HashingBusy
from idp.login import dispatch
from idp.login.attempt import Attempt, Browser, NotOpen, begin, load
from idp.login.outcome import LoggedIn
from idp.login.steps import code as code_step
from idp.login.steps import new_code as new_code_step
from idp.login.steps import sign as sign_step
from idp.login.steps import username as username_step
from idp.usecases.windows import held_with
from idp.web.browser_name import browser_name
from idp.web.errors import error_page, waiting_page
from idp.web.headers import form_targets
from idp.web.health import logins
from idp.web.i18n import prefer
from idp.web.login_forms import code_in_form, render_step, sign_in_form
from idp.web.page import about_service
from idp.web.session_cookie import (
    browser_secret,
    current_session,
    device_tokens,
    ensure_browser_secret,
    handover_secrets,
    keep_handovers,
    new_browser_secret,
    session_token,
    set_device_cookie,
    set_session_cookie,
)
from idp.web.site import site
from policies.vocabulary import CodeKind, Reason, Step

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from idp.login.attempt import ServiceFace
    from idp.login.dispatch import Position
    from idp.login.outcome import LoginOutcome
    from idp.login.request import LoginRequest
    from idp.web.errors import WayOn

login_blueprint = Blueprint("login", __name__)

_PAGES: Final = {
    Step.USERNAME: "username",
    Step.PICTURES: "pictures",
    Step.PASSWORD: "password",
    Step.SIGN: "sign",
    Step.NEW_CODE: "new-code",
    Step.CONFIRM_CODE: "confirm",
    Step.REFUSED: "refused",
    Step.DONE: "done",
}
_CODE_PAGES: Final = {CodeKind.PICTURES: "pictures", CodeKind.TEXT: "password"}
_HASHING: Final = {Step.PICTURES, Step.PASSWORD, Step.CONFIRM_CODE}
_STATUS: Final = {Reason.ATTEMPT_GONE: 410, Reason.ATTEMPT_ELSEWHERE: 403}


def enter(db: Session, login_request: LoginRequest, *, message: bytes) -> Response:
    """Take a service's request, in the unit of work of its endpoint: answer it at once, or begin the login pages.

    ``message`` is what the service sent, byte for byte: the same one in the same browser resumes (decision 18).
    """
    outcome = dispatch.at_once(db, login_request, current_session(db))
    if outcome is not None:
        return _answer(db, login_request, outcome)
    handle = begin(db, site().system, login_request, new_browser_secret(), message)
    response = make_response(redirect(url_for("login.current", handle=handle), 303))
    ensure_browser_secret(response)
    return response


@login_blueprint.get("/login/<handle>")
def current(handle: str) -> Response:
    """Lead to the page of the current step."""
    return show(handle, "")


@login_blueprint.get("/login/<handle>/<page>")
def show(handle: str, page: str) -> Response:
    """Show a page if it fits where the login stands, else lead to the one that does."""
    system, browser = site().system, _browser()
    with system.database.reading() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, Attempt):
            _know(attempt)
            at = dispatch.position(db, system, attempt, browser, asks_for_sign=page == "sign")
    if isinstance(attempt, NotOpen):
        return _way_on(attempt)
    if at.step is Step.DONE or at.reason in dispatch.SAID_TO_THE_SERVICE:
        return _finish_from_a_page(handle)
    if page == "username":
        return render_step(attempt, at, Step.USERNAME)
    if page == "new-code" and at.step is Step.CONFIRM_CODE:
        return render_step(attempt, at, Step.NEW_CODE)
    if page != _page_of(at):
        return _to(handle, _page_of(at))
    if at.step is Step.REFUSED and at.reason is not None:
        again = (_("Log in as somebody else"), _address(handle, "username"))
        return error_page(
            at.reason, status=403, service_id=attempt.service.id, ways_on=[again, *_home(attempt.service)]
        )
    if at.step in _HASHING and system.hasher.is_full:
        return waiting_page(retry_url=_address(handle, page))
    return render_step(attempt, at, at.step)


@login_blueprint.get("/login/<handle>/again")
def again(handle: str) -> Response:
    """Begin a login anew that is over, in the browser it was begun in."""
    system, browser = site().system, _browser()
    with system.database.writing() as db:
        found = load(db, system, handle, browser)
        if isinstance(found, NotOpen) and found.reason is Reason.ATTEMPT_GONE and found.attempt is not None:
            return enter(db, found.attempt.request, message=f"again {handle}".encode())
    return _to(handle) if isinstance(found, Attempt) else _way_on(found)


@login_blueprint.post("/login/<handle>/username")
def post_username(handle: str) -> Response:
    """Take the username."""
    system, browser = site().system, _browser()
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return _to(handle)
        attempt = username_step.submit(db, system, attempt, browser, request.form.get("username", ""))
        if attempt.error is Reason.USERNAME_MISSING:
            return _to(handle, "username")
        return _go_on(db, attempt, browser)


@login_blueprint.post("/login/<handle>/pictures")
def post_pictures(handle: str) -> Response:
    """Take a picture code."""
    return _take_code(handle, Step.PICTURES)


@login_blueprint.post("/login/<handle>/password")
def post_password(handle: str) -> Response:
    """Take a text code."""
    return _take_code(handle, Step.PASSWORD)


@login_blueprint.post("/login/<handle>/sign")
def post_sign(handle: str) -> Response:
    """Take the sign that the opener of a window has shown."""
    system, browser = site().system, _browser()
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return _to(handle)
        at = dispatch.position(db, system, attempt, browser, asks_for_sign=True)
        sign = sign_in_form(system, handle, request.form)
        if at.step is not Step.SIGN or sign is None:
            return _to(handle)
        return _go_on(db, *sign_step.submit(db, system, attempt, browser, sign))


@login_blueprint.post("/login/<handle>/new-code")
def post_new_code(handle: str) -> Response:
    """The person has seen the new code."""
    system, browser = site().system, _browser()
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return _to(handle)
        at = dispatch.position(db, system, attempt, browser)
        if at.step is not Step.NEW_CODE:
            return _to(handle, _page_of(at))
        return _go_on(db, new_code_step.seen(db, attempt), browser)


@login_blueprint.post("/login/<handle>/confirm")
def post_confirm(handle: str) -> Response:
    """Take the new code as the person repeats it; hash it between two units of work, then keep it."""
    system, browser = site().system, _browser()
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return _to(handle)
        at = dispatch.position(db, system, attempt, browser)
        if at.step is not Step.CONFIRM_CODE or at.new_code is None:
            return _to(handle, _page_of(at))
        typed = code_in_form(system, handle, at.new_code.kind, request.form)
        if typed is None:
            return _to(handle, "confirm")
        if not new_code_step.is_as_shown(at, typed):
            return _go_on(db, new_code_step.not_as_shown(db, attempt), browser)
    try:
        verifier = system.hasher.verifier_of(typed)
    except HashingBusy:
        return waiting_page(retry_url=_address(handle, "confirm"))
    try:
        with system.database.writing() as db:
            if dispatch.position(db, system, attempt, browser).new_code is None:  # meanwhile another one was kept
                return _to(handle)
            return _go_on(db, *new_code_step.keep(db, system, attempt, at, browser, verifier))
    except dispatch.AlreadyFinished:
        return _to(handle)


def _take_code(handle: str, step: Step) -> Response:
    """Count the try, check the code between two units of work, and write what came of it."""
    system, browser = site().system, _browser()
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return _to(handle)
        at = dispatch.position(db, system, attempt, browser)
        if at.step is not step or at.account is None:
            return _to(handle, _page_of(at))
        typed = code_in_form(system, handle, at.account.kind, request.form)
        paid = None if typed is None else code_step.begin(db, system, at)
        if typed is None or paid is None:
            return _to(handle, _page_of(at))
        asked_at = system.now()  # a code that is replaced while this one is checked counts from later
    try:
        verification, renewed = code_step.check(system, at, typed)
    except HashingBusy:
        with system.database.writing() as db:
            code_step.take_back(db, at, paid)
        return waiting_page(retry_url=_address(handle, _page_of(at)))
    if not verification.right:
        logins.labels("wrong-code").inc()
    try:
        with system.database.writing() as db:
            done = code_step.settle(db, system, attempt, at, browser, paid, verification, renewed, asked_at=asked_at)
            return _go_on(db, *done)
    except dispatch.AlreadyFinished:
        return _to(handle)


def _go_on(db: Session, attempt: Attempt, browser: Browser) -> Response:
    """Ask the dispatcher where the login stands now: finish it, or lead to the next page.

    ``browser`` comes with the hand-overs that it holds from now on.
    """
    system = site().system
    at = dispatch.position(db, system, attempt, browser)
    if at.step is Step.DONE:
        finished = dispatch.finish(db, system, attempt, browser)
        logins.labels("succeeded").inc()
        response = _answer(db, attempt.request, LoggedIn(session=finished.begun.session))
        set_session_cookie(response, finished.begun.token)
        set_device_cookie(response, finished.device_token)
        keep_handovers(response, browser.without(held_with(browser.handovers, attempt.held_by)).handovers)
        return response
    if at.reason in dispatch.SAID_TO_THE_SERVICE:
        return _answer(db, attempt.request, dispatch.give_up(db, system, attempt, at.reason))
    response = _to(attempt.handle, _page_of(at))
    keep_handovers(response, browser.handovers)
    return response


def _finish_from_a_page(handle: str) -> Response:
    """Finish a login that a page found ready, for instance because a blocked account was opened meanwhile."""
    system, browser = site().system, _browser()
    try:
        with system.database.writing() as db:
            attempt = load(db, system, handle, browser)
            return _to(handle) if isinstance(attempt, NotOpen) else _go_on(db, attempt, browser)
    except dispatch.AlreadyFinished:
        return _to(handle)


def _way_on(found: NotOpen) -> Response:
    """Never a dead end: answer the service once more where the login just succeeded, else say how to begin again."""
    attempt = found.attempt
    if found.reason is Reason.ATTEMPT_GONE and attempt is not None and attempt.finished_at is not None:
        with site().system.database.writing() as db:
            session = current_session(db)
            if session is not None and session.id == attempt.session_id and attempt.expires_at > site().system.now():
                return _answer(db, attempt.request, LoggedIn(session=session))
    ways_on = [(_("Log in again"), url_for("login.again", handle=attempt.handle))] if attempt else []
    ways_on += _home(found.service)
    return error_page(
        found.reason,
        status=_STATUS.get(found.reason, 403),
        ways_on=ways_on,
        service_id=found.service.id if found.service else None,
    )


def _answer(db: Session, login_request: LoginRequest, outcome: LoginOutcome) -> Response:
    return make_response(site().answers[login_request.protocol](db, login_request, outcome))


def _browser() -> Browser:
    return Browser(
        secret=browser_secret() or "",
        address=request.remote_addr or "",
        devices=device_tokens(),
        description=browser_name(request.user_agent.string),
        session_token=session_token(),
        handovers=handover_secrets(),
    )


def _know(attempt: Attempt) -> None:
    service = attempt.service
    about_service(service.name_da, service.name_en, form_targets(service.registration.get("redirect_uris", ())))
    prefer(*attempt.request.languages, attempt=attempt.handle)


def _home(service: ServiceFace | None) -> list[WayOn]:
    """Return the way to where the service begins a login (``initiate_login_uri``, OIDC Core 4) or presents itself."""
    if service is None:
        return []
    address = service.registration.get("initiate_login_uri") or service.registration.get("client_uri")
    if not isinstance(address, str) or not address.startswith(("https://", "http://")):
        return []
    return [(_("Go to the service"), address)]


def _page_of(at: Position) -> str:
    if at.step is Step.WAIT and at.account is not None:
        return _CODE_PAGES[at.account.kind]
    return _PAGES[at.step]


def _address(handle: str, page: str) -> str:
    return url_for("login.show", handle=handle, page=page)


def _to(handle: str, page: str = "") -> Response:
    target = _address(handle, page) if page else url_for("login.current", handle=handle)
    return make_response(redirect(target, 303))
