"""Deliveries that change nothing: rejected as a whole, or held until a named, entitled person approves (decision 26)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.audit import AuditEvent
from idp.store import sync_runs
from idp.usecases.roster_plan import RosterPlan, plan_from_json
from policies.vocabulary import Right

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.institutions import FoundSource
    from idp.usecases.roster import Delivery
    from idp.usecases.system import System
    from policies.vocabulary import Reason

MAY_APPROVE = (Right.USER_ADMINISTRATOR, Right.SCHOOL_MANAGEMENT, Right.OPERATOR)


@dataclass(frozen=True)
class HeldPlan:
    """A plan that waits, and what the report shows of its delivery."""

    run_id: int
    institution_id: int
    file_name: str
    plan: RosterPlan


def hold_run(
    db: Session, system: System, source: FoundSource, plan: RosterPlan, delivery: Delivery, reason: Reason
) -> int:
    """Keep a plan that is too large to be applied unattended, and return the run's number. Nothing else changes."""
    values = {
        "institution_id": source.institution_id,
        "source_id": source.id,
        "status": "held",
        "file_name": delivery.file_name,
        "file_digest": delivery.file_digest,
        "source_datetime": plan.source_datetime,
        "school_year": plan.school_year,
        "plan": plan.as_json(),
        "counts": plan.counts(),
        "rejections": delivery.rejections,
        "fault": reason.value,
        "started_at": delivery.started_at,
    }
    run_id = sync_runs.write_run(db, values)
    facts: dict[str, str | int | bool | None] = {
        "run": run_id,
        "reason": reason.value,
        "records_ended": len(plan.records.ended),
    }
    system.record(db, AuditEvent.IMPORT_HELD, institution_id=source.institution_id, facts=facts)
    return run_id


def reject_run(
    db: Session,
    system: System,
    delivery: Delivery,
    *,
    fault: str,
    institution_id: int | None = None,
    source_id: int | None = None,
    source_datetime: datetime | None = None,
) -> int:
    """Put on record that a file was rejected, and return the run's number."""
    values = {
        "institution_id": institution_id,
        "source_id": source_id,
        "status": "rejected",
        "file_name": delivery.file_name,
        "file_digest": delivery.file_digest,
        "source_datetime": source_datetime,
        "fault": fault,
        "started_at": delivery.started_at,
        "finished_at": system.now(),
    }
    run_id = sync_runs.write_run(db, values)
    system.record(
        db, AuditEvent.IMPORT_REJECTED, institution_id=institution_id, facts={"run": run_id, "fault": fault}
    )  # fmt: skip
    return run_id


def held_plan(db: Session, run_id: int) -> HeldPlan | None:
    """Return a held plan; None when there is no such run, or it is not held any more."""
    run = sync_runs.held_run(db, run_id)
    return HeldPlan(run.id, run.institution_id, run.file_name, plan_from_json(run.plan)) if run else None


def approver(db: Session, system: System, username: str, institution_id: int) -> int | None:
    """Return the id of the person behind a username if he may approve at the institution, else None.

    Entitled are its user administrators and its management, and operators of the installation.
    """
    return sync_runs.entitled_person(db, username, MAY_APPROVE, institution_id=institution_id, at=system.now())
