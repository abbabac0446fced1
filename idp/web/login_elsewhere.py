"""The choice of a school whose people log in elsewhere, and the way there and back (decision 20).

The list is searched on the server and works without scripts; what was chosen last in this browser comes first. An answer counts in
the browser that asked, once, for the request that is open.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import structlog
from flask import make_response, redirect, request

from idp.login import dispatch
from idp.login.attempt import NotOpen, load, load_held
from idp.login.steps import elsewhere
from idp.login.vouch import NotVouched
from idp.usecases import pushed_requests, upstreams
from idp.usecases.pushed_requests import Closed, Way
from idp.web.headers import form_targets
from idp.web.i18n import current_language
from idp.web.login_flow import Page, address, go_on, login_blueprint, this_browser, to
from idp.web.messages import sentence
from idp.web.page import about_service, page
from idp.web.session_cookie import remember_elsewhere, remembered_elsewhere
from idp.web.site import site
from policies.vocabulary import Reason, Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flask import Response

    from idp.login.attempt import Attempt
    from idp.login.dispatch import Position
    from idp.store.db import Database
    from idp.usecases.upstreams import Offered

log = structlog.get_logger("skolepas")

CALLBACK: Final = "/login/elsewhere/callback"
"""Where an OpenID provider sends the browser back."""
_SAID_HERE: Final = frozenset({Reason.ELSEWHERE_NOBODY, Reason.ELSEWHERE_FAILED})
_ASK_AGAIN: Final = timedelta(minutes=1)
_asked: WeakKeyDictionary[Database, tuple[datetime, bool]] = WeakKeyDictionary()


def way_elsewhere(attempt: Attempt) -> str | None:
    """Return the address of the choice where anybody may log in elsewhere; asked of the database once a minute."""
    if not elsewhere.may_begin(attempt):
        return None
    system = site().system
    now, kept = system.now(), _asked.get(system.database)
    if kept is None or not now - _ASK_AGAIN < kept[0] <= now:
        with system.database.reading() as db:
            kept = _asked[system.database] = (now, upstreams.are_any(db))
    return address(attempt.handle, PAGE.name) if kept[1] else None


def render(attempt: Attempt, at: Position) -> Response:  # noqa: ARG001 (every page takes the same)
    """Ask for the school. A handful of them is shown at once, more only to who searches."""
    words, last = " ".join(request.args.get("q", "").split())[:100], remembered_elsewhere()
    with site().system.database.reading() as db:
        every = upstreams.offered(db, words)
        before = upstreams.offered(db, upstream_id=last)[:1] if last is not None and not words else ()
    too_many = len(every) > upstreams.SHOWN
    shown = () if too_many and not words else every[: upstreams.SHOWN]
    service = attempt.service
    told_at = service.registration.get("redirect_uris", ())
    # The form is answered with a redirect to the one that is chosen, which may itself lead on to any other host.
    there = form_targets([*told_at, *(one.address for one in (*before, *shown))])
    about_service(service.name_da, service.name_en, (*there, "https:"))
    return page(
        "login/elsewhere.html",
        action=address(attempt.handle, PAGE.name),
        error=sentence(attempt.error) if attempt.error in _SAID_HERE else None,
        words=words,
        asks=too_many or bool(words),
        before=[_shown(one) for one in before],
        shown=[_shown(one) for one in shown],
        more=too_many and bool(words),
        username_url=address(attempt.handle, "username"),
    )


@login_blueprint.post("/login/<handle>/elsewhere")
def post_elsewhere(handle: str) -> Response:
    """Send the browser to the provider of the school that was chosen."""
    system, browser, chosen = site().system, this_browser(), request.form.get("upstream", "")
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return to(handle)
        if not elsewhere.may_begin(attempt):
            return to(handle, "username")
        known = chosen.isascii() and chosen.isdigit() and len(chosen) <= 18  # noqa: PLR2004 (a 64-bit number)
        upstream = upstreams.find(db, system, int(chosen)) if known else None
        if upstream is None or upstream.disabled:
            return to(handle, PAGE.name)
        where, kept = site().upstreams[upstream.protocol].begin(db, upstream, handle, attempt.request)
        elsewhere.begun(db, attempt, upstream, kept)
    response = make_response(redirect(where, 303))
    remember_elsewhere(response, upstream.id)
    return response


@login_blueprint.get(CALLBACK)
def callback() -> Response:
    """Take the answer of an OpenID provider, whose ``state`` begins with the login's handle."""
    answer = {name: value for name, value in request.args.items() if len(request.args.getlist(name)) == 1}
    return _answered(answer.get("state", "").partition(".")[0], answer)


@login_blueprint.get("/login/<handle>/elsewhere/answer")
def kept_answer(handle: str) -> Response:
    """Take a SAML Response that was posted and kept, now that the browser's cookies are here."""
    system, browser = site().system, this_browser()
    with system.database.writing() as db:
        attempt = load(db, system, handle, browser)
        if isinstance(attempt, NotOpen):
            return to(handle)
        found = pushed_requests.open_(
            db,
            system,
            Way.UPSTREAM,
            request.args.get("kept", ""),
            service_id=attempt.service.id,
            browser=browser.secret or "",
        )
    return to(handle) if isinstance(found, Closed) else _answered(handle, found.parameters)


def _answered(handle: str, answer: Mapping[str, str]) -> Response:
    """Take an answer, if the login asked for one in this browser. What the provider must be asked is asked between two units of work."""
    system, browser = site().system, this_browser()
    with system.database.reading() as db:
        attempt = load(db, system, handle, browser)
        kept = elsewhere.under_way(attempt) if not isinstance(attempt, NotOpen) else None
        upstream = upstreams.find(db, system, kept["upstream"]) if kept is not None else None
    if isinstance(attempt, NotOpen) or kept is None or upstream is None:
        return to(handle) if handle else make_response(redirect("/", 303))
    try:
        vouch = site().upstreams[upstream.protocol].finish(upstream, kept, answer)
    except NotVouched as fault:
        log.info("not vouched", upstream=upstream.identifier, rule=fault.rule)
        vouch = None
    with system.database.writing() as db:
        held = load_held(db, system, attempt, browser)
        if isinstance(held, NotOpen) or elsewhere.under_way(held) != kept:
            raise dispatch.AlreadyFinished
        now = upstreams.find(db, system, upstream.id)
        if vouch is None or now is None:
            elsewhere.failed(db, held, Reason.ELSEWHERE_FAILED)
            return to(handle, PAGE.name)
        taken = elsewhere.submit(db, system, held, browser, now, vouch)
        return go_on(db, *taken) if taken is not None else to(handle, PAGE.name)


def _shown(one: Offered) -> dict[str, str]:
    by = one.name_en if current_language() == "en" else one.name_da
    return {"upstream": str(one.upstream_id), "institution": one.institution, "by": by}


PAGE: Final = Page(name="elsewhere", step=Step.ELSEWHERE, also_at=tuple(Step), render=render)
