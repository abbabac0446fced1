"""Who stands in for a class: a colleague is let in for some days, and out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from admin_ui.elevadgang import elevadgang, words
from admin_ui.elevadgang.classes import GROUP, within
from admin_ui.guard import needs, visit, visitor
from admin_ui.parts.asking import ticked
from admin_ui.parts.days import read_day
from idp.errors import Refused
from idp.usecases import substitutes as usecase
from idp.usecases.facts import school_day
from idp.usecases.reach import class_for, reach_of
from idp.web.messages import sentence
from idp.web.page import page
from idp.web.site import site
from policies.actions import Action
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_TO_PUT_RIGHT: Final = frozenset({Reason.SUBSTITUTE_NOT_STAFF, Reason.SUBSTITUTE_DAYS_WRONG, Reason.NOT_FOR_YOURSELF})
"""What is wrong with the form; anything else is a right that is missing."""


@elevadgang.get(f"{GROUP}/substitutes")
@needs(Action.GIVE_SUBSTITUTE)
def substitutes(group_id: int) -> ResponseReturnValue:
    """Show who stands in, and who could."""
    system = site().system
    with system.database.reading() as db:
        reach = reach_of(db, system, visit(), visitor().factors)
        group = class_for(db, reach, group_id)
        now = usecase.substitutes(db, system, group)
        others = usecase.colleagues(db, system, reach, group) if usecase.may_give(group) else ()
    return page(
        "elevadgang/substitutes.html",
        group=group,
        substitutes=now,
        colleagues=others,
        may_give=usecase.may_give(group),
        today=school_day(system),
        latest=usecase.last_possible_day(system),
        words=words,
    )


@elevadgang.post(f"{GROUP}/substitutes/give")
@needs(Action.GIVE_SUBSTITUTE)
def give_substitute(group_id: int) -> ResponseReturnValue:
    """Let a colleague stand in."""
    system, chosen = site().system, ticked("person")
    last_day = read_day(request.form.get("last_day", "").strip())
    try:
        within(
            group_id,
            lambda db, reach, group: usecase.let_stand_in(
                db, system, reach, group, person_id=chosen[0] if chosen else 0, last_day=last_day
            ),
        )
    except Refused as refused:
        if refused.reason not in _TO_PUT_RIGHT:
            raise
        flash(sentence(refused.reason), "error")
    else:
        flash(_("Your colleague has the class now. It ends by itself."), "success")
    return _back(group_id)


@elevadgang.post(f"{GROUP}/substitutes/end")
@needs(Action.GIVE_SUBSTITUTE)
def end_substitute(group_id: int) -> ResponseReturnValue:
    """Let somebody stand in no longer."""
    system, chosen = site().system, ticked("right")
    _group, ended = within(
        group_id,
        lambda db, reach, group: usecase.take_back(db, system, reach, group, right_id=chosen[0] if chosen else 0),
    )
    flash(_("It is over now.") if ended else _("It was over already."), "info")
    return _back(group_id)


def _back(group_id: int) -> ResponseReturnValue:
    return redirect(url_for("elevadgang.substitutes", group_id=group_id), code=303)
