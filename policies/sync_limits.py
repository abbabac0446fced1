"""When a plan is too large to be applied unattended (``data/sync_limits.toml``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from policies.decision import Allow, Deny
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.rules import SyncLimitRule

_Kind = TypeVar("_Kind", bound=str)


def brake(
    before: Mapping[_Kind, int],
    ended: Mapping[_Kind, int],
    rule: SyncLimitRule,
    *,
    new_school_year: bool = False,
) -> Allow | Deny:
    """Say whether the plan for one institution may be applied without anybody looking at it.

    ``before`` counts the current attachments of each kind, ``ended`` those the plan would end. Held when of one kind more
    than ``ends_share`` and more than ``ends_free`` would end. A new school year is held only where the rules say so.
    """
    for kind, count in ended.items():
        if count > rule.ends_free and count > rule.ends_share * before.get(kind, 0):
            return Deny(Reason.SYNC_ENDS_TOO_MANY)
    if new_school_year and rule.hold_new_school_year:
        return Deny(Reason.SYNC_NEW_SCHOOL_YEAR)
    return Allow()
