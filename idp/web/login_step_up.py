"""The page of a pupil who waits for an adult: the match sign, and what became of it (decision 10).

It asks every few seconds whether anything has changed, and goes on by itself. Without the script the page reloads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import make_response, request, url_for

from idp.login import dispatch
from idp.login.attempt import NotOpen, load
from idp.login.steps import step_up
from idp.web.headers import allow_asking_us
from idp.web.login_flow import Page, address, answer, go_on, home, login_blueprint, this_browser, to
from idp.web.login_forms import sign_in_form, signs_to_pick
from idp.web.messages import sentence
from idp.web.page import asset, page
from idp.web.picture_words import word
from idp.web.session_cookie import browser_secret
from idp.web.site import site
from policies.vocabulary import Reason, Step

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.dispatch import Position

_RELOAD_SECONDS: Final = 8
"""How often the page loads itself anew where there is no script."""


def begin(handle: str) -> None:
    """Let the pupil wait, who has just come to this step and not asked in this login before."""
    system, browser = site().system, this_browser()
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen) or attempt.error is Reason.STEP_UP_TOO_OFTEN:
            return
        at = dispatch.position(db, system, attempt, browser)
        if at.step is Step.STEP_UP and at.step_up is None:
            step_up.ask(db, system, attempt, at, browser)


def render(attempt: Attempt, at: Position) -> Response:
    """Show the sign while somebody may answer; else what came of it, and the way to ask once more."""
    asked = at.step_up
    waiting = asked is not None and asked.waiting
    if waiting:
        allow_asking_us()
    said = attempt.error if waiting or attempt.error is not Reason.LESSON_WRONG_SIGN else None
    return page(
        "login/step_up.html",
        action=address(attempt.handle, PAGE.name),
        username=attempt.username,
        restart_url=address(attempt.handle, "username"),
        waiting=waiting,
        refused=asked is not None and asked.refused,
        pictures=[
            {"src": asset(f"pictures/{name}.svg"), "label": word(name)} for name in asked.pictures
        ] if asked is not None and waiting else [],
        error=sentence(said) if said else None,
        state_url=url_for("login.step_up_state", handle=attempt.handle),
        state=step_up.waits(asked.id) if asked is not None else None,
        reload_seconds=_RELOAD_SECONDS,
        ways_on=home(attempt.service),
        signs=signs_to_pick(attempt) if waiting and at.lesson else [],
    )  # fmt: skip


def take(db: Session, attempt: Attempt, at: Position, browser: Browser) -> Response:
    """Take a press: ask once more, or wait no longer, which is the service's answer."""
    system = site().system
    match request.form.get("answer"):
        case "again" if at.step_up is None or not at.step_up.waiting:
            step_up.ask(db, system, attempt, at, browser)
            return to(attempt.handle, PAGE.name)
        case "lesson" if at.lesson:
            sign = sign_in_form(system, attempt.handle, request.form) or ""
            return go_on(db, step_up.pick_lesson(db, system, attempt, at, browser, sign), browser)
        case "leave":
            step_up.leave(db, system, attempt, browser)
            given_up = dispatch.give_up(db, system, attempt, Reason.ASSURANCE_NOT_AVAILABLE)
            return answer(db, attempt.request, given_up)
        case _:
            return go_on(db, attempt, browser)


@login_blueprint.get("/login/<handle>/step-up/state")
def step_up_state(handle: str) -> Response:
    """Say in a word how the request stands: one statement, and 304 where it stands as the page knows it (RFC 9110 13.1.2)."""
    system = site().system
    with system.database.reading() as db:
        state = step_up.state(db, system, handle, browser_secret() or "")
    if state is None:
        return make_response("", 404)
    response = make_response(f"{state}\n")
    response.mimetype = "text/plain"
    response.set_etag(state)
    response.make_conditional(request)
    return response


PAGE: Final = Page(name="step-up", step=Step.STEP_UP, render=render, take=take)
