"""The page on which a person allows a service that is not the school's to be told who they are, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from idp.login.steps import consent
from idp.web.login_flow import Page, address, allowed_or_refused, to
from idp.web.page import page
from idp.web.site import site
from policies.vocabulary import ActorGroup, Reason, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from flask_babel import LazyString
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.dispatch import Position
    from idp.usecases.consents import Asked

_THAT_YOU_ARE: Final[Mapping[ActorGroup, LazyString]] = {
    ActorGroup.PUPIL: _l("That you are a pupil"),
    ActorGroup.STAFF: _l("That you work at a school"),
    ActorGroup.EXTERNAL: _l("That you come to a school from outside"),
    ActorGroup.CONTACT: _l("That you are a parent or contact"),
}
_NAME: Final = frozenset({"name", "given_name", "family_name"})


def kinds(asked: Asked) -> list[tuple[str, str | None]]:
    """Return in words what would be told: the kind of it, and of the name which one it is."""
    told: list[tuple[str, str | None]] = []
    if asked.wish.claims & _NAME:
        shown = asked.released.get("name") or asked.released.get("given_name") or asked.released.get("family_name")
        told.append((_("Your name"), str(shown)))
    if "aktoer_gruppe" in asked.wish.claims:
        told.append((str(_THAT_YOU_ARE[asked.actor_group]), None))
    told.append((_("A number that only this service knows you by"), None))
    told.append((_("How safely you have logged in"), None))
    if "offline_access" in asked.wish.scope:
        told.append((_("All of this also later, when you have logged out"), None))
    return told


def render(attempt: Attempt, at: Position) -> Response:
    """Name the service and what it would be told, with two answers."""
    if at.consent is None:
        raise AssertionError("there is nothing to allow")
    shown: dict[str, Any] = {
        "action": address(attempt.handle, PAGE.name),
        "username": attempt.username,
        "restart_url": address(attempt.handle, "username"),
        "about": consent.about(attempt, at.consent),
        "told": kinds(at.consent),
        "protected": at.consent.protected,
        "own_page": site().own_page is not None,
    }
    return page("login/consent.html", **shown)


def take(db: Session, attempt: Attempt, at: Position, browser: Browser) -> Response:
    """Take the answer, if it is one to what is asked now; else ask again."""
    if at.consent is None:
        return to(attempt.handle, PAGE.name)
    return allowed_or_refused(
        db,
        attempt,
        browser,
        PAGE.name,
        about=consent.about(attempt, at.consent),
        allow=lambda: consent.allow(db, site().system, attempt, at),
        refusal=Reason.CONSENT_REFUSED,
    )


PAGE: Final = Page(name="consent", step=Step.CONSENT, render=render, take=take)
