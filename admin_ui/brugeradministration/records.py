"""The leadership reads who helped whom in: a week of Elevadgang at an institution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, url_for

from admin_ui.brugeradministration import brugeradministration
from admin_ui.guard import needs, visit
from admin_ui.parts import record_words
from admin_ui.parts.asking import before, shown
from idp.usecases.record import PAGE_OF_LEADERSHIP, institution_record, led_by
from idp.web.i18n import current_language
from idp.web.page import page
from idp.web.site import site
from policies.actions import Action

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@brugeradministration.get("/records")
@needs(Action.READ_RECORD)
def records() -> ResponseReturnValue:
    """Show the institutions whose record I may read; where there is one, go on to it."""
    system = site().system
    with system.database.reading() as db:
        own = led_by(db, system, visit().person_id)
    if len(own) == 1:
        return redirect(url_for("brugeradministration.institution_records", number=own[0].number), code=303)
    return page("brugeradministration/records.html", institutions=own, institution=None)


@brugeradministration.get("/<number>/records")
@needs(Action.READ_RECORD)
def institution_records(number: str) -> ResponseReturnValue:
    """Show what staff did for pupils within a week."""
    system = site().system
    with system.database.reading() as db:
        own, lines = institution_record(db, system, reader=visit().person_id, number=number, before=before())
    more = len(lines) == PAGE_OF_LEADERSHIP
    return page(
        "brugeradministration/records.html",
        institutions=(),
        institution=own,
        lines=lines,
        older=url_for(".institution_records", number=number, before=lines[-1].id) if more else None,
        shown=shown,
        words=record_words,
        language=current_language(),
    )
