"""Answers to pupils who wait for an adult: one, those ticked, or everybody in one press (decision 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import flash, request
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_ui.elevadgang import elevadgang
from admin_ui.elevadgang.classes import GROUP, to_class, within
from admin_ui.guard import needs
from admin_ui.parts.asking import ticked
from idp.usecases.class_waiting import approve_in, refuse_in
from idp.web.site import site
from policies.actions import Action

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from idp.usecases.reach import Reach, SchoolClass
    from idp.usecases.step_up import Answered


_MANY: Final = {"ticked": "request", "all": "shown"}
"""A press for many -> the field that names the requests."""


@elevadgang.post(f"{GROUP}/step-up")
@needs(Action.ANSWER_STEP_UP)
def answer_step_up(group_id: int) -> ResponseReturnValue:
    """Take a press: ``yes`` or ``no`` with the number of one request, ``ticked``, or ``all`` of those on the page."""
    system, address = site().system, request.remote_addr or ""
    said = request.form.get("answer", "")
    one = ticked("yes") or ticked("no")
    ids = one or ticked(_MANY.get(said, ""))
    refused = bool(ticked("no")) and not ticked("yes")

    def act(db: Session, reach: Reach, group: SchoolClass) -> Answered:
        if refused:
            return refuse_in(db, system, reach, group, ids, address=address)
        return approve_in(db, system, reach, group, ids, address=address, each_by_itself=len(one) == 1)

    group, came = within(group_id, act)
    _say(came, refused=refused)
    return to_class(group)


def _say(came: Answered, *, refused: bool) -> None:
    if came.done and refused:
        flash(_("You said no."), "info")
    elif came.done:
        many = len(came.done)
        flash(ngettext("%(num)s pupil goes on.", "%(num)s pupils go on.", many), "success")
    if came.skipped:
        many = len(came.skipped)
        flash(
            ngettext(
                "%(num)s still waits: something is unusual. Look, and press Yes for that one alone.",
                "%(num)s still wait: something is unusual. Look, and press Yes for each of them alone.",
                many,
            ),
            "warning",
        )
    if came.gone:
        flash(_("The pupil does not wait any more, or somebody else has answered."), "info")
    if not came.done and not came.skipped and not came.gone:
        flash(_("Tick a pupil first."), "info")
