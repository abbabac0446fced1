"""When attachments and accounts end. Rows end; erasing them is an act of its own (decision 3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.rules import LifetimeRules


def is_current(today: date, starts: date | None, ends: date | None) -> bool:
    """Say whether something that carries from and to dates holds today; both days belong to it, None is open."""
    return (starts is None or starts <= today) and (ends is None or today <= ends)


def attachment_ends_at(rules: LifetimeRules, renewed_at: datetime) -> datetime:
    """Return when an attachment that nobody renews ends (STIL: imports and manual attachments after a year)."""
    return renewed_at + timedelta(days=rules.unrenewed_attachment_days)


def attachment_warns_at(rules: LifetimeRules, renewed_at: datetime) -> datetime:
    """Return from when administrators are told that an attachment is about to end."""
    return attachment_ends_at(rules, renewed_at) - timedelta(days=rules.warn_days)


def account_may_be_erased_at(rules: LifetimeRules, last_attachment_ended_at: datetime) -> datetime:
    """Return the earliest time to erase an account without attachments (STIL keeps the user id at least a year)."""
    return last_attachment_ended_at + timedelta(days=rules.account_kept_days)
