"""The waiting room: when many log in at once, who has no session waits before the login begins (decisions 16, 54 and 64).

Whoever waits here costs no statement and no rendering, so that thousands who come at once leave the server to those who are
in. Each takes a turn in the queue at once and keeps it in the browser, as a ticket that we have signed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Final

from flask import current_app, make_response, render_template, request

from idp.login.turns import GOOD_FOR
from idp.outside.sealing import keyed_digest, same
from idp.usecases.guesses import line_of
from idp.web.i18n import current_language
from idp.web.messages import in_the_queue, sentence
from idp.web.session_cookie import (
    browser_secret,
    ensure_browser_secret,
    keep_ticket,
    new_browser_secret,
    session_token,
    ticket,
)
from idp.web.site import site
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from flask import Response

_COME_BACK: Final = 60
"""Seconds after which somebody tries again for whom the queue has no place, and up to as many again."""
_JITTER: Final = 3
_PAGES: Final = "skolepas_waiting_room"
_MOST_PAGES: Final = 100
_HERE_SECONDS: Final = "{seconds}"
_MAC: Final = 32


def wait_outside() -> Response | None:
    """Return the page of the queue for a browser that has to wait; None for one that may come in.

    A protocol's endpoint asks before it reads anything, for requests that a page may answer. Who has a session comes in.
    """
    if session_token() is not None:
        return None
    system = site().system
    now, straight_on = system.now(), timedelta(seconds=system.settings.hashing.straight_on_seconds)
    due = _turn_on_ticket(now)
    if due is None:
        if system.queue.ahead(now) <= straight_on:
            return None
        due = system.queue.turn(now, line_of(request.remote_addr or ""))
        if due is None:
            return _page(sentence(Reason.QUEUE_FULL), _COME_BACK + system.draw(_COME_BACK))
    if due <= now:
        return None
    response = _page(in_the_queue(due - now, now), ceil((due - now).total_seconds()) + system.draw(_JITTER))
    secret = new_browser_secret()
    ensure_browser_secret(response)
    keep_ticket(response, _written(due, secret), max_age=ceil((due - now + GOOD_FOR).total_seconds()))
    return response


def turn_from_outside() -> datetime | None:
    """Return the turn that this browser has waited for, if there is one: the login that begins now needs no other."""
    now = site().system.now()
    due = _turn_on_ticket(now)
    return due if due is not None and due <= now else None


def _turn_on_ticket(now: datetime) -> datetime | None:
    """Return the turn on a ticket that is this browser's and still good."""
    value, secret = ticket(), browser_secret()
    if value is None or secret is None:
        return None
    due = datetime.fromtimestamp(int(value.partition(".")[0]), UTC)
    genuine = same(value.encode(), _written(due, secret).encode())
    return due if genuine and now < due + GOOD_FOR else None


def _written(due: datetime, secret: str) -> str:
    moment = str(ceil(due.timestamp()))
    return f"{moment}.{keyed_digest(site().system.keyring.tokens.current, 'turn', secret, moment).hex()[:_MAC]}"


def _page(told: str, seconds: int) -> Response:
    """Return the page, rendered once for its words: what many see in the same minute is the same."""
    pages: dict[tuple[str, str], str] = current_app.extensions.setdefault(_PAGES, {})
    key = (current_language(), told)
    if key not in pages:
        if len(pages) >= _MOST_PAGES:
            pages.clear()
        pages[key] = render_template(
            "login/wait.html",
            lang=current_language(),
            site_name=site().system.settings.site.name,
            retry_after=_HERE_SECONDS,
            told=told,
        )
    response = make_response(pages[key].replace(_HERE_SECONDS, str(seconds)), 503)
    response.headers["Retry-After"] = str(seconds)
    return response
