"""The pages for one more factor after the code: a code from an app, a passkey, a recovery code, or an app's wrong clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import request

from idp.errors import HashingBusy
from idp.login import dispatch
from idp.login.attempt import NotOpen, load
from idp.login.steps import enrol_factor
from idp.login.steps import passkey as passkey_step
from idp.login.steps import second_factor as step
from idp.outside import passkeys
from idp.usecases.factors import passkeys_of
from idp.web.errors import waiting_page
from idp.web.login_flow import (
    Page,
    address,
    after_hashing,
    answer,
    at_step,
    go_on,
    login_blueprint,
    page_of,
    this_browser,
    to,
)
from idp.web.messages import sentence, waiting
from idp.web.page import page
from idp.web.site import site
from policies.decision import Deny
from policies.vocabulary import Factor, Reason, Step

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.dispatch import Position

_LONGEST: Final = 64
_ERRORS: Final = frozenset({Reason.FACTOR_WRONG_CODE, Reason.FACTOR_WRONG_PASSKEY, Reason.FACTOR_WRONG_PASS})


def render(attempt: Attempt, at: Position) -> Response:
    """Ask for one more factor; the kind that the person used last comes first."""
    kinds = {one.factor for one in at.own_factors}
    newest = max(at.own_factors, key=lambda one: one.last_used_at or one.enrolled_at, default=None)
    return page(
        "login/second_factor.html",
        has_app=Factor.TOTP in kinds,
        passkey_first=newest is not None and newest.factor is Factor.PASSKEY,
        passkey=_passkey_options(attempt) if Factor.PASSKEY in kinds else None,
        passkey_action=address(attempt.handle, "passkey"),
        recovery_url=_anew(attempt, "recovery") if Factor.RECOVERY_CODE in kinds else None,
        clock_url=_anew(attempt, "clock") if Factor.TOTP in kinds else None,
        pass_url=_anew(attempt, "pass"),
        **about_page(attempt, at, "second-factor"),
    )


def render_recovery(attempt: Attempt, at: Position) -> Response:
    """Ask for a recovery code."""
    return page("login/recovery.html", back_url=_anew(attempt, PAGE.name), **about_page(attempt, at, "recovery"))


def render_clock(attempt: Attempt, at: Position) -> Response:
    """Ask for two codes in a row."""
    return page("login/clock.html", back_url=_anew(attempt, PAGE.name), **about_page(attempt, at, "clock"))


def take(db: Session, attempt: Attempt, at: Position, browser: Browser) -> Response:  # noqa: ARG001 (all take the same)
    """Take a code from an app."""
    typed = request.form.get("code", "")
    return go_on(db, *step.by_app(db, site().system, attempt, browser, typed[:_LONGEST]))


@login_blueprint.post("/login/<handle>/clock")
def post_clock(handle: str) -> Response:
    """Take two codes in a row."""

    def act(db: Session, attempt: Attempt, at: Position, browser: Browser) -> Response:  # noqa: ARG001
        first, second = (request.form.get(name, "")[:_LONGEST] for name in ("code", "next"))
        after, held = step.by_two_codes(db, site().system, attempt, browser, first, second)
        return _to_page_or_on(db, after, held, "clock")

    return at_step(handle, Step.SECOND_FACTOR, act)


@login_blueprint.post("/login/<handle>/recovery")
def post_recovery(handle: str) -> Response:
    """Count the try, check the recovery code between two units of work, and write what came of it."""
    system, browser = site().system, this_browser()
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return to(handle)
        at = dispatch.position(db, system, attempt, browser)
        if at.step is not Step.SECOND_FACTOR:
            return to(handle, page_of(at))
        tried = step.begin(db, system, attempt)
        if tried is None:
            return to(handle, "recovery")
        found = step.candidate(db, attempt, request.form.get("code", "")[:_LONGEST])
    try:
        right = system.hasher.check(found.verifier, found.text).right
    except HashingBusy:
        with system.database.writing() as db:
            step.take_back(db, tried)
        return waiting_page(retry_url=address(handle, "recovery"))
    try:
        with system.database.writing() as db:
            attempt, now = after_hashing(db, attempt, browser)
            if now.step is not Step.SECOND_FACTOR:
                return to(handle, page_of(now))
            done = step.by_recovery_code(db, system, attempt, browser, tried, found, right=right)
            return _to_page_or_on(db, *done, "recovery")
    except dispatch.AlreadyFinished:
        return to(handle)


@login_blueprint.post("/login/<handle>/passkey")
def post_passkey(handle: str) -> Response:
    """Take a passkey's answer: it logs somebody in, or it is one more factor after the code."""
    system, browser = site().system, this_browser()
    try:
        with system.database.writing() as db:
            attempt = load(db, system, handle, browser)
            if isinstance(attempt, NotOpen):
                return to(handle)
            at, sent = dispatch.position(db, system, attempt, browser), request.form.get("answer", "")
            if at.step is Step.SECOND_FACTOR:
                return go_on(db, *passkey_step.as_second(db, system, attempt, browser, sent))
            if at.factors or at.new_code is not None:
                return to(handle, page_of(at))
            after, held = passkey_step.log_in(db, system, attempt, browser, sent)
            return to(handle, "username") if after.error else go_on(db, after, held)
    except dispatch.AlreadyFinished:
        return to(handle)


@login_blueprint.post("/login/<handle>/cancel")
def post_cancel(handle: str) -> Response:
    """Enrol nothing now; or give the stronger login up, and the service is told that it cannot be had."""
    return at_step(handle, Step.SECOND_FACTOR, _cancel, or_at=(Step.ENROL_FACTOR,))


def _cancel(db: Session, attempt: Attempt, at: Position, browser: Browser) -> Response:  # noqa: ARG001 (all take the same)
    if enrol_factor.can_wait(attempt):
        return go_on(db, enrol_factor.later(db, attempt), browser)
    refused = dispatch.give_up(db, site().system, attempt, Reason.ASSURANCE_NOT_AVAILABLE)
    return answer(db, attempt.request, refused)


def log_in_options(attempt: Attempt) -> str:
    """Return what the browser asks any passkey of this site for, to log in without a username."""
    system = site().system
    return passkeys.request_options(
        system.settings.site.issuer, challenge=passkey_step.challenge(system, attempt, "log-in")
    )


def error_of(attempt: Attempt, at: Position) -> str | None:
    """Return what a page of second factors says first: how long to wait, or what was wrong."""
    standing = at.wait_for_factor
    if isinstance(standing.lock, Deny):
        left = standing.until - site().system.now() if standing.until else None
        return waiting(standing.lock.reason, round(left.total_seconds()) if left else 1)
    return sentence(attempt.error) if attempt.error in _ERRORS and "anew" not in request.args else None


def _anew(attempt: Attempt, name: str) -> str:
    """Return the address of another way, on which nobody is told again what was wrong on the way before."""
    return f"{address(attempt.handle, name)}?anew=1"


def about_page(attempt: Attempt, at: Position, name: str) -> dict[str, Any]:
    """Return what every page of second factors is given."""
    return {
        "action": address(attempt.handle, name),
        "username": attempt.username,
        "restart_url": address(attempt.handle, "username"),
        "error": error_of(attempt, at),
        "cancel_action": address(attempt.handle, "cancel"),
    }


def _passkey_options(attempt: Attempt) -> str:
    system = site().system
    with system.database.reading() as db:
        known = passkeys_of(db, step.person(attempt))
    asked = passkey_step.challenge(system, attempt, "second-factor")
    return passkeys.request_options(system.settings.site.issuer, challenge=asked, known=known)


def _to_page_or_on(db: Session, attempt: Attempt, browser: Browser, name: str) -> Response:
    """Show the same page again after a wrong code; else go on."""
    return to(attempt.handle, name) if attempt.error is not None else go_on(db, attempt, browser)


PAGE: Final = Page(name="second-factor", step=Step.SECOND_FACTOR, render=render, take=take)
RECOVERY: Final = Page(name="recovery", step=Step.SECOND_FACTOR, also_at=(Step.SECOND_FACTOR,), render=render_recovery)
CLOCK: Final = Page(name="clock", step=Step.SECOND_FACTOR, also_at=(Step.SECOND_FACTOR,), render=render_clock)
