"""Error pages: a sentence, a way on, and a reference that the log knows too and an administrator can look up.

Every refusal has a :class:`~policies.vocabulary.Reason`; what Flask itself refuses (no such page) is worded here.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, Final

import structlog
from flask import after_this_request, current_app, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from idp.audit import AuditEvent
from idp.errors import HashingBusy, Refused
from idp.store.db import DatabaseFault
from idp.usecases.shown_errors import DEFECT, Shown, keep, may_keep, new_reference
from idp.web.messages import in_the_queue, sentence, title
from idp.web.page import page
from idp.web.site import site
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from flask import Flask, Response

WayOn = tuple[str, str]
"""(what the link says, where it leads)."""

_TEMPLATE: Final = "error.html"
_TEMPLATES: Final = {Reason.NO_CURRENT_ATTACHMENT: "not_attached.html"}
"""Refusals that have a page of their own."""

log = structlog.get_logger("skolepas")


def set_up_errors(app: Flask) -> None:
    """Answer refusals, what Flask refuses, and defects with pages of ours."""
    app.register_error_handler(Refused, lambda refused: error_page(refused.reason, status=403, on_record=True))
    app.register_error_handler(HashingBusy, lambda _busy: waiting_page())
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _defect)


def error_page(
    reason: Reason,
    *,
    status: int,
    ways_on: Sequence[WayOn] = (),
    service_id: int | None = None,
    person_id: int | None = None,
    explanation: str | None = None,
    facts: dict[str, str | int | bool | None] | None = None,
    on_record: bool = False,
    reference: str | None = None,
) -> Response:
    """Show why something is refused. The page is kept under its reference after the request's own work.

    Only so many pages are kept (:mod:`idp.usecases.shown_errors`); ``on_record`` puts on the audit record as well what
    somebody who is logged in was refused. ``person_id``: whom the page is shown to, where that is proven.
    ``explanation`` replaces the reason's usual sentence; ``facts`` hold ids and rules only. A ``rule`` among them, with its
    ``error`` and ``parameter``, stands folded on the page, for the developer of the service. ``reference``: one that stands
    elsewhere too. Without ``ways_on`` there is a link to the front page: never a dead end.
    """
    shown = Shown(
        reference=reference or new_reference(site().system),
        reason=reason.value,
        status=status,
        endpoint=request.endpoint,
        person_id=person_id,
        service_id=service_id,
        facts=facts or {},
    )
    known = {"reason": reason.value, "status": status, **shown.facts}
    log.info("error shown", reference=shown.reference, service_id=service_id, endpoint=request.endpoint, **known)
    _keep(shown, known if on_record else None)
    words = (title(reason), explanation or sentence(reason))
    template = _TEMPLATES.get(reason, _TEMPLATE)
    broken = shown.facts if shown.facts.get("rule") else None
    return _error(*words, status, reference=shown.reference, ways_on=ways_on, template=template, broken=broken)


def _keep(shown: Shown, recorded: dict[str, str | int | bool | None] | None) -> None:
    """Keep a page after the view, so that no second unit of work opens inside the view's own."""
    system = site().system
    kept = may_keep(system, request.remote_addr or "")

    def write(response: Response) -> Response:
        try:
            with system.database.writing() as db:
                if kept:
                    keep(db, system, shown)
                if recorded is not None:
                    system.record(
                        db,
                        AuditEvent.LOGIN_ERROR_SHOWN,
                        actor_id=shown.person_id,
                        service_id=shown.service_id,
                        reference=shown.reference,
                        facts=recorded,
                    )
        except DatabaseFault as fault:  # raised again it would become a defect, and wait for the database once more
            log.error("error not kept", reference=shown.reference, exc_info=fault)  # noqa: TRY400
        return response

    if kept or recorded is not None:
        after_this_request(write)


def waiting_page(*, retry_url: str | None = None, left: timedelta | None = None) -> Response:
    """Show the queue (decision 16): 503, and the page asks again by itself after a moment that differs per person.

    ``left`` is how long it is until the person's turn. Without it somebody's turn had come, and yet too many came at once.
    """
    system = site().system
    seconds = system.draw(3) + (ceil(left.total_seconds()) if left else 3)
    told = in_the_queue(left, system.now()) if left else None
    response = page("login/wait.html", status=503, retry_after=seconds, retry_url=retry_url, told=told)
    response.headers["Retry-After"] = str(seconds)
    return response


def back_here() -> list[WayOn]:
    """Return the way back to the page that the form was on: the nearest above its address that can be shown."""
    pages, path = current_app.url_map.bind(""), request.path
    while path.strip("/"):
        try:
            pages.match(path, method="GET")
        except RequestRedirect:  # to the same page, with a stroke at its end
            path = f"{path}/"
        except HTTPException:
            path = path.rpartition("/")[0]
            continue
        return [(_("Back to the page"), path)]
    return []


def _http_error(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if error.response is not None or status < 400:  # noqa: PLR2004 (redirects of the router)
        return error
    words = {
        404: (_("There is no such page"), _("The address may be wrong, or the page has moved.")),
        405: (_("That cannot be done here"), _("Go back and try again.")),
        413: (_("That was too much"), _("What was sent is larger than we accept.")),
    }
    heading, text = words.get(status, (_("That did not work"), _("Go back and try again.")))
    response = _error(heading, text, status, ways_on=back_here() if request.method == "POST" else ())
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _defect(error: Exception) -> Response:
    reference = new_reference(site().system)
    log.error("defect", reference=reference, endpoint=request.endpoint, exc_info=error)
    if not isinstance(error, DatabaseFault):  # which would not take it
        _keep(Shown(reference=reference, reason=DEFECT, status=500, endpoint=request.endpoint), None)
    return _error(
        _("Something went wrong here"),
        _("It is our fault, not yours. Try again; if it happens again, tell your school the reference below."),
        500,
        reference=reference,
    )


def _error(
    heading: str,
    text: str,
    status: int,
    *,
    ways_on: Sequence[WayOn] = (),
    template: str = _TEMPLATE,
    **context: Any,  # noqa: ANN401
) -> Response:
    ways = list(ways_on) or [(_("Go to the front page"), "/")]
    return page(template, status=status, title=heading, explanation=text, ways_on=ways, **context)
