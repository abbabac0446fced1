"""What is said about the device rather than the person: others use it too, is it still you, and which language it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request

from idp.login import dispatch
from idp.login.attempt import Attempt, NotOpen, load
from idp.login.steps import still_you, username
from idp.usecases.greeting import greeting_of
from idp.web.i18n import LANGUAGES
from idp.web.login_flow import Page, address, answer, go_on, login_blueprint, this_browser, to
from idp.web.page import page
from idp.web.session_cookie import (
    clear_session_cookie,
    forget_what_was_seen,
    keep_handovers,
    set_language_cookie,
    set_shared_device,
)
from idp.web.site import site
from policies.vocabulary import Step

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from idp.login.attempt import Browser
    from idp.login.dispatch import Position


def render(attempt: Attempt, at: Position) -> Response:
    """Ask by name, with two big answers."""
    if at.session is None:
        raise AssertionError("nobody is logged in")
    with site().system.database.reading() as db:
        known = greeting_of(db, at.session.person_id)
    return page(
        "login/still_you.html",
        action=address(attempt.handle, PAGE.name),
        name=known.name or known.username,
        about=at.session.id,
    )


def take(db: Session, attempt: Attempt, at: Position, browser: Browser) -> Response:
    """Take the answer, if it is about the person who is logged in now; else ask again."""
    if not still_you.is_about(at, request.form.get("about", "")) or at.session is None:
        return to(attempt.handle)
    match request.form.get("still"):
        case "yes" if dispatch.asks_more(db, site().system, attempt.request, at.session):
            return go_on(db, *dispatch.carry(db, site().system, attempt, browser, at.session))
        case "yes":
            return answer(db, attempt.request, dispatch.vouched(db, site().system, attempt, at.session))
        case "no":
            still_you.somebody_else(db, site().system, at)
            response = to(attempt.handle, "username")
            clear_session_cookie(response)
            forget_what_was_seen(response)
            return response
        case _:
            return to(attempt.handle, PAGE.name)


@login_blueprint.post("/login/<handle>/not-you")
def post_not_you(handle: str) -> Response:
    """Let somebody else log in: nothing that was typed or proven in this login is left."""
    system, browser = site().system, this_browser()
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return to(handle)
        _, after = still_you.leave(db, attempt, browser)
    response = to(handle, "username")
    keep_handovers(response, () if browser.shared else after.handovers)
    return response


@login_blueprint.post("/login/<handle>/language/<code>")
def speak(handle: str, code: str) -> Response:
    """Change the language of the page that asks for the username, and keep what is typed and said there."""
    system, browser = site().system, this_browser()
    response = to(handle, "username")
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, Attempt):
            username.typed_so_far(db, attempt, request.form.get("username", ""))
    if code in LANGUAGES:
        set_language_cookie(response, code, attempt=handle)
    set_shared_device(response, shared="shared" in request.form)
    return response


PAGE: Final = Page(name="still-you", step=Step.STILL_YOU, render=render, take=take)
