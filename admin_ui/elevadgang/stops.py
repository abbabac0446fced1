"""Emergency stop: what it would do, the press, the report, and letting the codes work again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_ui.elevadgang import elevadgang, words
from admin_ui.elevadgang.classes import GROUP, within
from admin_ui.guard import needs, visit, visitor
from admin_ui.parts.reason_form import ReasonForm
from idp.errors import Refused
from idp.usecases import emergency_stop as usecase
from idp.usecases.reach import class_for, reach_of
from idp.web.messages import sentence
from idp.web.page import page
from idp.web.site import site
from policies.actions import Action
from policies.vocabulary import Reason
from policies.written_reason import LONGEST

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

STOP = "/stops/<int(max=9223372036854775807):stop_id>"


@elevadgang.get(f"{GROUP}/stop")
@needs(Action.STOP_CODES)
def stop_page(group_id: int) -> ResponseReturnValue:
    """Say what a stop would do, for the class and for the whole institution."""
    return _stop_page(group_id, None)


@elevadgang.post(f"{GROUP}/stop")
@needs(Action.STOP_CODES)
def stop(group_id: int) -> ResponseReturnValue:
    """Stop the codes; where something is missing, nothing is stopped and the page says what."""
    form, scope = ReasonForm(), request.form.get("scope")
    if not form.validate() or scope not in {"class", "institution"} or "sure" not in request.form:
        return _stop_page(group_id, form)
    system = site().system
    _group, stop_id = within(
        group_id,
        lambda db, reach, group: usecase.stop_codes(
            db, system, reach, group, whole_institution=scope == "institution", reason=form.reason.data or ""
        ),
    )
    return redirect(url_for("elevadgang.stop_report", stop_id=stop_id), code=303)


@elevadgang.get(STOP)
@needs(Action.SEE_CLASS)
def stop_report(stop_id: int) -> ResponseReturnValue:
    """Show what a stop did, and how far the services have been told."""
    system = site().system
    with system.database.reading() as db:
        report = usecase.stop_report(db, system, reach_of(db, system, visit(), visitor().factors), stop_id)
        others = usecase.passed_over(db, institution_id=report.institution_id, group_id=report.group_id)
    return page(
        "elevadgang/stopped.html",
        report=report,
        passed_over=others,
        no_lifting=sentence(report.no_lifting) if report.no_lifting else None,
        words=words,
    )


@elevadgang.post(f"{STOP}/lift")
@needs(Action.STOP_CODES)
def lift_stop(stop_id: int) -> ResponseReturnValue:
    """Let the codes work again."""
    system = site().system
    with system.database.writing() as db:
        started = usecase.lift(db, system, reach_of(db, system, visit(), visitor().factors), stop_id)
    flash(ngettext("%(num)s code works again.", "%(num)s codes work again.", started), "success")
    return redirect(url_for("elevadgang.stop_report", stop_id=stop_id), code=303)


def _stop_page(group_id: int, form: ReasonForm | None) -> Response:
    system = site().system
    with system.database.reading() as db:
        reach = reach_of(db, system, visit(), visitor().factors)
        group = class_for(db, reach, group_id)
        if group.institution_id not in reach.administered:
            raise Refused(Reason.RIGHT_MISSING)
        of_class = usecase.scope_of(db, system, institution_id=group.institution_id, group_id=group.id)
        of_all = usecase.scope_of(db, system, institution_id=group.institution_id, group_id=None)
        others = usecase.passed_over(db, institution_id=group.institution_id, group_id=None)
        before = usecase.stops(db, system, reach, group.institution_id)
    return page(
        "elevadgang/stop.html",
        status=400 if form else 200,
        group=group,
        scopes=[
            ("class", group.name, of_class),
            ("institution", _("all of %(school)s", school=group.institution), of_all),
        ],
        passed_over=others,
        chosen=request.form.get("scope"),
        form=form or ReasonForm(formdata=None),
        wrong=_("Nothing has been stopped: choose for whom, say why, and say that you are sure.") if form else None,
        longest_reason=LONGEST,
        stops=before,
        words=words,
    )
