"""What an administrator does to a pupil's account: another stage's rules, a block, sessions ended. Each is a POST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, url_for
from flask_babel import lazy_gettext as _
from flask_babel import lazy_ngettext

from admin_ui.brugeradministration import brugeradministration
from admin_ui.brugeradministration.forms import ForcedStageForm
from admin_ui.brugeradministration.people import PERSON, show_person
from admin_ui.guard import needs, visit
from admin_ui.parts.reason_form import ReasonForm
from idp.usecases import access, blocking, custody, forced_stage
from idp.usecases.facts import school_day
from idp.web.site import site
from policies.actions import Action

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue
    from flask_babel import LazyString
    from sqlalchemy.orm import Session

    from idp.usecases.access import Administered


@brugeradministration.post(f"{PERSON}/stage")
@needs(Action.FORCE_STAGE)
def force_stage(number: str, person_id: int) -> ResponseReturnValue:
    """Put another stage's rules in force."""
    system = site().system
    form = ForcedStageForm(today=school_day(system))
    if not form.validate():
        return show_person(number, person_id, stage_form=form, status=400)
    stage, last_day = form.chosen()

    def act(db: Session, by: int, at: Administered) -> LazyString:
        forced_stage.force(
            db, system, person_id=person_id, stage=stage, last_day=last_day, reason=form.reason.data or "", by=by,
            institution_id=at.id,
        )  # fmt: skip
        return _("The other rules hold from now on.")

    return _done(number, person_id, act)


@brugeradministration.post(f"{PERSON}/stage/end")
@needs(Action.FORCE_STAGE)
def end_forced_stage(number: str, person_id: int) -> ResponseReturnValue:
    """Let the own grade decide again."""
    system = site().system

    def act(db: Session, by: int, at: Administered) -> LazyString:
        ended = forced_stage.release(db, system, person_id=person_id, by=by, institution_id=at.id)
        return _("The own grade decides again.") if ended else _("The own grade decided already.")

    return _done(number, person_id, act)


@brugeradministration.post(f"{PERSON}/block")
@needs(Action.BLOCK_PERSON)
def block(number: str, person_id: int) -> ResponseReturnValue:
    """Block the account, and end what is open."""
    system = site().system
    form = ReasonForm()
    if not form.validate():
        return show_person(number, person_id, block_form=form, status=400)

    def act(db: Session, by: int, at: Administered) -> LazyString:
        done = blocking.block(
            db, system, person_id=person_id, by=by, reason=form.reason.data or "", institution_id=at.id
        )
        return (
            _("The account is blocked, and logged out everywhere.") if done else _("The account was blocked already.")
        )

    return _done(number, person_id, act)


@brugeradministration.post(f"{PERSON}/unblock")
@needs(Action.BLOCK_PERSON)
def unblock(number: str, person_id: int) -> ResponseReturnValue:
    """Open the account again."""
    system = site().system
    form = ReasonForm()
    if not form.validate():
        return show_person(number, person_id, block_form=form, status=400)

    def act(db: Session, by: int, at: Administered) -> LazyString:
        done = blocking.unblock(
            db, system, person_id=person_id, by=by, reason=form.reason.data or "", institution_id=at.id
        )
        return _("The account is open again. The code is as it was.") if done else _("The account was open already.")

    return _done(number, person_id, act)


@brugeradministration.post(f"{PERSON}/end-sessions")
@needs(Action.END_SESSIONS)
def end_sessions(number: str, person_id: int) -> ResponseReturnValue:
    """Log the person out everywhere."""
    system = site().system

    def act(db: Session, by: int, at: Administered) -> LazyString:
        ended = blocking.end_sessions_of(db, system, person_id=person_id, by=by, institution_id=at.id)
        return lazy_ngettext("Logged out of %(num)s place.", "Logged out of %(num)s places.", ended)

    return _done(number, person_id, act)


@brugeradministration.post(f"{PERSON}/seen")
@needs(Action.CONFIRM_CONTACT)
def confirm_contact(number: str, person_id: int) -> ResponseReturnValue:
    """Keep that a contact has been seen in person."""
    system = site().system

    def act(db: Session, by: int, at: Administered) -> LazyString:
        done = custody.confirm_seen(db, system, person_id=person_id, institution_id=at.id, by=by)
        return _("It is kept that you have seen the person.") if done else _("It was kept already.")

    return _done(number, person_id, act)


def _done(number: str, person_id: int, act: Callable[[Session, int, Administered], LazyString]) -> ResponseReturnValue:
    """Do it in one unit of work, on behalf of whoever visits, and go back to the page with what came of it."""
    system, by = site().system, visit().person_id
    with system.database.writing() as db:
        at = access.person_to_see(db, system, actor_id=by, number=number, person_id=person_id)
        said = act(db, by, at)
    flash(str(said), "success")
    return redirect(url_for("brugeradministration.person", number=at.number, person_id=person_id), code=303)
