"""Giv ny adgangskode, looking usernames up, and the class sheet. Each that changes or tells something is a POST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash
from flask_babel import gettext as _

from admin_ui.elevadgang import elevadgang, words
from admin_ui.elevadgang.classes import GROUP, to_class, within
from admin_ui.guard import needs
from admin_ui.parts.asking import ticked
from idp.usecases.class_codes import class_sheet, close_windows, give_new_codes, look_up_usernames
from idp.web.messages import sentence
from idp.web.page import page
from idp.web.site import site
from policies.actions import Action

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@elevadgang.post(f"{GROUP}/new-code")
@needs(Action.GIVE_NEW_CODE)
def new_code(group_id: int) -> ResponseReturnValue:
    """Open windows for the pupils that are ticked; their signs stand on the page then."""
    system, pupils = site().system, ticked("pupil")
    group, came = within(group_id, lambda db, reach, group: give_new_codes(db, system, reach, group, pupils))
    if not pupils:
        _tick_somebody()
    for name, reason in came.refused:
        flash(_("%(name)s gets no new code here: %(why)s", name=words.shown(name), why=sentence(reason)), "warning")
    return to_class(group)


@elevadgang.post(f"{GROUP}/withdraw")
@needs(Action.GIVE_NEW_CODE)
def withdraw(group_id: int) -> ResponseReturnValue:
    """Close a pupil's window before its time."""
    system = site().system
    group, closed = within(group_id, lambda db, reach, group: close_windows(db, system, reach, group, ticked("window")))
    flash(_("It is closed.") if closed else _("It was closed already."), "info")
    return to_class(group)


@elevadgang.post(f"{GROUP}/usernames")
@needs(Action.SEE_USERNAME)
def usernames(group_id: int) -> ResponseReturnValue:
    """Show the usernames of the pupils that are ticked."""
    system, pupils = site().system, ticked("pupil")
    group, seen = within(group_id, lambda db, reach, group: look_up_usernames(db, system, reach, group, pupils))
    if not seen:
        _tick_somebody()
        return to_class(group)
    return page("elevadgang/usernames.html", group=group, seen=seen, sheet=False, words=words)


@elevadgang.post(f"{GROUP}/sheet")
@needs(Action.PRINT_CLASS_SHEET)
def sheet(group_id: int) -> ResponseReturnValue:
    """Show the usernames of the whole class, to be printed."""
    system = site().system
    group, seen = within(group_id, lambda db, reach, group: class_sheet(db, system, reach, group))
    return page("elevadgang/usernames.html", group=group, seen=seen, sheet=True, words=words)


def _tick_somebody() -> None:
    flash(_("Tick a pupil first."), "info")
