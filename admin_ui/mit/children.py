"""A parent's children: who of them waits for an adult, and the parent's answer, from the parent's own phone (decision 4)."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin_ui.guard import from_page, needs, polled, visit
from admin_ui.mit import mit
from admin_ui.parts import asking
from idp.usecases import custody, step_up
from idp.web.headers import allow_asking_us
from idp.web.i18n import current_language
from idp.web.messages import sentence
from idp.web.page import page
from idp.web.site import site
from policies.actions import Action
from policies.step_up import AnsweredAs

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

CHILD: Final = "/children/<int(max=9223372036854775807):person_id>"


@mit.get("/children")
@needs(Action.SEE_CHILDREN)
def children() -> ResponseReturnValue:
    """Show my children, and what they wait for."""
    with site().system.database.reading() as db:
        shown = _shown(db)
    allow_asking_us()
    return page("mit/children.html", words=asking, **shown)


@mit.get("/children/live")
@polled
@needs(Action.SEE_CHILDREN)
def children_live() -> ResponseReturnValue:
    """Return what may have changed on the page; 304 when nothing has."""
    with site().system.database.reading() as db:
        shown = _shown(db)
    if request.if_none_match.contains(shown["version"]):
        response = make_response("", 304)
    else:
        response = make_response(render_template("mit/_children.html", words=asking, **shown))
    response.set_etag(shown["version"])
    return response


@mit.post(f"{CHILD}/step-up")
@from_page("mit.children")
@needs(Action.VOUCH_FOR_CHILD)
def answer_for_child(person_id: int) -> ResponseReturnValue:
    """Take a parent's yes or no to one request of the child's."""
    system, yes, no = site().system, asking.ticked("yes"), asking.ticked("no")
    with system.database.writing() as db:
        child = custody.child_for(db, system, visit(), person_id)
        by = step_up.Adult(
            person_id=visit().person_id,
            answered_as=AnsweredAs.PARENT,
            institution_id=child.institution_id,
            address=request.remote_addr or "",
        )
        if yes:
            came = step_up.approve(db, system, yes[:1], among=[person_id], by=by, each_by_itself=True)
        else:
            came = step_up.refuse(db, system, no[:1], among=[person_id], by=by)
    if came.done:
        flash(_("Your child goes on.") if yes else _("You said no."), "success" if yes else "info")
    else:
        flash(_("Your child does not wait any more, or somebody else has answered."), "info")
    return redirect(url_for("mit.children"), code=303)


def _shown(db: Session) -> dict[str, Any]:
    system, address = site().system, request.remote_addr or ""
    own = custody.children_of(db, system, visit())
    allowed = [child.person_id for child in own if child.refusal is None]
    waiting = step_up.waiting_among(db, system, allowed, address=address)
    minute = system.now().replace(second=0, microsecond=0)  # the page says for how many somebody has waited
    seen = repr(
        [
            minute,
            *((child.person_id, child.refusal) for child in own),
            *((one.id, sorted(one.unusual)) for one in waiting),
        ]
    )
    return {
        "children": [
            (
                child,
                sentence(child.refusal) if child.refusal else None,
                [one for one in waiting if one.person_id == child.person_id],
            )
            for child in own
        ],
        "version": blake2b(seen.encode(), digest_size=12).hexdigest(),
        "now": system.now(),
        "language": current_language(),
    }
