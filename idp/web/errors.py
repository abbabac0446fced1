"""Error pages: a sentence, a way on, and a reference that the log and the record know too.

Every refusal has a :class:`~policies.vocabulary.Reason`; what Flask itself refuses (no such page) is worded here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import structlog
from flask import after_this_request, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from idp.audit import AuditEvent
from idp.errors import HashingBusy, Refused
from idp.store.db import DatabaseFault
from idp.web.messages import sentence, title
from idp.web.page import page
from idp.web.site import site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask, Response

    from policies.vocabulary import Reason

WayOn = tuple[str, str]
"""(what the link says, where it leads)."""

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""The signs of a reference: none that looks or sounds like another when read aloud over the telephone."""

log = structlog.get_logger("skolepas")


def set_up_errors(app: Flask) -> None:
    """Answer refusals, what Flask refuses, and defects with pages of ours."""
    app.register_error_handler(Refused, lambda refused: error_page(refused.reason, status=403, on_record=True))
    app.register_error_handler(HashingBusy, lambda _busy: waiting_page())
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _defect)


def new_reference() -> str:
    """Return a fresh reference such as ``K7QM-2F9X``."""
    signs = "".join(ALPHABET[site().system.draw(len(ALPHABET))] for _ in range(8))
    return f"{signs[:4]}-{signs[4:]}"


def error_page(
    reason: Reason,
    *,
    status: int,
    ways_on: Sequence[WayOn] = (),
    service_id: int | None = None,
    explanation: str | None = None,
    facts: dict[str, str | int | bool | None] | None = None,
    on_record: bool = False,
) -> Response:
    """Show why something is refused. The page's reference is logged, and put on record after the request's own work.

    On record stands what a known service asked for, and with ``on_record`` what somebody who is logged in did; what any
    stranger can bring about is logged only, so that nobody fills the record. ``explanation`` replaces the reason's usual sentence; ``facts`` go on record (ids and rules only). Without
    ``ways_on`` there is a link to the front page: never a dead end.
    """
    reference = new_reference()
    known = {"reason": reason.value, "status": status, **(facts or {})}
    log.info("error shown", reference=reference, service_id=service_id, endpoint=request.endpoint, **known)

    # After the view, so that no second unit of work opens inside the view's own.
    def record(response: Response) -> Response:
        system = site().system
        try:
            with system.database.writing() as db:
                system.record(db, AuditEvent.LOGIN_ERROR_SHOWN, service_id=service_id, reference=reference, facts=known)
        except DatabaseFault as fault:  # raised again it would become a defect, and wait for the database once more
            log.error("error not put on record", reference=reference, exc_info=fault)  # noqa: TRY400
        return response

    if on_record or service_id is not None:
        after_this_request(record)
    return _error(title(reason), explanation or sentence(reason), status, reference=reference, ways_on=ways_on)


def waiting_page(*, retry_url: str | None = None) -> Response:
    """Show the queue (decision 16): 503, and the page asks again by itself after a moment that differs per person."""
    seconds = 3 + site().system.draw(5)
    response = page("login/wait.html", status=503, retry_after=seconds, retry_url=retry_url)
    response.headers["Retry-After"] = str(seconds)
    return response


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
    response = _error(heading, text, status)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _defect(error: Exception) -> Response:
    reference = new_reference()
    log.error("defect", reference=reference, endpoint=request.endpoint, exc_info=error)
    return _error(
        _("Something went wrong here"),
        _("It is our fault, not yours. Try again; if it happens again, tell your school the reference below."),
        500,
        reference=reference,
    )


def _error(heading: str, text: str, status: int, *, ways_on: Sequence[WayOn] = (), **context: Any) -> Response:  # noqa: ANN401
    ways = list(ways_on) or [(_("Go to the front page"), "/")]
    return page("error.html", status=status, title=heading, explanation=text, ways_on=ways, **context)
