"""A one-time pass for somebody who enrols a second factor, or has lost one. It is shown once, in the answer to the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from admin_ui.brugeradministration import brugeradministration
from admin_ui.brugeradministration.people import PERSON
from admin_ui.guard import needs, visit
from idp.usecases import access
from idp.usecases.passes import issue_pass
from idp.web.page import page
from idp.web.site import site
from policies.actions import Action

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@brugeradministration.post(f"{PERSON}/pass")
@needs(Action.ISSUE_PASS)
def give_pass(number: str, person_id: int) -> ResponseReturnValue:
    """Make a pass and show it; one that was made before and not used lapses."""
    system, by = site().system, visit().person_id
    with system.database.writing() as db:
        institution = access.person_to_see(db, system, actor_id=by, number=number, person_id=person_id)
        issued = issue_pass(db, system, person_id=person_id, issued_by=by)
    return page(
        "brugeradministration/pass.html", institution=institution, person_id=person_id, text=issued.text,
        until=issued.expires_at,
    )  # fmt: skip
