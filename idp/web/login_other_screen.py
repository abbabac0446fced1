"""The page that asks whether it is the person who is at the other screen, before it is logged in (RFC 8628 5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from idp.login.steps import other_screen
from idp.web.login_flow import Page, address, allowed_or_refused
from idp.web.page import page
from policies.vocabulary import Reason, Step

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.dispatch import Position


def render(attempt: Attempt, at: Position) -> Response:  # noqa: ARG001 (every page takes the same)
    """Name the service and show the code once more, with two answers."""
    return page(
        "login/other_screen.html",
        action=address(attempt.handle, PAGE.name),
        username=attempt.username,
        restart_url=address(attempt.handle, "username"),
        about=other_screen.about(attempt),
        code=attempt.request.other_screen,
    )


def take(db: Session, attempt: Attempt, at: Position, browser: Browser) -> Response:  # noqa: ARG001
    """Take the answer of the person who is asked now; else ask again."""
    return allowed_or_refused(
        db,
        attempt,
        browser,
        PAGE.name,
        about=other_screen.about(attempt),
        allow=lambda: other_screen.allow(db, attempt),
        refusal=Reason.OTHER_SCREEN_REFUSED,
    )


PAGE: Final = Page(name="other-screen", step=Step.OTHER_SCREEN, render=render, take=take)
