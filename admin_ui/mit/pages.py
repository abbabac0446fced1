"""Mit login: who I am, where I belong, what I log in with, what I have allowed, where I am logged in, and logging out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_ui.guard import needs, visit
from admin_ui.mit import mit
from admin_ui.parts.words import factor_name, may_know, service_name
from idp.usecases import consents, own_sessions
from idp.usecases import own_page as usecase
from idp.usecases.factors import own_factors, remove
from idp.usecases.logout import farewell
from idp.web.i18n import current_language
from idp.web.page import page
from idp.web.site import site
from policies.actions import Action
from policies.vocabulary import ActorGroup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask.typing import ResponseReturnValue

    from idp.usecases.logout import Farewell


@mit.get("/")
@needs(Action.SEE_OWN_PAGE)
def own_page() -> ResponseReturnValue:
    """Show the page."""
    system = site().system
    with system.database.reading() as db:
        about = usecase.own_page(db, system, visit())
        sessions = own_sessions.own_sessions(db, system, visit())
        factors = own_factors(db, system, visit().person_id)
        allowed = consents.allowed_services(db, visit().person_id)
    return page(
        "mit/own_page.html",
        acts_as_contact=visit().actor_group is ActorGroup.CONTACT,
        about=about,
        sessions=sessions,
        factors=factors,
        factor_name=factor_name,
        allowed=[(one, service_name(one), may_know(one.claims)) for one in allowed],
    )


@mit.post("/sessions/<int:session_id>/end")
@needs(Action.END_OWN_SESSION)
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of my sessions, wherever it is."""
    system = site().system
    with system.database.writing() as db:
        ended = own_sessions.end_own_session(db, system, visit(), session_id)
        left = [farewell(db, system, session_id)] if ended else []
    flash(_("It is logged out there.") if ended else _("It was logged out already."), "success" if ended else "info")
    _say_what_stays_open(left)
    return redirect(url_for("mit.own_page"), code=303)


@mit.post("/sessions/end-others")
@needs(Action.END_OWN_SESSION)
def end_other_sessions() -> ResponseReturnValue:
    """End all my sessions but this one."""
    system = site().system
    with system.database.writing() as db:
        others = [one.id for one in own_sessions.own_sessions(db, system, visit()) if not one.here]
        ended = own_sessions.end_other_sessions(db, system, visit())
        left = [farewell(db, system, session_id) for session_id in others]
    flash(
        ngettext("%(num)s other place is logged out.", "%(num)s other places are logged out.", ended)
        if ended
        else _("You were logged in nowhere else."),
        "success" if ended else "info",
    )
    _say_what_stays_open(left)
    return redirect(url_for("mit.own_page"), code=303)


@mit.get("/factors/<int:factor_id>/remove")
@needs(Action.REMOVE_OWN_FACTOR)
def ask_to_remove(factor_id: int) -> ResponseReturnValue:
    """Ask once more, and say what goes with it."""
    system = site().system
    with system.database.reading() as db:
        factors = own_factors(db, system, visit().person_id)
    found = next((one for one in factors.all if one.id == factor_id), None)
    if found is None:
        return redirect(url_for("mit.own_page"), code=303)
    return page("mit/remove_factor.html", one=found, last=factors.is_last(found), factor_name=factor_name)


@mit.post("/factors/<int:factor_id>/remove")
@needs(Action.REMOVE_OWN_FACTOR)
def remove_factor(factor_id: int) -> ResponseReturnValue:
    """Remove one of my second factors; what it proved counts no more, at once."""
    system, person_id = site().system, visit().person_id
    with system.database.writing() as db:
        said = "last" in request.form
        gone = remove(db, system, person_id=person_id, factor_id=factor_id, removed_by=person_id, said=said)
    flash(_("It is removed, and opens nothing any more.") if gone else _("It was removed already."), "success")
    return redirect(url_for("mit.own_page"), code=303)


@mit.post("/services/<int:service_id>/withdraw")
@needs(Action.WITHDRAW_OWN_CONSENT)
def withdraw_consent(service_id: int) -> ResponseReturnValue:
    """Take back what I allowed a service; it is told nothing more, at once."""
    system = site().system
    with system.database.writing() as db:
        ended = consents.withdraw(db, system, person_id=visit().person_id, service_id=service_id)
    flash(
        _("It is taken back. The service is told nothing more.") if ended else _("It was taken back already."),
        "success",
    )
    return redirect(url_for("mit.own_page"), code=303)


def _say_what_stays_open(left: Iterable[Farewell]) -> None:
    """Name the services that only the browser over there could log the person out of."""
    danish = current_language() != "en"
    names = sorted({one.name_da if danish else one.name_en for each in left for one in each.out_of_reach})
    if names:
        flash(
            _(
                "We cannot log you out of this from here: %(services)s. If it is still open there, close it there.",
                services=", ".join(names),
            ),
            "info",
        )
