"""The login pages: ``/login/<handle>/…``. Each page is a GET of stored state, and each form is answered with 303.

Reload, back and a second tab therefore work at every point; a form from a page that is no longer the current one
changes nothing and leads to the current one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog
from flask import request, url_for
from flask_babel import gettext as _

from idp.errors import HashingBusy
from idp.login import dispatch, turns
from idp.login.attempt import Attempt, NotOpen, begin, load
from idp.login.outcome import LoggedIn
from idp.login.steps import code as code_step
from idp.login.steps import new_code as new_code_step
from idp.login.steps import sign as sign_step
from idp.login.steps import username as username_step
from idp.web import (
    login_card,
    login_choose_code,
    login_choose_who,
    login_code_ends,
    login_consent,
    login_elsewhere,
    login_enrol_factor,
    login_forms,
    login_other_screen,
    login_second_factor,
    login_shared,
    login_step_up,
)
from idp.web.errors import error_page, waiting_page
from idp.web.headers import form_targets
from idp.web.health import logins
from idp.web.i18n import prefer
from idp.web.login_flow import (
    Page,
    address,
    after_hashing,
    answer,
    at_step,
    go_on,
    home,
    login_blueprint,
    page_of,
    this_browser,
    to,
)
from idp.web.login_forms import code_in_form, sign_in_form
from idp.web.page import about_service, offer_to_leave
from idp.web.session_cookie import (
    current_session,
    ensure_browser_secret,
    give_ticket_back,
    is_shared_device,
    keep_handovers,
    new_browser_secret,
    set_shared_device,
)
from idp.web.site import site
from idp.web.waiting_room import turn_from_outside
from policies.cards import looks_like_a_scan
from policies.vocabulary import Reason, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from sqlalchemy.orm import Session

    from idp.login.attempt import Browser
    from idp.login.dispatch import Position
    from idp.login.request import LoginRequest
    from idp.usecases.sessions import LiveSession
    from idp.usecases.visits import Visit

log = structlog.get_logger("skolepas")

_ASKING: Final = {Step.PICTURES, Step.PASSWORD}
_SAME_PRESS: Final = timedelta(seconds=15)
"""So long a login that is done answers its service once more, for a button pressed twice. Services take an answer once."""
_WITHOUT_SESSION: Final = {Step.USERNAME, Step.CARD, Step.STILL_YOU}
"""First steps of a login that begins with nothing proven."""
_STATUS: Final = {Reason.ATTEMPT_GONE: 410, Reason.ATTEMPT_ELSEWHERE: 403}


def enter(db: Session, login_request: LoginRequest, *, message: bytes, visit: Visit | None = None) -> Response:
    """Take a service's request, in the unit of work of its endpoint: answer it at once, or begin the login pages.

    ``message`` is what the service sent, byte for byte: the same one in the same browser resumes (decision 18).
    ``visit`` holds the browser's session where the endpoint has looked it up already.
    """
    system, session = site().system, visit.session if visit else current_session(db)
    first = dispatch.at_once(db, system, login_request, session)
    if not isinstance(first, Step):
        return answer(db, login_request, first)
    secret = new_browser_secret()
    handle = begin(db, system, login_request, secret, message, turn_at=turn_from_outside())
    response = to(handle, _page_at_once(db, handle, secret) if session is None else "")
    ensure_browser_secret(response)
    give_ticket_back(response)
    if session is not None and not session.shared and first not in _WITHOUT_SESSION:
        browser = replace(this_browser(), secret=secret)
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, Attempt) and not attempt.factors:
            keep_handovers(response, dispatch.carry(db, system, attempt, browser, session)[1].handovers)
    return response


def _page_at_once(db: Session, handle: str, secret: str) -> str:
    """Return the page on which a login stands that was just begun or resumed; it saves the browser a redirect."""
    system, browser = site().system, replace(this_browser(), secret=secret)
    attempt = load(db, system, handle, browser)
    return page_of(dispatch.position(db, system, attempt, browser)) if isinstance(attempt, Attempt) else ""


@login_blueprint.get("/login/<handle>")
def current(handle: str) -> Response:
    """Lead to the page of the current step."""
    return show(handle, "")


@login_blueprint.get("/login/<handle>/<page>")
def show(handle: str, page: str) -> Response:
    """Show a page if it fits where the login stands, else lead to the one that does."""
    system, browser = site().system, this_browser()
    with system.database.reading() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, Attempt):
            _know(attempt)
            at = dispatch.position(db, system, attempt, browser, page=page)
    if isinstance(attempt, NotOpen):
        return _way_on(attempt)
    if at.step is Step.STEP_UP and at.step_up is None and attempt.error is None:
        login_step_up.begin(handle)
        return to(handle, page_of(at))
    if at.step is Step.DONE or at.reason in dispatch.SAID_TO_THE_SERVICE:
        return _finish_from_a_page(handle)
    known = PAGES.get(page)
    if page != page_of(at) and (known is None or at.step not in known.also_at):
        return to(handle, page_of(at))
    if known is None:
        return _refused(attempt, at)
    if known.step in _ASKING and (left := turns.left(system, attempt)) is not None:
        return waiting_page(retry_url=address(handle, page), left=left)
    return known.render(attempt, at)


@login_blueprint.post("/login/<handle>/<page>")
def take(handle: str, page: str) -> Response:
    """Take the form of a page that is answered in one unit of work."""
    known = PAGES.get(page)
    if known is None or known.take is None:
        return to(handle)
    return at_step(handle, known.step, known.take, page=page, or_at=known.taken_also_at)


@login_blueprint.get("/login/<handle>/again")
def again(handle: str) -> Response:
    """Begin a login anew that is over, in the browser it was begun in."""
    system, browser = site().system, this_browser()
    with system.database.writing() as db:
        found = load(db, system, handle, browser)
        if isinstance(found, NotOpen) and found.reason is Reason.ATTEMPT_GONE and found.attempt is not None:
            return enter(db, found.attempt.request, message=f"again {handle}".encode())
    return to(handle) if isinstance(found, Attempt) else _way_on(found)


@login_blueprint.post("/login/<handle>/username")
def post_username(handle: str) -> Response:
    """Take the username, and what is said about the device: on the page that asks, a box left empty says something too."""
    system, browser = site().system, this_browser()
    if "shared-asked" in request.form:
        browser = replace(browser, shared="shared" in request.form)
    scanned = request.form.get("card") or request.form.get("username", "")
    if looks_like_a_scan(scanned):  # a scanner types where the focus is
        return login_card.take_scan(handle, scanned, browser)
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return to(handle)
        attempt = username_step.submit(db, system, attempt, browser, request.form.get("username", ""))
        response = to(handle, "username") if attempt.error is not None else go_on(db, attempt, browser)
    set_shared_device(response, shared=browser.shared)
    return response


@login_blueprint.post("/login/<handle>/pictures")
def post_pictures(handle: str) -> Response:
    """Take a picture code."""
    return _take_code(handle, Step.PICTURES)


@login_blueprint.post("/login/<handle>/password")
def post_password(handle: str) -> Response:
    """Take a text code."""
    return _take_code(handle, Step.PASSWORD)


def _take_sign(db: Session, attempt: Attempt, at: Position, browser: Browser) -> Response:  # noqa: ARG001
    """Take the sign that the opener of a window has shown."""
    sign = sign_in_form(site().system, attempt.handle, request.form)
    if sign is None:
        return go_on(db, sign_step.unreadable(db, attempt), browser)
    return go_on(db, *sign_step.submit(db, site().system, attempt, browser, sign))


def _take_seen(db: Session, attempt: Attempt, at: Position, browser: Browser) -> Response:  # noqa: ARG001
    """Note that the person has seen the new code."""
    return go_on(db, new_code_step.seen(db, attempt), browser)


@login_blueprint.post("/login/<handle>/confirm")
def post_confirm(handle: str) -> Response:
    """Take the new code as the person repeats it; hash it between two units of work, then keep it."""
    system, browser = site().system, this_browser()
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return to(handle)
        at = dispatch.position(db, system, attempt, browser)
        if at.step is not Step.CONFIRM_CODE or at.new_code is None:
            return to(handle, page_of(at))
        typed = code_in_form(system, handle, at.new_code.kind, request.form)
        if typed is None or not new_code_step.is_as_shown(at, typed):
            return go_on(db, new_code_step.not_as_shown(db, attempt), browser)
        turns.take(system, attempt, browser)
    try:
        verifier = system.hasher.verifier_of(typed)
    except HashingBusy:
        return waiting_page(retry_url=address(handle, "confirm"))
    try:
        with system.database.writing() as db:
            attempt, now = after_hashing(db, attempt, browser)
            if now.new_code != at.new_code:  # meanwhile another one was kept
                return to(handle)
            return go_on(db, *new_code_step.keep(db, system, attempt, now, browser, verifier))
    except dispatch.AlreadyFinished:
        return to(handle)


def _take_code(handle: str, step: Step) -> Response:
    """Count the try, check the code between two units of work, and write what came of it."""
    system, browser = site().system, this_browser()
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return to(handle)
        at = dispatch.position(db, system, attempt, browser)
        if at.step is not step or at.account is None or turns.left(system, attempt) is not None:
            return to(handle, page_of(at))
        typed = code_in_form(system, handle, at.account.kind, request.form)
        if typed is None:
            return go_on(db, code_step.unreadable(db, attempt), browser)
        paid = code_step.begin(db, system, at)
        if paid is None:
            return to(handle, page_of(at))
        turns.take(system, attempt, browser)
        asked_at = system.now()  # a code that is replaced while this one is checked counts from later
    try:
        verification, renewed = code_step.check(system, at, typed)
    except HashingBusy:
        with system.database.writing() as db:
            code_step.take_back(db, at, paid)
        return waiting_page(retry_url=address(handle, page_of(at)))
    if not verification.right:
        logins.labels("wrong-code").inc()
    if verification.lost_pepper is not None:  # said like a wrong code; skolepas doctor tells the operator as well
        log.error("pepper is not in the secrets file", pepper=verification.lost_pepper)
    try:
        with system.database.writing() as db:
            done = code_step.settle(db, system, attempt, at, browser, paid, verification, renewed, asked_at=asked_at)
            return go_on(db, *done)
    except dispatch.AlreadyFinished:
        return to(handle)


def _finish_from_a_page(handle: str) -> Response:
    """Finish a login that a page found ready, for instance because a blocked account was opened meanwhile."""
    system, browser = site().system, this_browser()
    try:
        with system.database.writing() as db:
            attempt = load(db, system, handle, browser)
            return to(handle) if isinstance(attempt, NotOpen) else go_on(db, attempt, browser)
    except dispatch.AlreadyFinished:
        return to(handle)


def _way_on(found: NotOpen) -> Response:
    """Never a dead end: answer the service once more for a button pressed twice, else say how to go on or begin again.

    A service that was answered begins anew by itself; it would not know the old request any more.
    """
    attempt = found.attempt
    if found.reason is Reason.ATTEMPT_GONE and attempt is not None and attempt.finished_at is not None:
        with site().system.database.writing() as db:
            session = current_session(db)
            if session is not None and _answers_again(attempt, session):
                return answer(db, attempt.request, LoggedIn(session=session))
    begin = [(_("Log in again"), url_for("login.again", handle=attempt.handle))] if attempt else []
    own = home(found.service)
    answered = attempt is not None and attempt.session_id is not None
    ways_on = own if answered and own else begin + own
    return error_page(
        found.reason,
        status=_STATUS.get(found.reason, 403),
        ways_on=ways_on,
        service_id=found.service.id if found.service else None,
    )


def _answers_again(attempt: Attempt, session: LiveSession) -> bool:
    """Say whether a login that is done leads to its service once more: not for the next child at the tablet."""
    if session.id != attempt.session_id or attempt.finished_at is None:
        return False
    return site().system.now() < attempt.finished_at + _SAME_PRESS


def _know(attempt: Attempt) -> None:
    service = attempt.service
    if attempt.username is not None and (attempt.shared or is_shared_device()):
        offer_to_leave(address(attempt.handle, "not-you"))
    told_at = service.registration.get("redirect_uris", ())
    without_licence = service.registration.get("missing_license_url")  # where the answer to a form may lead, too
    targets = form_targets([*told_at, without_licence] if without_licence else told_at)
    about_service(service.name_da, service.name_en, targets)
    prefer(*attempt.request.languages, attempt=attempt.handle)


def _refused(attempt: Attempt, at: Position) -> Response:
    again = (_("Log in as somebody else"), address(attempt.handle, "username"))
    reason = at.reason or Reason.NOTHING_ALLOWS
    return error_page(
        reason,
        status=403,
        service_id=attempt.service.id,
        person_id=attempt.person_id if attempt.identified else None,  # nobody, until something is proven
        ways_on=[again, *home(attempt.service)],
    )


PAGES: Final[Mapping[str, Page]] = {
    page.name: page
    for page in (
        Page(name="username", step=Step.USERNAME, also_at=tuple(Step), render=login_forms.username),
        Page(name="pictures", step=Step.PICTURES, render=login_forms.pictures),
        Page(name="password", step=Step.PASSWORD, render=login_forms.password),
        Page(name="sign", step=Step.SIGN, render=login_forms.sign, take=_take_sign),
        Page(
            name="new-code",
            step=Step.NEW_CODE,
            also_at=(Step.CONFIRM_CODE,),
            render=login_forms.new_code,
            take=_take_seen,
        ),
        Page(name="confirm", step=Step.CONFIRM_CODE, render=login_forms.confirm),
        login_card.PAGE,
        login_elsewhere.PAGE,
        login_choose_code.PAGE,
        login_choose_who.PAGE,
        login_code_ends.PAGE,
        login_shared.PAGE,
        login_other_screen.PAGE,
        login_consent.PAGE,
        login_step_up.PAGE,
        login_second_factor.PAGE,
        login_second_factor.RECOVERY,
        login_second_factor.CLOCK,
        login_enrol_factor.PAGE,
        login_enrol_factor.PASS,
        login_enrol_factor.APP,
        login_enrol_factor.QR,
        login_enrol_factor.CODES,
    )
}
"""Every page of the login, by the last part of its address. A page that is not here is not served."""
