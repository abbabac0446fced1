"""The pages on which a second factor is enrolled: a one-time pass if need be, an app or a passkey, and recovery codes."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import segno
from flask import make_response, request

from idp.errors import HashingBusy
from idp.login import dispatch
from idp.login.attempt import NotOpen, load
from idp.login.steps import enrol_factor as step
from idp.login.steps import passkey as passkey_step
from idp.login.steps.second_factor import fail
from idp.outside import one_time_codes, passkeys
from idp.usecases.easy_codes import grouped
from idp.usecases.factors import passkeys_of, user_handle
from idp.usecases.people import uniid_of
from idp.usecases.recovery_codes import make_recovery_codes
from idp.web.errors import waiting_page
from idp.web.login_flow import Page, address, after_hashing, at_step, go_on, login_blueprint, page_of, this_browser, to
from idp.web.login_second_factor import about_page
from idp.web.page import page
from idp.web.site import site
from policies.decision import Deny
from policies.vocabulary import EnrolThrough, Factor, Reason, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.dispatch import Position
    from idp.usecases.factors import Enrolment
    from idp.usecases.system import System

_LONGEST: Final = 64


def render(attempt: Attempt, at: Position) -> Response:
    """Ask what to enrol, or for the pass that lets it; recovery codes that are not noted down yet come first."""
    if step.codes_to_show(site().system, attempt):
        return to(attempt.handle, CODES.name)
    through = step.way(at)
    if isinstance(through, Deny):
        return render_pass(attempt, at)
    carries = at.enrolment.may_carry
    return page(
        "login/enrol_factor.html",
        app=Factor.TOTP in carries,
        has_app=Factor.TOTP in at.enrolment.enrolled,
        passkey=_creation_options(attempt) if Factor.PASSKEY in carries else None,
        passkey_action=address(attempt.handle, "new-passkey"),
        codes_action=address(attempt.handle, "new-codes"),
        renews=through is EnrolThrough.FACTOR and Factor.RECOVERY_CODE in at.enrolment.enrolled,
        replaces=through is EnrolThrough.PASS and bool(at.own_factors),
        **_common(attempt, at, PAGE.name),
    )


def render_pass(attempt: Attempt, at: Position) -> Response:
    """Ask for a one-time pass: for a first factor, or in the place of a lost one."""
    return page("login/pass.html", lost=bool(at.own_factors), **_common(attempt, at, PASS.name))


def render_app(attempt: Attempt, at: Position) -> Response:
    """Show what the app reads, and ask for its first code."""
    system = site().system
    seed = step.seed(system, attempt)
    if seed is None:
        return to(attempt.handle, PAGE.name)
    about = {"site": system.settings.site.name, "username": attempt.username or ""}
    return page(
        "login/app.html",
        qr_url=address(attempt.handle, QR.name),
        app_url=one_time_codes.app_address(seed, **about),
        seed=grouped(one_time_codes.seed_text(seed)).replace("-", " "),
        back_url=address(attempt.handle, PAGE.name),
        **_common(attempt, at, APP.name),
    )


def render_qr(attempt: Attempt, at: Position) -> Response:  # noqa: ARG001 (every page takes the same)
    """Draw the address that the app reads."""
    system = site().system
    seed = step.seed(system, attempt)
    if seed is None:
        return to(attempt.handle, PAGE.name)
    drawn = BytesIO()
    text = one_time_codes.app_address(seed, site=system.settings.site.name, username=attempt.username or "")
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=0, scale=4, xmldecl=False)
    response = make_response(drawn.getvalue())
    response.mimetype = "image/svg+xml"
    return response


def render_codes(attempt: Attempt, at: Position) -> Response:
    """Show the recovery codes, this once."""
    codes = step.codes_to_show(site().system, attempt)
    if not codes:
        return to(attempt.handle, PAGE.name)
    return page("login/recovery_codes.html", codes=codes, **_common(attempt, at, CODES.name))


def take(db: Session, attempt: Attempt, at: Position, browser: Browser) -> Response:  # noqa: ARG001 (all take the same)
    """Begin with an app."""
    if request.form.get("what") != "app" or isinstance(step.way(at), Deny):
        return to(attempt.handle, PAGE.name)
    step.begin_app(db, site().system, attempt)
    return to(attempt.handle, APP.name)


def take_codes(db: Session, attempt: Attempt, at: Position, browser: Browser) -> Response:  # noqa: ARG001
    """The recovery codes are noted down."""
    return go_on(db, step.noted(db, attempt), browser)


@login_blueprint.post("/login/<handle>/pass")
def post_pass(handle: str) -> Response:
    """Take a one-time pass."""
    return at_step(handle, Step.SECOND_FACTOR, _take_pass, or_at=(Step.ENROL_FACTOR,))


def _take_pass(db: Session, attempt: Attempt, at: Position, browser: Browser) -> Response:  # noqa: ARG001 (all take the same)
    typed = request.form.get("pass", "")[:_LONGEST]
    after, held = step.take_pass(db, site().system, attempt, browser, typed)
    return go_on(db, after, held) if after.enrol_through else to(attempt.handle, PASS.name)


@login_blueprint.post("/login/<handle>/app")
def post_app(handle: str) -> Response:
    """Take the first code of a new app, and keep the app."""
    typed = request.form.get("code", "")[:_LONGEST]

    def wanted(system: System, attempt: Attempt, at: Position, _: Browser) -> Enrolment | None:
        match = step.first_code(system, attempt, typed)
        return step.app(system, attempt, at, match) if match else None

    return _keep(handle, wanted, Reason.FACTOR_WRONG_CODE, APP.name)


@login_blueprint.post("/login/<handle>/new-passkey")
def post_new_passkey(handle: str) -> Response:
    """Take the passkey that the browser made, and keep it."""
    made = request.form.get("answer", "")

    def wanted(system: System, attempt: Attempt, at: Position, browser: Browser) -> Enrolment | None:
        return step.passkey(system, attempt, at, browser, made)

    return _keep(handle, wanted, Reason.FACTOR_WRONG_PASSKEY, PAGE.name)


@login_blueprint.post("/login/<handle>/new-codes")
def post_new_codes(handle: str) -> Response:
    """Make new recovery codes in the place of the old ones: for whoever has proven a second factor in this login."""
    system, browser = site().system, this_browser()
    with system.database.reading() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen) or not _may_renew(attempt, dispatch.position(db, system, attempt, browser)):
            return to(handle)
    try:
        codes = make_recovery_codes(system)
    except HashingBusy:
        return waiting_page(retry_url=address(handle, PAGE.name))
    try:
        with system.database.writing() as db:
            attempt, now = after_hashing(db, attempt, browser)
            if not _may_renew(attempt, now):
                return to(handle)
            step.renew_codes(db, system, attempt, codes)
    except dispatch.AlreadyFinished:
        return to(handle)
    return to(handle, CODES.name)


def _keep(
    handle: str, wanted: Callable[[System, Attempt, Position, Browser], Enrolment | None], wrong: Reason, name: str
) -> Response:
    """Look at what is to be kept, make recovery codes for a first factor between two units of work, and keep it."""
    system, browser = site().system, this_browser()
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return to(handle)
        at = dispatch.position(db, system, attempt, browser)
        if at.step is not Step.ENROL_FACTOR:
            return to(handle, page_of(at))
        enrolment = wanted(system, attempt, at, browser)
        if enrolment is None:
            fail(db, passkey_step.answered(attempt), wrong)
            return to(handle, name)
    keeps_old = enrolment.way is not EnrolThrough.PASS and Factor.RECOVERY_CODE in at.enrolment.enrolled
    try:
        codes = None if keeps_old else make_recovery_codes(system)
    except HashingBusy:
        return waiting_page(retry_url=address(handle, name))
    try:
        with system.database.writing() as db:
            attempt, now = after_hashing(db, attempt, browser)
            if now.step is not Step.ENROL_FACTOR:
                return to(handle, page_of(now))
            return go_on(db, *step.keep(db, system, attempt, now, browser, enrolment, codes))
    except dispatch.AlreadyFinished:
        return to(handle)


def _common(attempt: Attempt, at: Position, name: str) -> dict[str, Any]:
    return {**about_page(attempt, at, name), "can_wait": step.can_wait(attempt)}


def _may_renew(attempt: Attempt, at: Position) -> bool:
    """Say whether new recovery codes may be made: not while those just made are to be noted down."""
    through = step.way(at)
    return (
        at.step is Step.ENROL_FACTOR
        and not step.codes_to_show(site().system, attempt)
        and through is EnrolThrough.FACTOR
        and Factor.RECOVERY_CODE in at.enrolment.enrolled
    )


def _creation_options(attempt: Attempt) -> str:
    system = site().system
    with system.database.reading() as db:
        person_id = attempt.person_id or 0
        known, uniid = passkeys_of(db, person_id), uniid_of(db, person_id)
    return passkeys.creation_options(
        system.settings.site.issuer,
        site=system.settings.site.name,
        user=user_handle(system, uniid),
        username=attempt.username or "",
        challenge=passkey_step.challenge(system, attempt, "enrol"),
        known=known,
    )


_HERE: Final = (Step.ENROL_FACTOR,)
PAGE: Final = Page(name="enrol-factor", step=Step.ENROL_FACTOR, render=render, take=take)
PASS: Final = Page(name="pass", step=Step.ENROL_FACTOR, also_at=(*_HERE, Step.SECOND_FACTOR), render=render_pass)
APP: Final = Page(name="app", step=Step.ENROL_FACTOR, also_at=_HERE, render=render_app)
QR: Final = Page(name="app-code", step=Step.ENROL_FACTOR, also_at=_HERE, render=render_qr)
CODES: Final = Page(name="recovery-codes", step=Step.ENROL_FACTOR, also_at=_HERE, render=render_codes, take=take_codes)
