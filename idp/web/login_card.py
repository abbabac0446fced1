"""The page for school cards: a camera or a scanner reads the card, and the pupil goes on to the pictures."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from flask import request

from idp.login.attempt import NotOpen, load
from idp.login.steps import card
from idp.usecases.cards import are_in_use
from idp.web.headers import allow_camera
from idp.web.login_flow import Page, address, go_on, login_blueprint, this_browser, to
from idp.web.messages import sentence
from idp.web.page import asset, page
from idp.web.session_cookie import set_shared_device
from idp.web.site import site
from policies.vocabulary import Reason, Step

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response

    from idp.login.attempt import Attempt, Browser
    from idp.login.dispatch import Position
    from idp.store.db import Database

_SAID_HERE: Final = frozenset(
    {Reason.CARD_DOES_NOT_WORK, Reason.CARD_UNREADABLE, Reason.NETWORK_MUST_WAIT, Reason.QUEUE_FULL}
)
_ASK_AGAIN: Final = timedelta(minutes=1)
_asked: WeakKeyDictionary[Database, tuple[datetime, bool]] = WeakKeyDictionary()


def way_by_card(handle: str) -> str | None:
    """Return the address of the card's page where anybody has a card; asked of the database once a minute."""
    system = site().system
    now, kept = system.now(), _asked.get(system.database)
    if kept is None or not now - _ASK_AGAIN < kept[0] <= now:
        with system.database.reading() as db:
            kept = _asked[system.database] = (now, are_in_use(db))
    return address(handle, PAGE.name) if kept[1] else None


def render(attempt: Attempt, at: Position) -> Response:  # noqa: ARG001 (every page takes the same)
    """Ask for the card. Only this page may ask for the camera."""
    response = page(
        "login/card.html",
        action=address(attempt.handle, PAGE.name),
        error=sentence(attempt.error) if attempt.error in _SAID_HERE else None,
        reader=asset("qr/decode.js"),
        username_url=address(attempt.handle, "username"),
        status=503 if attempt.error is Reason.QUEUE_FULL else 200,
    )
    return allow_camera(response)


@login_blueprint.post("/login/<handle>/card")
def post_card(handle: str) -> Response:
    """Take what was read from a card."""
    return take_scan(handle, request.form.get("card", ""), this_browser())


def take_scan(handle: str, scanned: str, browser: Browser) -> Response:
    """Take what was read from a card, here or in the field for the username, whatever was proven before."""
    system, shared = site().system, browser.shared
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return to(handle)
        attempt, browser = card.submit(db, system, attempt, browser, scanned)
        response = to(handle, PAGE.name) if attempt.error is not None else go_on(db, attempt, browser)
    set_shared_device(response, shared=shared)
    return response


PAGE: Final = Page(name="card", step=Step.CARD, also_at=tuple(Step), render=render)
