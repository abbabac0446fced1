"""Clearing away what is over and has no value on record. How long it is kept: ``policies/data/lifetimes.toml``.

Rows of the school and of the record (attachments, sessions, events) end and stay (decision 3).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from idp.store import housekeeping as store

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from idp.usecases.system import System

AT_MOST: Final = 500
"""Rows in one transaction."""


def clear_attempts(db: Session, system: System) -> int:
    """Clear logins that nobody finished."""
    return store.clear_attempts(db, system.now() - _kept(system.rules.lifetimes.attempt_kept_days), at_most=AT_MOST)


def clear_messages(db: Session, system: System) -> int:
    """Clear ids of messages that must not come twice, and no longer can."""
    return store.clear_messages(db, system.now() - _kept(system.rules.lifetimes.message_kept_days), at_most=AT_MOST)


def clear_outbox(db: Session, system: System) -> int:
    """Clear messages to the outside that were sent or given up."""
    return store.clear_outbox(db, system.now() - _kept(system.rules.lifetimes.outbox_kept_days), at_most=AT_MOST)


def clear_guesses(db: Session, system: System) -> int:
    """Clear counters of wrong codes whose window has passed (decision 13)."""
    now, rules = system.now(), system.rules.lockout
    windows = {
        "device": rules.known_device.window,
        "name": max(rule.window for rule in rules.strangers.values()),
        "second-factor": rules.second_factor.window,
        "card": system.rules.cards.guesses.window,
        "scans": rules.network.window,
        "user-codes": rules.network.window,
        "network": rules.network.window,
        "everywhere": rules.everywhere.window,
    }
    kept = _kept(system.rules.lifetimes.guesses_kept_days)
    return sum(
        store.clear_guesses(db, scope, now - timedelta(seconds=window) - kept, now, at_most=AT_MOST)
        for scope, window in windows.items()
    )


def clear_shown_errors(db: Session, system: System) -> int:
    """Clear error pages that nobody has asked about in time."""
    return store.clear_shown_errors(
        db, system.now() - _kept(system.rules.lifetimes.shown_error_kept_days), at_most=AT_MOST
    )


def clear_failed_requests(db: Session, system: System) -> int:
    """Clear services' refused requests that nobody has asked about in time."""
    return store.clear_failed_requests(
        db, system.now() - _kept(system.rules.lifetimes.failed_request_kept_days), at_most=AT_MOST
    )


def clear_access_tokens(db: Session, system: System) -> int:
    """Clear access tokens that have expired."""
    return store.clear_access_tokens(db, system.now() - _kept(system.rules.lifetimes.token_kept_days), at_most=AT_MOST)


def clear_pushed_requests(db: Session, system: System) -> int:
    """Clear authorization requests that were pushed and are over."""
    before = system.now() - _kept(system.rules.lifetimes.token_kept_days)
    return store.clear_pushed_requests(db, before, at_most=AT_MOST)


def clear_saml_logouts(db: Session, system: System) -> int:
    """Clear logouts through the browser that are over."""
    return store.clear_saml_logouts(db, system.now() - _kept(system.rules.lifetimes.token_kept_days), at_most=AT_MOST)


def clear_devices(db: Session, system: System) -> int:
    """Clear devices that wait for nobody any more."""
    return store.clear_devices(db, system.now() - _kept(system.rules.lifetimes.token_kept_days), at_most=AT_MOST)


def clear_initial_tokens(db: Session, system: System) -> int:
    """Clear tokens with which nobody can register a service any more."""
    before = system.now() - _kept(system.rules.lifetimes.token_kept_days)
    return store.clear_initial_tokens(db, before, at_most=AT_MOST)


def clear_presented_jwts(db: Session, system: System) -> int:
    """Clear ids of signed statements at once when those are over: there is one for every request, and nobody asks."""
    return store.clear_presented_jwts(db, system.now(), at_most=AT_MOST)


def clear_refresh_tokens(db: Session, system: System) -> int:
    """Clear refresh tokens that have expired."""
    return store.clear_refresh_tokens(db, system.now() - _kept(system.rules.lifetimes.token_kept_days), at_most=AT_MOST)


def clear_grants(db: Session, system: System) -> int:
    """Clear grants with their codes, when no token is left of them."""
    return store.clear_grants(db, system.now() - _kept(system.rules.lifetimes.token_kept_days), at_most=AT_MOST)


SWEEPS: Final[tuple[Callable[[Session, System], int], ...]] = (
    clear_attempts,
    clear_messages,
    clear_outbox,
    clear_guesses,
    clear_shown_errors,
    clear_failed_requests,
    clear_presented_jwts,
    clear_pushed_requests,
    clear_saml_logouts,
    clear_initial_tokens,
    clear_devices,
    clear_access_tokens,  # all three before the grants that they belong to
    clear_refresh_tokens,
    clear_grants,
)
"""Each clears some rows and says how many. A unit of work of its own for each call, until it says 0."""


def _kept(days: int) -> timedelta:
    return timedelta(days=days)
