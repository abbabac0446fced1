"""A login at another identity provider in the place of a code (decision 20)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from idp.audit import AuditEvent
from idp.login.attempt import prove, save
from idp.usecases.people import account_named
from idp.usecases.sessions import ProvenFactor
from idp.usecases.upstreams import vouched_person
from policies.upstreams import factor_of, vouched_level
from policies.vocabulary import Assurance, EnrolThrough, Reason, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt, Browser
    from idp.login.vouch import Vouch
    from idp.usecases.system import System
    from idp.usecases.upstreams import Upstream

_KEPT: Final = "elsewhere"


def may_begin(attempt: Attempt) -> bool:
    """Say whether a login elsewhere helps: a new code takes the place of one's own only for who knows the old one (decision 2)."""
    return attempt.request.task is not Task.NEW_CODE


def begun(db: Session, attempt: Attempt, upstream: Upstream, kept: Mapping[str, Any]) -> None:
    """Write that the browser is on its way to a provider, with what it takes to know its answer; nothing asked before counts."""
    after = replace(attempt.for_nobody(), scratch={_KEPT: {"upstream": upstream.id, **kept}})
    save(db, after)


def under_way(attempt: Attempt) -> Mapping[str, Any] | None:
    """Return what was kept of the one request that is open, with the provider's id as ``upstream``."""
    kept: Mapping[str, Any] | None = attempt.scratch.get(_KEPT)
    return kept


def failed(db: Session, attempt: Attempt, reason: Reason) -> None:
    """Close the request, so that no further answer to it counts, and say why on the next page."""
    save(db, replace(attempt.for_nobody(), error=reason))


def submit(
    db: Session, system: System, attempt: Attempt, browser: Browser, upstream: Upstream, vouch: Vouch
) -> tuple[Attempt, Browser] | None:
    """Take what a provider vouches for; None, and the reason is kept, where it may not vouch for that person.

    The person acts through an attachment that the provider was registered for, whatever others they have.
    """
    person = None if upstream.disabled or not may_begin(attempt) else vouched_person(db, system, upstream, vouch.name)
    account = account_named(db, system, person.username) if person is not None else None
    own = next((each for each in account.choices if each in person.affiliations), None) if account and person else None
    if person is None or account is None or own is None:
        failed(db, attempt, Reason.ELSEWHERE_NOBODY)
        system.record(db, AuditEvent.UPSTREAM_NOT_BELIEVED, facts={"upstream": upstream.identifier})
        return None
    level = vouched_level(vouch.said_level, upstream.levels, upstream.cap)
    named = replace(
        attempt.with_name(person.username, person_id=person.person_id, kind=account.kind),
        acting=own,
        shared=browser.shared,
        enrol_through=EnrolThrough.UPSTREAM if level is Assurance.TO_FAKTOR else None,
    )
    proven = ProvenFactor(factor_of(level), min(vouch.at, system.now()), upstream_id=upstream.id)
    named, browser = prove(named, browser, proven)
    save(db, named)
    return named, browser
