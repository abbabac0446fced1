"""The page on which somebody chooses as whom to act: teacher or parent, this school or that one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from idp.login.steps import choose_who
from idp.usecases.acting import cards
from idp.usecases.devices import known_device
from idp.web.login_flow import Page, address, go_on, this_browser
from idp.web.page import page
from idp.web.site import site
from policies.vocabulary import ActorGroup, Level, Role, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from flask_babel import LazyString
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.dispatch import Position
    from idp.usecases.acting import ActingCard

ACTORS: Final[Mapping[ActorGroup, LazyString]] = {
    ActorGroup.PUPIL: _l("Pupil"),
    ActorGroup.STAFF: _l("Employee"),
    ActorGroup.EXTERNAL: _l("External"),
    ActorGroup.CONTACT: _l("Parent or contact"),
}
_ROLES: Final[Mapping[Role, LazyString]] = {
    Role.TEACHER: _l("Teacher"),
    Role.PEDAGOGUE: _l("Pedagogue"),
    Role.SUBSTITUTE: _l("Substitute"),
    Role.LEADER: _l("Leader"),
}
_ICONS: Final = {
    ActorGroup.PUPIL: "pupil",
    ActorGroup.STAFF: "teacher",
    ActorGroup.EXTERNAL: "people",
    ActorGroup.CONTACT: "parent",
}


def render(attempt: Attempt, at: Position) -> Response:
    """Show one big card for each choice."""
    offered = at.account.choices if at.account else ()
    with site().system.database.reading() as db:
        described = cards(db, offered, known_device(db, attempt.person_id, this_browser().devices))
    one_role = len(described) > 1 and len({card.actor_group for card in described}) == 1
    return page(
        "login/who.html",
        action=address(attempt.handle, PAGE.name),
        username=attempt.username,
        restart_url=address(attempt.handle, "username"),
        ended=attempt.acting is not None,
        choices=[_choice(card, by_place=one_role) for card in described],
    )


def take(db: Session, attempt: Attempt, at: Position, browser: Browser) -> Response:
    """Take the pressed card."""
    return go_on(db, choose_who.choose(db, attempt, at, request.form.get("as", "")), browser)


def _choice(card: ActingCard, *, by_place: bool) -> dict[str, Any]:
    """Return a card's words: what tells it from the others stands first."""
    whom, place = _whom(card), ", ".join([card.institution, *card.classes])
    words, more = (card.institution, ", ".join([whom, *card.classes])) if by_place else (whom, place)
    notes = [_("your choice here last time")] if card.last else []
    notes += [] if card.confirmed else [_("new, and not confirmed yet")]
    return {
        "value": str(card.affiliation_id),
        "icon": _ICONS[card.actor_group],
        "words": words,
        "more": " · ".join([more, *notes]),
    }


def _whom(card: ActingCard) -> str:
    if card.actor_group is ActorGroup.PUPIL and card.level is Level.DT:
        return str(_("Child in day-care"))
    role = next((_ROLES[role] for role in card.roles if role in _ROLES), None)
    return str(role if role and card.actor_group is ActorGroup.STAFF else ACTORS[card.actor_group])


# A card may be pressed when the choice has just ended and one is left: that one is not taken silently.
PAGE: Final = Page(name="who", step=Step.CHOOSE_WHO, render=render, take=take, taken_also_at=(Step.DONE,))
