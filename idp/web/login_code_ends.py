"""The page that says how long the code holds: change it now, or later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request

from idp.login.steps import code_ends
from idp.web.login_flow import Page, address, go_on, to
from idp.web.page import page
from idp.web.site import site
from policies.vocabulary import CodeKind, Step

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.dispatch import Position


def render(attempt: Attempt, at: Position) -> Response:
    """Say how many days are left."""
    account = at.account
    return page(
        "login/code_ends.html",
        action=address(attempt.handle, PAGE.name),
        username=attempt.username,
        days=account.warn_days_left if account and account.warn_days_left is not None else 0,
        pictures=account is not None and account.kind is CodeKind.PICTURES,
    )


def take(db: Session, attempt: Attempt, at: Position, browser: Browser) -> Response:
    """Take the answer: ``now`` or ``later``."""
    match request.form.get("when"):
        case "now":
            return go_on(db, code_ends.change_now(db, attempt), browser)
        case "later":
            return go_on(db, code_ends.change_later(db, site().system, attempt, at), browser)
        case _:
            return to(attempt.handle, PAGE.name)


PAGE: Final = Page(name="code-ends", step=Step.CODE_ENDS, render=render, take=take)
