"""What was done to my account, or to my child's, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from admin_ui.guard import needs, visit
from admin_ui.mit import mit
from admin_ui.mit.children import CHILD
from admin_ui.parts import record_words
from admin_ui.parts.asking import before, shown
from idp.usecases import custody
from idp.usecases.record import PAGE, childs_record, own_record
from idp.web.i18n import current_language
from idp.web.page import page
from idp.web.site import site
from policies.actions import Action

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@mit.get("/record")
@needs(Action.READ_OWN_RECORD)
def record() -> ResponseReturnValue:
    """Show what was done to my account."""
    with site().system.database.reading() as db:
        lines = own_record(db, visit().person_id, before=before())
    older = url_for("mit.record", before=lines[-1].id) if len(lines) == PAGE else None
    return page(
        "mit/record.html", lines=lines, older=older, child=None, words=record_words, language=current_language()
    )


@mit.get(f"{CHILD}/record")
@needs(Action.SEE_CHILDREN)
def record_of_child(person_id: int) -> ResponseReturnValue:
    """Show what others did to the account of a child in my custody."""
    system = site().system
    with system.database.reading() as db:
        child = custody.child_for(db, system, visit(), person_id)
        lines = childs_record(db, child.person_id, reader=visit().person_id, before=before())
    older = url_for("mit.record_of_child", person_id=person_id, before=lines[-1].id) if len(lines) == PAGE else None
    return page(
        "mit/record.html",
        lines=lines,
        older=older,
        child=shown(child.name),
        words=record_words,
        language=current_language(),
    )
