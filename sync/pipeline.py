"""One file from reading to report: read, validate, diff, plan, apply, report. The only module that knows the order.

A dry run is the same without the last two: nothing is written, not even that somebody asked. While a file is read and
planned no transaction is open.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from idp.errors import ConfigurationFault
from idp.store import institutions, rosters
from idp.usecases.accounts import CPR_PURPOSE, cpr_index
from idp.usecases.roster import Approval, Delivery
from idp.usecases.roster_runs import approver, held_plan
from policies.decision import Deny
from policies.sync_limits import brake
from sync.apply import apply_plan, hold_plan, reject_file
from sync.plan import Comparison, Wanted
from sync.read.skolegrunddata_xml import read
from sync.records import Fault, FileRejected, RawGroup, RawHeader, RawPerson, Rejection
from sync.report import ImportReport, Outcome
from sync.validate import Expected, Header, check_group, check_header, check_person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from idp.store.institutions import FoundSource
    from idp.store.rosters import RosterState
    from idp.usecases.roster_plan import RosterPlan
    from idp.usecases.system import System
    from policies.vocabulary import Reason


def import_file(
    system: System, path: Path | str, *, dry_run: bool = False, progress: Callable[[int, int], object] | None = None
) -> ImportReport:
    """Import one file and report. Faults of the file are in the report, not raised.

    ``progress`` is called with the bytes read and the bytes there are, piece by piece. With ``dry_run`` the plan is
    made and nothing is written. Raises :class:`idp.errors.ConfigurationFault` when ``site.time_zone`` is no zone.
    """
    return _Import(system, Path(path), dry_run=dry_run, progress=progress).run()


def approve_held(system: System, run_id: int, username: str) -> ImportReport | None:
    """Apply a held plan on behalf of a person who may (decision 26).

    None when there is no such held run or the person may not approve at its institution. Rejected when another
    delivery has been loaded since.
    """
    with system.database.reading() as db:
        held = held_plan(db, run_id)
        person_id = approver(db, system, username, held.institution_id) if held else None
    if held is None or person_id is None:
        return None
    plan = held.plan
    delivery = Delivery(held.file_name, None, system.now())
    done = apply_plan(system, plan, delivery, Approval(run_id, person_id))
    if done is None:
        return ImportReport(
            held.file_name, Outcome.REJECTED, plan.institution, plan.source, run_id, fault=Fault.CHANGED_MEANWHILE
        )  # fmt: skip
    return ImportReport(
        held.file_name, Outcome.APPROVED, plan.institution, plan.source, run_id, plan,
        accounts_made=done.accounts_made, accounts_attached=done.accounts_attached,
    )  # fmt: skip


class _Import:
    """One file's way through. What is known of the delivery is remembered as it becomes known."""

    def __init__(
        self, system: System, path: Path, *, dry_run: bool, progress: Callable[[int, int], object] | None
    ) -> None:
        self._system, self._path, self._dry_run, self._progress = system, path, dry_run, progress
        self._zone = _zone(system.settings.site.time_zone)
        self._started = system.now()
        self._sha256 = hashlib.sha256()
        self._read = self._size = 0
        self._header: Header | None = None
        self._institution_id: int | None = None
        self._source: FoundSource | None = None
        self._rejections: list[Rejection] = []
        self._people = 0

    def run(self) -> ImportReport:
        """Go the whole way."""
        try:
            with self._open() as stream, closing(read(stream, fed=self._fed)) as records:
                header, source, state = self._identify(records)
                wanted = self._gather(records, state)
        except FileRejected as rejected:
            return self._rejected(rejected)
        plan = self._plan(header, source, state, wanted)
        return self._carry_out(plan, source, state)

    def _open(self) -> IO[bytes]:
        try:
            self._size = self._path.stat().st_size
            return self._path.open("rb")
        except OSError:
            raise FileRejected(Fault.FILE_UNREADABLE) from None

    def _fed(self, chunk: bytes) -> None:
        self._sha256.update(chunk)
        self._read += len(chunk)
        if self._progress is not None:
            self._progress(self._read, self._size)

    def _identify(self, records: Iterator[object]) -> tuple[Header, FoundSource, RosterState]:
        """Check who delivers for whom, and read what is known of them."""
        first = next(records)
        assert isinstance(first, RawHeader)  # noqa: S101 (the reader's promise)
        header = self._header = check_header(first, self._zone, self._started)
        with self._system.database.reading() as db:
            institution = institutions.find_institution(db, header.institution)
            if institution is None:
                raise FileRejected(Fault.UNKNOWN_INSTITUTION)
            self._institution_id = institution.id
            source = self._source = institutions.find_source(db, header.institution, header.source)
            if source is None or not source.approved:
                raise FileRejected(Fault.UNKNOWN_SOURCE)
            if source.last_source_datetime is not None and header.source_datetime <= source.last_source_datetime:
                raise FileRejected(Fault.SOURCE_DATETIME_NOT_NEWER)
            return header, source, rosters.state_of(db, source.id)

    def _gather(self, records: Iterator[object], state: RosterState) -> Wanted:
        """Validate record by record, and keep what differs from what is known."""

        @lru_cache(maxsize=4096)
        def index(cpr: str) -> bytes:
            return cpr_index(self._system, cpr)

        def seal(cpr: str) -> bytes:
            return self._system.sealer.seal(cpr.encode("ascii"), purpose=CPR_PURPOSE)

        wanted = Wanted(state, index=index, seal=seal)
        group_types: dict[str, str] = {}
        expected = Expected(state.cpr_index_of, group_types, index)
        seen: set[str] = set()
        for raw in records:
            if isinstance(raw, RawGroup):
                self._take_group(raw, wanted, group_types)
            elif isinstance(raw, RawPerson):
                self._take_person(raw, wanted, expected, seen)
        wanted.finish()
        return wanted

    def _take_group(self, raw: RawGroup, wanted: Wanted, group_types: dict[str, str]) -> None:
        group = check_group(raw, group_types)
        if isinstance(group, Rejection):
            self._rejections.append(group)
            if group.local_id:
                wanted.keep_group(group.local_id)
            return
        group_types[group.code] = group.body["type"]
        wanted.group(group)

    def _take_person(self, raw: RawPerson, wanted: Wanted, expected: Expected, seen: set[str]) -> None:
        self._people += 1 + len(raw.contacts)
        member, left_out = check_person(raw, expected, seen)
        self._rejections += left_out
        if isinstance(member, Rejection):
            self._rejections.append(member)
            wanted.keep_person(raw.local_id)
            return
        seen.add(member.local_id)
        wanted.member(member)

    def _plan(self, header: Header, source: FoundSource, state: RosterState, wanted: Wanted) -> RosterPlan:
        comparison = Comparison(state, wanted)
        with self._system.database.reading() as db:
            before = {
                "groups": rosters.group_bodies(db, comparison.changed_ids("groups")),
                "records": rosters.record_bodies(db, comparison.changed_ids("records")),
                "ties": rosters.tie_bodies(db, comparison.changed_ids("ties")),
            }
        return comparison.plan(
            institution=header.institution,
            source=header.source,
            base=source.last_source_datetime,
            source_datetime=header.source_datetime,
            school_year=header.school_year,
            before=before,
        )

    def _carry_out(self, plan: RosterPlan, source: FoundSource, state: RosterState) -> ImportReport:
        new_year = source.school_year is not None and source.school_year != plan.school_year
        limits = self._system.rules.sync_limits
        answer = brake(state.attachments(), plan.ended_by_actor_group(), limits, new_school_year=new_year)
        held_for = answer.reason if isinstance(answer, Deny) else None
        if self._dry_run:
            return self._report(Outcome.PLANNED, plan, held_for=held_for)
        if held_for is not None:
            run_id = hold_plan(self._system, source, plan, self._delivery(), held_for)
            return self._report(Outcome.HELD, plan, run_id=run_id, held_for=held_for)
        done = apply_plan(self._system, plan, self._delivery())
        if done is None:
            return self._rejected(FileRejected(Fault.CHANGED_MEANWHILE))
        outcome = Outcome.UNCHANGED if plan.is_empty else Outcome.APPLIED
        return self._report(
            outcome, plan, run_id=done.run_id, made=done.accounts_made, attached=done.accounts_attached
        )  # fmt: skip

    def _delivery(self) -> Delivery:
        stored = [rejection.as_json() for rejection in self._rejections]
        return Delivery(self._path.name[-255:], self._sha256.digest(), self._started, stored)

    def _rejected(self, rejected: FileRejected) -> ImportReport:
        run_id = None
        if not self._dry_run:
            run_id = reject_file(
                self._system, self._delivery(), rejected,
                institution_id=self._institution_id,
                source_id=self._source.id if self._source else None,
                source_datetime=self._header.source_datetime if self._header else None,
            )  # fmt: skip
        return ImportReport(
            self._path.name, Outcome.REJECTED,
            self._header.institution if self._header else "", self._header.source if self._header else "",
            run_id, fault=rejected.fault, fault_detail=rejected.detail, people=self._people,
        )  # fmt: skip

    def _report(
        self,
        outcome: Outcome,
        plan: RosterPlan,
        *,
        run_id: int | None = None,
        held_for: Reason | None = None,
        made: int = 0,
        attached: int = 0,
    ) -> ImportReport:
        return ImportReport(
            self._path.name, outcome, plan.institution, plan.source, run_id, plan, tuple(self._rejections),
            held_for=held_for, people=self._people, accounts_made=made, accounts_attached=attached,
        )  # fmt: skip


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigurationFault([f"site.time_zone: {name} is no time zone."]) from None
