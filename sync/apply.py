"""Carry out what was decided about a delivery, through the use cases. One short transaction each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.usecases.accounts import propose_accounts
from idp.usecases.roster import apply_roster
from idp.usecases.roster_runs import hold_run, reject_run

if TYPE_CHECKING:
    from datetime import datetime

    from idp.store.institutions import FoundSource
    from idp.usecases.roster import Approval, Delivery, RosterApplied
    from idp.usecases.roster_plan import RosterPlan
    from idp.usecases.system import System
    from policies.vocabulary import Reason
    from sync.records import FileRejected


def apply_plan(
    system: System, plan: RosterPlan, delivery: Delivery, approval: Approval | None = None
) -> RosterApplied | None:
    """Apply a plan in one transaction; None when it is not based on the newest delivery any more.

    Everything that takes time is done before the transaction begins: on SQLite it holds the only write lock there is.
    """
    proposals = propose_accounts(system, plan.records.added)
    with system.database.writing() as db:
        return apply_roster(db, system, plan, proposals, delivery, approval=approval)


def hold_plan(system: System, source: FoundSource, plan: RosterPlan, delivery: Delivery, reason: Reason) -> int:
    """Keep a plan for a person to look at; return the run's number."""
    with system.database.writing() as db:
        return hold_run(db, system, source, plan, delivery, reason)


def reject_file(
    system: System,
    delivery: Delivery,
    rejected: FileRejected,
    *,
    institution_id: int | None,
    source_id: int | None,
    source_datetime: datetime | None,
) -> int:
    """Put on record that a file was rejected; return the run's number."""
    with system.database.writing() as db:
        return reject_run(
            db, system, delivery, fault=rejected.fault.value,
            institution_id=institution_id, source_id=source_id, source_datetime=source_datetime,
        )  # fmt: skip
