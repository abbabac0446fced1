"""The page on which a person chooses a code. It is hashed in the request that brings it, and kept nowhere before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request

from idp.errors import HashingBusy
from idp.login import dispatch
from idp.login.attempt import NotOpen, load
from idp.login.steps import choose_code, new_code
from idp.web.errors import waiting_page
from idp.web.login_flow import Page, address, after_hashing, go_on, login_blueprint, page_of, this_browser, to
from idp.web.messages import sentence
from idp.web.page import page
from idp.web.site import site
from policies.codes import code_rule
from policies.vocabulary import Reason, Step

if TYPE_CHECKING:
    from flask import Response

    from idp.login.attempt import Attempt
    from idp.login.dispatch import Position


def render(attempt: Attempt, at: Position) -> Response:
    """Ask for a code of the person's own, or lead back where none may be chosen."""
    if at.new_code is None or not choose_code.may_choose(site().system, at):
        return to(attempt.handle)
    rule = code_rule(site().system.rules, at.new_code.stage)
    return page(
        "login/choose_code.html",
        action=address(attempt.handle, PAGE.name),
        offered_url=address(attempt.handle, "new-code"),
        least=rule.chosen_least,
        mixed=bool(rule.chosen_signs),
        error=sentence(attempt.error) if attempt.error else None,
        username=attempt.username,
    )


@login_blueprint.post("/login/<handle>/choose-code")
def post_choose_code(handle: str) -> Response:
    """Take the code; compare it with earlier ones and hash it between two units of work, then keep it."""
    system, browser = site().system, this_browser()
    system.frequent_codes()  # read once in a process, and not while others wait for the database
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return to(handle)
        at = dispatch.position(db, system, attempt, browser)
        if at.step not in {Step.NEW_CODE, Step.CONFIRM_CODE} or not choose_code.may_choose(system, at):
            return to(handle, page_of(at))
        typed, again = (request.form.get(name, "") for name in ("password", "again"))
        choice = choose_code.weigh(db, system, attempt, at, typed, again)
        if isinstance(choice, Reason):
            choose_code.refuse(db, attempt, choice)
            return to(handle, PAGE.name)
    try:
        with system.hasher.aside():
            used_before = choose_code.was_used_before(system, choice)
            verifier = None if used_before else system.hasher.verifier_of(choice.code.text)
    except HashingBusy:
        return waiting_page(retry_url=address(handle, PAGE.name))
    try:
        with system.database.writing() as db:
            attempt, now = after_hashing(db, attempt, browser)
            if now.new_code != at.new_code:  # meanwhile another one was kept
                return to(handle)
            if verifier is None:
                choose_code.refuse(db, attempt, Reason.CODE_USED_BEFORE)
                return to(handle, PAGE.name)
            return go_on(db, *new_code.keep(db, system, attempt, now, browser, verifier, chosen=choice.code))
    except dispatch.AlreadyFinished:
        return to(handle)


PAGE: Final = Page(name="choose-code", step=Step.CHOOSE_CODE, also_at=(Step.NEW_CODE, Step.CONFIRM_CODE), render=render)
