"""The class page: who is there, how each one stands, and what changes while it lies open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from flask import make_response, redirect, render_template, request, session, url_for

from admin_ui.elevadgang import elevadgang, words
from admin_ui.guard import needs, polled, reloads_itself, visit, visitor
from idp.usecases.class_page import class_page as page_of_class
from idp.usecases.class_page import class_version, matches
from idp.usecases.class_waiting import waiting_in
from idp.usecases.lessons import lessons_in, rule_of
from idp.usecases.reach import class_for, classes_of, reach_of
from idp.web.headers import allow_asking_us
from idp.web.i18n import current_language
from idp.web.page import page
from idp.web.site import site
from policies.actions import Action

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from idp.usecases.reach import Reach, SchoolClass

GROUP: Final = "/<int(max=9223372036854775807):group_id>"
"""Where a class lies. The number is bounded by what the databases can hold."""
_LAST: Final = "elevadgang_class"
_LONGEST_SEARCH: Final = 60
_RELOAD_SECONDS: Final = 20
"""How often the page loads itself anew where there is no script."""

Result = TypeVar("Result")


def within(group_id: int, act: Callable[[Session, Reach, SchoolClass], Result]) -> tuple[SchoolClass, Result]:
    """Carry out ``act`` for a class of whoever visits, in one writing unit of work. Raises :class:`idp.errors.Refused`."""
    system = site().system
    with system.database.writing() as db:
        reach = reach_of(db, system, visit(), visitor().factors)
        group = class_for(db, reach, group_id)
        return group, act(db, reach, group)


def to_class(group: SchoolClass) -> ResponseReturnValue:
    """Go back to the page of a class."""
    return redirect(url_for("elevadgang.class_page", group_id=group.id), code=303)


@elevadgang.get("/")
@needs(Action.SEE_CLASS)
def start() -> ResponseReturnValue:
    """Open the class that was looked at last, or the only one; else let one be chosen."""
    system = site().system
    with system.database.reading() as db:
        own = classes_of(db, reach_of(db, system, visit(), visitor().factors))
    ids = [group.id for group in own]
    opens = session.get(_LAST) if session.get(_LAST) in ids else ids[0] if len(ids) == 1 else None
    if opens is not None and "choose" not in request.args:
        return redirect(url_for("elevadgang.class_page", group_id=opens), code=303)
    return page("elevadgang/start.html", classes=own, words=words)


@elevadgang.get(f"{GROUP}/")
@needs(Action.SEE_CLASS)
def class_page(group_id: int) -> ResponseReturnValue:
    """Show a class."""
    system = site().system
    with system.database.reading() as db:
        reach = reach_of(db, system, visit(), visitor().factors)
        group = class_for(db, reach, group_id)
        live = _live(db, reach, group)
        others = classes_of(db, reach)
    session[_LAST] = group.id
    allow_asking_us()
    return page(
        "elevadgang/class.html", group=group, classes=others, reload_seconds=_RELOAD_SECONDS, words=words, **live
    )


@elevadgang.get(f"{GROUP}/again")
@reloads_itself
@needs(Action.SEE_CLASS)
def class_page_again(group_id: int) -> ResponseReturnValue:
    """Show a class once more, because its page has lain open for a while."""
    return class_page(group_id)


@elevadgang.get(f"{GROUP}/live")
@polled
@needs(Action.SEE_CLASS)
def live(group_id: int) -> ResponseReturnValue:
    """Return what may have changed on the page of a class; 304 when nothing has (RFC 9110 13.1.2)."""
    system = site().system
    with system.database.reading() as db:
        reach = reach_of(db, system, visit(), visitor().factors)
        group = class_for(db, reach, group_id)
        version = class_version(db, system, group)
        known = request.if_none_match.contains(version)
        shown = {} if known else _live(db, reach, group)
    if known:
        response = make_response("", 304)
    else:
        response = make_response(render_template("elevadgang/_live.html", group=group, words=words, **shown))
    response.set_etag(version)
    return response


def _live(db: Session, reach: Reach, group: SchoolClass) -> dict[str, Any]:
    system = site().system
    text = " ".join(request.args.get("q", "").split())[:_LONGEST_SEARCH]
    shown = page_of_class(db, system, group)
    names = {card.person_id: card.name for card in shown.cards}
    waiting = waiting_in(db, system, reach, group, address=request.remote_addr or "")
    return {
        "version": shown.version,
        "cards": [card for card in shown.cards if matches(card, text)],
        "text": text,
        "ticked": "all" in request.args,
        "waiting": waiting,
        "names": names,
        "lessons": lessons_in(db, system, [*names]),
        "lessons_on": rule_of(db, group.institution_id).enabled,
        "now": system.now(),
        "language": current_language(),
    }
