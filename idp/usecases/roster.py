"""Carry out a roster plan: one transaction, one audit event that refers to the stored run (decision 23).

An import cannot capture an account (decision 2): whoever is known by CPR number keeps account, username and code, and
the new attachment has no power over them until it is confirmed. Rows end, they are not deleted (decision 3); when the
attachment at the primary institution ends, that institution stays primary until a policy says otherwise.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from idp.audit import AuditEvent
from idp.store import code_stages, institutions, rosters, sync_runs
from idp.store.affiliations import Affiliation
from idp.store.bulk import end_rows, in_pieces, insert_rows, queue_for_accounts, update_rows
from idp.store.contacts import Contact
from idp.store.db import reserve_ids
from idp.store.groups import Membership, SchoolGroup
from idp.store.people import Person, SchoolRecord, Username
from idp.usecases import code_lifetimes
from idp.usecases.accounts import Proposal, settle_names
from idp.usecases.sessions import end_sessions_through
from policies.vocabulary import ActorGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import Base
    from idp.store.institutions import FoundSource
    from idp.usecases.roster_plan import Added, Body, Key, RosterPlan
    from idp.usecases.system import System

CONFIRMED_FIRST = "first"
CONFIRMED_PRIMARY = "primary"


@dataclass(frozen=True)
class Delivery:
    """What is kept about the file that a plan came from."""

    file_name: str
    file_digest: bytes | None
    started_at: datetime
    rejections: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Approval:
    """A held run and the person who approves it."""

    run_id: int
    person_id: int


@dataclass(frozen=True)
class RosterApplied:
    """``accounts_made`` are new; ``accounts_attached`` were known and got a further attachment."""

    run_id: int
    accounts_made: int = 0
    accounts_attached: int = 0


def apply_roster(
    db: Session,
    system: System,
    plan: RosterPlan,
    proposals: dict[bytes, Proposal],
    delivery: Delivery,
    *,
    approval: Approval | None = None,
) -> RosterApplied | None:
    """Carry out the plan. None, and nothing written, when it is no longer based on the newest delivery.

    ``proposals`` come from :func:`idp.usecases.accounts.propose_accounts`, before the transaction. With ``approval``
    the held run is marked approved, else a run is written.
    """
    source = institutions.find_source(db, plan.institution, plan.source, lock=True)
    if source is None or not source.approved or source.last_source_datetime != plan.base:
        return None
    if approval is not None:
        kept = plan.as_json(bodies=False)
        if not sync_runs.approve_run(db, approval.run_id, approved_by=approval.person_id, plan=kept, at=system.now()):
            return None
    work = _Work(db, system, source, plan)
    work.end()
    work.change()
    made, attached = work.add(proposals)
    work.settle_codes()
    institutions.source_delivered(db, source.id, plan.source_datetime, plan.school_year)
    run_id = approval.run_id if approval else _write_run(db, system, source, plan, delivery)
    if not plan.is_empty:
        done: dict[str, str | int | bool | None] = {name: count for name, count in plan.counts().items() if count}
        system.record(
            db, AuditEvent.IMPORT_APPLIED, actor_id=approval.person_id if approval else None,
            institution_id=source.institution_id,
            facts={"run": run_id, "accounts_made": made, "accounts_attached": attached, **done},
        )  # fmt: skip
    return RosterApplied(run_id, made, attached)


def _write_run(db: Session, system: System, source: FoundSource, plan: RosterPlan, delivery: Delivery) -> int:
    values = {
        "institution_id": source.institution_id,
        "source_id": source.id,
        "status": "unchanged" if plan.is_empty else "applied",
        "file_name": delivery.file_name,
        "file_digest": delivery.file_digest,
        "source_datetime": plan.source_datetime,
        "school_year": plan.school_year,
        "plan": plan.as_json(bodies=False),
        "counts": plan.counts(),
        "rejections": delivery.rejections,
        "started_at": delivery.started_at,
        "finished_at": system.now(),
    }
    return sync_runs.write_run(db, values)


class _Work:
    """The three strokes of a plan, in the order that the unique indexes need: end, change, add."""

    def __init__(self, db: Session, system: System, source: FoundSource, plan: RosterPlan) -> None:
        self.db, self.system, self.source, self.plan = db, system, source, plan
        self.now = system.now()
        self.attached: list[int] = []
        """The people who had an account already and are attached by this plan."""

    def end(self) -> None:
        """End memberships and ties before the attachments, records and groups that they hang on."""
        plan = self.plan
        ended = [row.id for row in plan.records.ended]
        end_rows(self.db, Membership, [row.id for row in plan.memberships.ended], self.now)
        end_rows(self.db, Contact, [row.id for row in plan.ties.ended], self.now)
        for some in in_pieces(ended):
            end_sessions_through(self.db, self.system, some)
        end_rows(self.db, Affiliation, ended, self.now, key="record_id")
        end_rows(self.db, SchoolRecord, ended, self.now)
        end_rows(self.db, SchoolGroup, [row.id for row in plan.groups.ended], self.now)

    def change(self) -> None:
        """Write what is said otherwise now. An attachment is written only when its level or roles changed."""
        plan, db = self.plan, self.db
        groups = [{"id": row.id, **_group_columns(row.body), "digest": row.digest} for row in plan.groups.changed]
        update_rows(db, SchoolGroup, groups)
        records = [{"id": row.id, **_record_columns(row.body), "digest": row.digest} for row in plan.records.changed]
        update_rows(db, SchoolRecord, records)
        attachments = [
            {"record_id": row.id, **_attachment_columns(row.body)}
            for row in plan.records.changed
            if _attachment_columns(row.body) != _attachment_columns(row.before)
        ]
        update_rows(db, Affiliation, attachments, key="record_id")
        update_rows(db, Membership, [{"id": row.id, "main": row.body["main"]} for row in plan.memberships.changed])
        ties = [{"id": row.id, **_tie_columns(row.body), "digest": row.digest} for row in plan.ties.changed]
        update_rows(db, Contact, ties)

    def add(self, proposals: dict[bytes, Proposal]) -> tuple[int, int]:
        """Insert what is new; return how many accounts were made, and how many known ones were attached."""
        self._insert(
            SchoolGroup,
            len(self.plan.groups.added),
            (
                {
                    **_group_columns(row.body), "code": row.key[0], "digest": row.digest,
                    "institution_id": self.source.institution_id, "source_id": self.source.id,
                }
                for row in self.plan.groups.added
            ),
        )  # fmt: skip
        known = rosters.people_by_cpr_index(self.db, proposals)
        if len(known) < len(proposals):
            queue_for_accounts(self.db)
            known |= rosters.people_by_cpr_index(self.db, proposals.keys() - known.keys())
        self.attached = [person.id for person in known.values()]
        made = self._make_accounts(proposals, known)
        self._attach(known, made)
        self._add_memberships_and_ties()
        return len(made), len(known)

    def settle_codes(self) -> None:
        """Note whose code is outgrown by what this plan changed: a new school year moves the policies by itself."""
        plan = self.plan
        levels = [row.id for row in plan.records.changed if row.body.get("level") != row.before.get("level")]
        touched = code_stages.people_of_records(self.db, [*levels, *(row.id for row in plan.records.ended)])
        code_lifetimes.settle(self.db, self.system, [*touched, *self.attached])

    def _make_accounts(
        self, proposals: dict[bytes, Proposal], known: Mapping[bytes, rosters.FoundPerson]
    ) -> dict[bytes, int]:
        wanted = {index: proposal for index, proposal in proposals.items() if index not in known}
        settled = settle_names(self.db, self.system, wanted)
        sealed = {body["cpr_index"]: body["cpr_sealed"] for body in (row.body for row in self.plan.records.added)}
        ids = dict(zip(settled, reserve_ids(self.db, Person, len(settled)), strict=True))
        people = (
            {
                "id": ids[index], "uniid": proposal.uniid, "cpr_index": index,
                "cpr_sealed": base64.b64decode(sealed[index.hex()]),
                "primary_institution_id": self.source.institution_id, "created_at": self.now,
            }
            for index, proposal in settled.items()
        )  # fmt: skip
        names = (
            {"name": proposal.username, "person_id": ids[index], "valid_from": self.now}
            for index, proposal in settled.items()
        )
        for model, rows in ((Person, people), (Username, names)):
            for some in in_pieces(rows):
                insert_rows(self.db, model, some)
        return ids

    def _attach(self, known: Mapping[bytes, rosters.FoundPerson], made: Mapping[bytes, int]) -> None:
        added = self.plan.records.added
        institution = self.source.institution_id
        people = [self._person(row, known, made) for row in added]
        record_ids = self._insert(
            SchoolRecord,
            len(added),
            (
                {
                    **_record_columns(row.body), "person_id": person, "institution_id": institution,
                    "source_id": self.source.id, "kind": _kind(row.key), "local_id": row.key[1], "digest": row.digest,
                }
                for row, (person, _) in zip(added, people, strict=True)
            ),
        )  # fmt: skip
        self._insert(
            Affiliation,
            len(added),
            (
                {
                    **_attachment_columns(row.body), "person_id": person, "record_id": record_id,
                    "institution_id": institution, "actor_group": row.key[0],
                    "confirmed_at": self.now if confirmed else None, "confirmed_how": confirmed,
                }
                for row, (person, confirmed), record_id in zip(added, people, record_ids, strict=True)
            ),
        )  # fmt: skip

    def _person(
        self, row: Added, known: Mapping[bytes, rosters.FoundPerson], made: Mapping[bytes, int]
    ) -> tuple[int, str | None]:
        """Return whose record it is, and by what right the attachment is confirmed at once, if it is (decision 2)."""
        index = bytes.fromhex(row.body["cpr_index"])
        if index in made:
            return made[index], CONFIRMED_FIRST
        person = known[index]
        at_home = person.primary_institution_id == self.source.institution_id
        return person.id, CONFIRMED_PRIMARY if at_home else None

    def _add_memberships_and_ties(self) -> None:
        memberships, ties = self.plan.memberships.added, self.plan.ties.added
        if not memberships and not ties:
            return
        attached = rosters.affiliations_by_key(self.db, self.source.id)
        groups = rosters.groups_by_code(self.db, self.source.id)
        self._insert(
            Membership,
            len(memberships),
            (
                {"affiliation_id": attached[row.key[:2]], "group_id": groups[row.key[2]], "main": row.body["main"]}
                for row in memberships
            ),
        )
        pupil, contact = ActorGroup.PUPIL.value, ActorGroup.CONTACT.value
        self._insert(
            Contact,
            len(ties),
            (
                {
                    **_tie_columns(row.body), "digest": row.digest,
                    "pupil_affiliation_id": attached[pupil, row.key[0]],
                    "contact_affiliation_id": attached[contact, row.key[1]],
                }
                for row in ties
            ),
        )  # fmt: skip

    def _insert(self, model: type[Base], count: int, rows: Iterable[dict[str, Any]]) -> Sequence[int]:
        """Insert ``count`` rows that begin now, some at a time; return their ids in order."""
        ids = reserve_ids(self.db, model, count)
        numbered = ({**row, "id": row_id, "valid_from": self.now} for row_id, row in zip(ids, rows, strict=True))
        for some in in_pieces(numbered):
            insert_rows(self.db, model, some)
        return ids


def _kind(key: Key) -> str:
    return "contact" if key[0] == ActorGroup.CONTACT.value else "person"


def _group_columns(body: Body) -> dict[str, Any]:
    columns = {name: body.get(name) for name in rosters.GROUP_FIELDS}
    return {**columns, "starts_on": _date(body.get("starts_on")), "ends_on": _date(body.get("ends_on"))}


def _record_columns(body: Body) -> dict[str, Any]:
    columns = {name: body.get(name) for name in rosters.RECORD_FIELDS}
    return {**columns, "birth_date": _date(body.get("birth_date")), "details": body["details"]}


def _attachment_columns(body: Body) -> dict[str, Any]:
    return {"level": body.get("level"), "roles": body["roles"]}


def _tie_columns(body: Body) -> dict[str, Any]:
    return {name: body.get(name) for name in rosters.TIE_FIELDS}


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
