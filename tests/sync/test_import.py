"""A source's file in, people and a plan out; on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text

from idp.audit import AuditEvent as Event
from idp.store.affiliations import Affiliation
from idp.store.audit import AuditEvent
from idp.store.base import Base
from idp.store.contacts import Contact
from idp.store.groups import Membership, SchoolGroup
from idp.store.institutions import ImportSource
from idp.store.login_sessions import LoginSession, insert_participant
from idp.store.outbox import OutboxMessage
from idp.store.people import Person, SchoolRecord, Username
from idp.store.sync_runs import SyncRun
from idp.usecases.accounts import CPR_PURPOSE
from idp.usecases.sessions import begin_session
from policies.identifiers import UNAMBIGUOUS
from policies.vocabulary import Protocol
from sync.report import Outcome, report_lines
from tests import recipes
from tests.recipes.deliveries import (
    a_contact_element,
    a_delivery,
    a_group_element,
    a_pupil_element,
    a_teacher_element,
    an_importing_school,
    cpr,
    delivered,
    without_brake,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import InstrumentedAttribute

    from idp.usecases.roster_plan import RosterPlan
    from idp.usecases.system import System
    from sync.report import ImportReport
    from tests.conftest import StandingClock

LATER, LATEST = "2026-09-01T06:00:00", "2026-10-01T06:00:00"
MOTHER, FATHER = a_contact_element(cpr(60)), a_contact_element(cpr(61), relation="Far", custody="false", first="Jens")
GROUPS = (
    a_group_element("1a", name="Egernene") + a_group_element("2b", level="2") + a_group_element("Kor", "Hold", None)
)
ASTA = a_pupil_element("el-1", cpr(1), groups=["Kor"], contacts=[MOTHER, FATHER])
BO = a_pupil_element("el-2", cpr(2), first="Bo", level="2", main="2b", contacts=[MOTHER])
VIGGO = a_teacher_element("an-7", cpr(100), first="Viggo", roles=["Leder", "Lærer"], groups=["1a", "Lærerne"])
KAREN = a_teacher_element("an-8", cpr(60), first="Karen")
SCHOOL = (GROUPS, ASTA, BO, VIGGO, KAREN)


def contents(system: System) -> dict[str, list[Any]]:
    """Every row of every table."""
    with system.database.reading() as db:
        return {table.name: sorted(map(repr, db.execute(select(table)).all())) for table in Base.metadata.sorted_tables}


def changed_tables(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> set[str]:
    return {name for name in after if before[name] != after[name]}


def current(system: System, model: type[Base], *columns: InstrumentedAttribute[Any]) -> list[tuple[Any, ...]]:
    with system.database.reading() as db:
        rows = db.execute(select(*columns).where(model.valid_to.is_(None)).order_by(*columns))
        return [tuple(row) for row in rows]


def username_of(system: System, number: int) -> str:
    with system.database.reading() as db:
        query = select(Username.name).join(SchoolRecord, SchoolRecord.person_id == Username.person_id)
        found = set(db.execute(query.where(SchoolRecord.local_id == f"el-{number}")).scalars())
    (name,) = found
    return name


def test_a_first_file_makes_groups_people_places_and_ties(system: System, tmp_path: Path) -> None:
    school = an_importing_school(system)
    report = delivered(system, tmp_path, a_delivery(*SCHOOL))
    assert list(report_lines(report, details=True)) == [
        "delivery.xml: applied (X00A01, Eksempel Elevadministration), run 1",
        "  groups              4 new       0 changed       0 ended",
        "  Elev                2 new       0 changed       0 ended",
        "  Medarbejder         2 new       0 changed       0 ended",
        "  Ekstern             0 new       0 changed       0 ended",
        "  Kontaktperson       2 new       0 changed       0 ended",
        "  memberships         5 new       0 changed       0 ended",
        "  contact ties        3 new       0 changed       0 ended",
        "  + group 1a", "  + group 2b", "  + group Kor", "  + group Lærerne",
        "  + Elev el-1", "  + Elev el-2", *_contacts(report, "  + {}"),
        "  + Medarbejder an-7", "  + Medarbejder an-8",
        "  + Elev el-1 in 1a", "  + Elev el-1 in Kor", "  + Elev el-2 in 2b",
        "  + Medarbejder an-7 in 1a", "  + Medarbejder an-7 in Lærerne",
        *[f"  + {_short(row.key[1])} of {row.key[0]}" for row in _plan(report).ties.added],
    ]  # fmt: skip
    # Karen is a mother and an employee: one person, two records.
    assert (report.accounts_made, report.accounts_attached, report.people) == (5, 0, 7)
    assert current(system, SchoolGroup, SchoolGroup.code, SchoolGroup.name, SchoolGroup.type, SchoolGroup.level) == [
        ("1a", "Egernene", "Hovedgruppe", "1"), ("2b", "2b", "Hovedgruppe", "2"),
        ("Kor", "Kor", "Hold", None), ("Lærerne", "Lærerne", "Andet", None),
    ]  # fmt: skip
    assert sorted(current(system, Contact, Contact.relation, Contact.custody)) == [
        ("Far", False), ("Mor", True), ("Mor", True),
    ]  # fmt: skip
    with system.database.reading() as db:
        people = db.execute(select(Person.cpr_sealed, Person.primary_institution_id)).all()
        names = set(db.execute(select(Username.name)).scalars())
        ways = set(db.execute(select(Affiliation.confirmed_how)).scalars())
        event = db.execute(select(AuditEvent.facts).where(AuditEvent.event == Event.IMPORT_APPLIED)).scalar_one()
        run = db.execute(select(SyncRun.status, SyncRun.id)).one()
    opened = {system.sealer.open(sealed, purpose=CPR_PURPOSE).decode() for sealed, _ in people}
    assert opened == {cpr(1), cpr(2), cpr(60), cpr(61), cpr(100)}
    assert {primary for _, primary in people} == {school}
    assert {name[:4] for name in names} == {"asta", "bo" + name_tail(names, "bo"), "vigg", "kare", "jens"}
    assert ways == {"first"}
    assert (event["run"], run.status) == (run.id, "applied")


def name_tail(names: set[str], stem: str) -> str:
    """Return what a short name was filled up with."""
    return next(name[len(stem) : 4] for name in names if name.startswith(stem))


def _plan(report: ImportReport) -> RosterPlan:
    assert report.plan is not None
    return report.plan


def _short(local_id: str) -> str:
    return f"Kontaktperson {local_id[:8]}"


def _contacts(report: ImportReport, form: str) -> list[str]:
    return [form.format(_short(row.key[1])) for row in _plan(report).records.added if row.key[0] == "Kontaktperson"]


def test_no_cpr_number_is_anywhere_in_the_clear(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    report = delivered(system, tmp_path, a_delivery(*SCHOOL))
    everything = str(contents(system)) + repr(report) + "\n".join(report_lines(report, details=True))
    assert not [n for n in (1, 2, 60, 61, 100) if cpr(n) in everything]


@pytest.mark.parametrize("people", [(ASTA, BO, VIGGO, KAREN), (KAREN, BO, VIGGO, ASTA)])
def test_the_same_data_again_changes_only_the_time_of_the_source(
    system: System, tmp_path: Path, people: tuple[str, ...]
) -> None:
    an_importing_school(system)
    delivered(system, tmp_path, a_delivery(*SCHOOL))
    before = contents(system)
    report = delivered(system, tmp_path, a_delivery(GROUPS, *people, at=LATER))
    assert report.outcome is Outcome.UNCHANGED
    assert _plan(report).is_empty
    assert changed_tables(before, contents(system)) == {"import_source", "sync_run"}


def test_a_dry_run_prints_the_plan_and_changes_nothing(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    before = contents(system)
    planned = delivered(system, tmp_path, a_delivery(*SCHOOL), dry_run=True)
    delivered(system, tmp_path, a_delivery(*SCHOOL)[:-9], dry_run=True)
    assert contents(system) == before
    applied = delivered(system, tmp_path, a_delivery(*SCHOOL))
    assert planned.outcome is Outcome.PLANNED
    assert list(report_lines(planned, details=True))[1:] == list(report_lines(applied, details=True))[1:]


def test_only_what_changed_is_written(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    delivered(system, tmp_path, a_delivery(*SCHOOL))
    moved = a_pupil_element("el-1", cpr(1), level="2", main="2b", groups=["1a"], contacts=[MOTHER, FATHER])
    before = contents(system)
    report = delivered(system, tmp_path, a_delivery(GROUPS, moved, BO, VIGGO, KAREN, at=LATER))
    assert list(report_lines(report, details=True))[-4:] == [
        "  ~ Elev el-1: level",
        "  + Elev el-1 in 2b",
        "  ~ Elev el-1 in 1a: main",
        "  - Elev el-1 in Kor",
    ]
    after = contents(system)
    assert changed_tables(before, after) == {
        "school_record", "affiliation", "membership", "import_source", "sync_run", "audit_event",
    }  # fmt: skip
    assert len(set(after["school_record"]) - set(before["school_record"])) == 1
    assert len(set(after["affiliation"]) - set(before["affiliation"])) == 1


def test_a_change_of_names_touches_the_record_and_no_account(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    delivered(system, tmp_path, a_delivery(*SCHOOL))
    renamed = ASTA.replace("Asta", "Astrid")
    before = contents(system)
    delivered(system, tmp_path, a_delivery(GROUPS, renamed, BO, VIGGO, KAREN, at=LATER))
    assert changed_tables(before, contents(system)) == {"school_record", "import_source", "sync_run", "audit_event"}
    assert username_of(system, 1).startswith("asta")


def test_whoever_leaves_ends_and_is_not_deleted(system: System, tmp_path: Path, clock: StandingClock) -> None:
    an_importing_school(system)
    delivered(system, tmp_path, a_delivery(*SCHOOL))
    clock.advance(days=30)
    report = delivered(system, tmp_path, a_delivery(GROUPS, BO, VIGGO, KAREN, at=LATER))
    plan = _plan(report)
    assert [row.key[0] for row in plan.records.ended] == ["Elev", "Kontaktperson"]
    assert (len(plan.memberships.ended), len(plan.ties.ended)) == (2, 2)
    with system.database.reading() as db:
        for model in (SchoolRecord, Affiliation, Membership, Contact):
            ended = db.execute(select(model.valid_to).where(model.valid_to.is_not(None))).scalars().all()
            assert len(ended) == 2
            assert set(ended) == {clock.now()}
        assert db.execute(select(func.count()).where(Person.ended_at.is_not(None))).scalar_one() == 0
        assert db.execute(select(func.count()).where(Username.valid_to.is_not(None))).scalar_one() == 0


def test_whoever_returns_gets_the_same_account_and_username_back(system: System, tmp_path: Path) -> None:
    school = an_importing_school(system)
    delivered(system, tmp_path, a_delivery(*SCHOOL))
    name = username_of(system, 1)
    delivered(system, tmp_path, a_delivery(GROUPS, BO, VIGGO, KAREN, at=LATER))
    returned = ASTA.replace("el-1", "el-1001")
    report = delivered(system, tmp_path, a_delivery(GROUPS, returned, BO, VIGGO, KAREN, at=LATEST))
    assert (report.accounts_made, report.accounts_attached) == (0, 2)
    assert username_of(system, 1001) == name
    with system.database.reading() as db:
        attachment = db.execute(
            select(Affiliation.confirmed_how, Affiliation.institution_id)
            .join(SchoolRecord, SchoolRecord.id == Affiliation.record_id)
            .where(SchoolRecord.local_id == "el-1001")
        ).one()
    assert tuple(attachment) == ("primary", school)


def test_a_username_that_anybody_ever_had_is_drawn_again(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    delivered(system, tmp_path, a_delivery(GROUPS, ASTA))
    taken = username_of(system, 1)
    user_id, tail = 7, [UNAMBIGUOUS.index(sign) for sign in taken[4:]]
    prepared = iter([user_id, *tail])
    steered = replace(system, draw=lambda n: next(prepared, None) or system.draw(n))
    delivered(steered, tmp_path, a_delivery(GROUPS, ASTA, a_pupil_element("el-5", cpr(5)), at=LATER))
    assert next(prepared, "all were drawn") == "all were drawn"
    assert username_of(system, 5) != taken


def test_a_protected_person_has_a_username_made_of_the_alias(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    hidden = a_pupil_element("el-3", cpr(3), first="Rosa", protected="true", alias=("Kim", "Hansen"))
    report = delivered(system, tmp_path, a_delivery(GROUPS, hidden))
    assert report.outcome is Outcome.APPLIED
    assert username_of(system, 3).startswith("kim")
    columns = (SchoolRecord.first_name, SchoolRecord.alias_first_name, SchoolRecord.protected)
    assert current(system, SchoolRecord, *columns) == [("Rosa", "Kim", True)]


def test_protection_of_one_record_gives_the_alias_to_the_account_of_both(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    hidden = a_contact_element(cpr(60), protected="true", first="Rosa", alias=("Kim", "Hansen"))
    teacher = a_teacher_element("an-8", cpr(60), first="Rosa")
    delivered(system, tmp_path, a_delivery(GROUPS, a_pupil_element("el-1", cpr(1), contacts=[hidden]), teacher))
    with system.database.reading() as db:
        assert [name for name in db.execute(select(Username.name)).scalars() if name.startswith("rosa")] == []


def test_a_contact_of_two_pupils_is_one_record_and_protected_if_either_says_so(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    hidden = a_contact_element(cpr(60), protected="true", alias=("Kim", "Hansen"))
    children = a_pupil_element("el-1", cpr(1), contacts=[MOTHER]), a_pupil_element("el-2", cpr(2), contacts=[hidden])
    delivered(system, tmp_path, a_delivery(GROUPS, *children))
    columns = (SchoolRecord.kind, SchoolRecord.protected, SchoolRecord.alias_first_name)
    assert current(system, SchoolRecord, *columns) == [
        ("contact", True, "Kim"), ("person", False, None), ("person", False, None),
    ]  # fmt: skip
    assert delivered(system, tmp_path, a_delivery(GROUPS, *children[::-1], at=LATER)).outcome is Outcome.UNCHANGED


def test_a_pupil_who_becomes_an_employee_is_the_same_person_with_another_attachment(
    system: System, tmp_path: Path
) -> None:
    an_importing_school(system)
    delivered(system, tmp_path, a_delivery(GROUPS, a_pupil_element("p-1", cpr(1), groups=["Kor"])))
    staff = a_teacher_element("p-1", cpr(1), roles=["Vikar"], groups=["Kor"])
    report = delivered(system, tmp_path, a_delivery(GROUPS, staff, at=LATER))
    assert report.accounts_made == 0
    assert current(system, Affiliation, Affiliation.actor_group, Affiliation.level) == [("Medarbejder", None)]
    assert len(current(system, Membership, Membership.id)) == 1


def test_sources_of_one_school_do_not_end_each_others_people(system: System, tmp_path: Path) -> None:
    an_importing_school(system, "X00A01", "Elever", "Personale")
    delivered(system, tmp_path, a_delivery(GROUPS, ASTA, source="Elever"))
    delivered(system, tmp_path, a_delivery(VIGGO, source="Personale"))
    again = delivered(system, tmp_path, a_delivery(GROUPS, ASTA, source="Elever", at=LATER))
    assert again.outcome is Outcome.UNCHANGED
    assert len(current(system, Affiliation, Affiliation.id)) == 4


def test_two_hundred_pupils_go_by_the_quickest_way_the_database_has(system: System, tmp_path: Path) -> None:
    # Above the limit PostgreSQL gets them by COPY; what arrives is the same.
    an_importing_school(system)
    pupils = [
        a_pupil_element(f"el-{n}", cpr(n), first="Åse \\N", extra="<BirthDate>2016-03-01</BirthDate>")
        for n in range(250)
    ]
    delivered(system, tmp_path, a_delivery(GROUPS, *pupils))
    assert delivered(system, tmp_path, a_delivery(GROUPS, *pupils, at=LATER)).outcome is Outcome.UNCHANGED
    columns = (SchoolRecord.first_name, SchoolRecord.birth_date)
    assert len(current(system, SchoolRecord, *columns)) == 250
    assert {row[0] for row in current(system, SchoolRecord, *columns)} == {"Åse \\N"}
    next_ids = without_brake(system)
    report = delivered(next_ids, tmp_path, a_delivery(GROUPS, VIGGO, *pupils[:100], at=LATEST))
    assert len(_plan(report).records.ended) == 150


def test_the_source_remembers_its_newest_delivery_and_school_year(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    delivered(system, tmp_path, a_delivery(GROUPS))
    with system.database.reading() as db:
        told, year = db.execute(select(ImportSource.last_source_datetime, ImportSource.school_year)).one()
    assert told.isoformat() == "2026-08-10T04:15:00+00:00"  # a quarter past six in Copenhagen
    assert year == "2026-2027"
    with system.database.reading() as db:
        assert db.execute(text("SELECT count(*) FROM sync_run WHERE finished_at IS NOT NULL")).scalar_one() == 1


def test_whoever_leaves_is_logged_out_of_what_they_used(system: System, tmp_path: Path) -> None:
    an_importing_school(system)
    delivered(system, tmp_path, a_delivery(*SCHOOL))
    with system.database.writing() as db:
        person = select(SchoolRecord.person_id, SchoolRecord.local_id).where(SchoolRecord.local_id.like("el-%"))
        pupils = {local_id: person_id for person_id, local_id in db.execute(person).all()}
        begun = {
            local_id: begin_session(db, system, person_id=person_id, factors=(), browser="").session.id
            for local_id, person_id in pupils.items()
        }
        service = recipes.a_service(db, system, backchannel_logout_uri="https://service.example/out")
        for local_id, session_id in begun.items():
            about = {"session_id": session_id, "service_id": service, "protocol": Protocol.OIDC}
            insert_participant(
                db, {**about, "subject": local_id, "session_index": local_id, "first_told_at": system.now()}
            )
    delivered(system, tmp_path, a_delivery(GROUPS, BO, VIGGO, KAREN, at=LATER))
    with system.database.reading() as db:
        ended = db.execute(select(LoginSession.id, LoginSession.ended_why).where(LoginSession.ended_at.is_not(None)))
        assert ended.all() == [(begun["el-1"], "attachment-ended")]
        assert db.execute(select(func.count()).select_from(OutboxMessage)).scalar_one() == 1
