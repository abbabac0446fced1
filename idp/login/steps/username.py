"""Username first. Every name is answered alike, whether somebody has it or not (decision 14)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from idp.login.attempt import save
from idp.login.turns import with_turn
from idp.usecases.people import account_named, normalise_name
from idp.usecases.windows import window_held_by
from policies.cards import looks_like_a_scan
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.usecases.system import System

_TYPED: Final = "typed"


def submit(db: Session, system: System, attempt: Attempt, browser: Browser, typed: str) -> Attempt:
    """Take the typed name; whatever was proven for another one is forgotten. The attempt's ``error`` says what is wrong.

    The login takes its place in the queue before the name is looked up, so that every name waits alike.
    A browser that holds an activation window for the person goes on with it (decision 8).
    """
    attempt = replace(attempt, shared=browser.shared)
    name = normalise_name(typed)
    if not name or "\0" in name:  # PostgreSQL keeps no NUL, and nobody types one
        after = replace(attempt, error=Reason.USERNAME_MISSING)
        save(db, after)
        return after
    placed = with_turn(system, attempt, browser)
    if placed is None:
        after = replace(attempt, error=Reason.QUEUE_FULL)
        save(db, after)
        return after
    account = account_named(db, system, name)
    held = window_held_by(db, system, person_id=account.person_id, secrets=browser.handovers)
    named = replace(
        placed.with_name(name, person_id=account.person_id, kind=account.kind), window_id=held[0] if held else None
    )
    save(db, named)
    return named


def typed_so_far(db: Session, attempt: Attempt, typed: str) -> None:
    """Keep what stands in the field while the page changes its language; nobody is looked up by it. A card is not kept."""
    if looks_like_a_scan(typed):
        return
    save(db, replace(attempt, scratch={**attempt.scratch, _TYPED: normalise_name(typed).replace("\0", "")}))


def typed_name(attempt: Attempt) -> str | None:
    """Return what the field of the page holds: what was typed and not sent comes before what was sent."""
    typed: str | None = attempt.scratch.get(_TYPED)
    return typed or attempt.username
