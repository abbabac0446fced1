"""What of that which a login has proven still counts: codes are replaced, and whoever vouched may do so no more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from idp.login.attempt import before_the_code
from idp.usecases.upstreams import vouched_attachments
from policies.vocabulary import Factor

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.login.attempt import Attempt
    from idp.usecases.people import Account

BY_CODE: Final = frozenset({Factor.PICTURES, Factor.PASSWORD})


def as_proven_now(attempt: Attempt, account: Account) -> Attempt:
    """Return the attempt unproven if a code of it has been replaced or suspended since.

    A one-time code that was given beside it says nothing alone; a passkey is asked for anew.
    """
    since = account.code_issued_at
    by_code = [proven for proven in attempt.factors if proven.factor in BY_CODE]
    counts = all(since is not None and proven.proven_at >= since for proven in by_code)
    return attempt if counts else before_the_code(attempt)


def as_vouched_now(db: Session, attempt: Attempt, account: Account) -> tuple[Attempt, Account]:
    """Return the attempt unproven if nobody vouches for the person any more, and the choices bounded by who does (decision 20)."""
    by = {proven.upstream_id for proven in attempt.factors if proven.upstream_id is not None}
    if not by or attempt.person_id is None:
        return attempt, account
    vouched = vouched_attachments(db, by, attempt.person_id)
    choices = tuple(each for each in account.choices if each in vouched)
    return (attempt, replace(account, choices=choices)) if choices else (before_the_code(attempt), account)
