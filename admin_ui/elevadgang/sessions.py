"""Logging the pupils that are ticked out, everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_ui.elevadgang import elevadgang
from admin_ui.elevadgang.classes import GROUP, to_class, within
from admin_ui.guard import needs
from admin_ui.parts.asking import ticked
from idp.usecases.class_sessions import log_pupils_out
from idp.web.site import site
from policies.actions import Action

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@elevadgang.post(f"{GROUP}/log-out")
@needs(Action.END_PUPILS_SESSIONS)
def log_out(group_id: int) -> ResponseReturnValue:
    """End every session of the pupils that are ticked."""
    system, pupils = site().system, ticked("pupil")
    group, (many, _sessions) = within(
        group_id, lambda db, reach, group: log_pupils_out(db, system, reach, group, pupils)
    )
    if many:
        flash(
            ngettext("%(num)s pupil is logged out everywhere.", "%(num)s pupils are logged out everywhere.", many),
            "success",
        )
    else:
        flash(_("Tick a pupil first."), "info")
    return to_class(group)
