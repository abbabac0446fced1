"""Approving a lesson for the pupils that are ticked, before they ask (decision 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_ui.elevadgang import elevadgang
from admin_ui.elevadgang.classes import GROUP, to_class, within
from admin_ui.guard import needs
from admin_ui.parts.asking import ticked
from idp.usecases.lessons import approve_lesson
from idp.web.site import site
from policies.actions import Action

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@elevadgang.post(f"{GROUP}/lesson")
@needs(Action.APPROVE_LESSON)
def lesson(group_id: int) -> ResponseReturnValue:
    """Approve the lesson; its sign stands on the page then."""
    system, pupils = site().system, ticked("pupil")
    group, many = within(group_id, lambda db, reach, group: approve_lesson(db, system, reach, group, pupils))
    if many:
        flash(
            ngettext("The lesson is approved for %(num)s pupil.", "The lesson is approved for %(num)s pupils.", many),
            "success",
        )
    else:
        flash(_("Tick a pupil first."), "info")
    return to_class(group)
