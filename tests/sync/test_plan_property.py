"""Whatever two deliveries say: applying the plan from one to the other gives the other, and then nothing is left to do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.store.institutions import find_source
from idp.store.rosters import Known, RosterState
from idp.usecases.roster_plan import PARTS, RosterPlan, plan_from_json
from policies.vocabulary import ActorGroup
from sync.plan import Comparison, Wanted
from sync.records import Contact, Group, Identity, Member
from sync.report import Outcome
from tests.conftest import START
from tests.recipes.deliveries import (
    NUMBER,
    SOURCE,
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

    from idp.usecases.system import System

EMPTY = RosterState({}, {}, {}, {}, {})
CODES = ["1a", "1b", "2a", "Kor"]
NAMES = ["Asta", "Bo", "Åse"]


def index(number: str) -> bytes:
    return number.encode().ljust(32, b"-")


def identity(number: int, name: str) -> Identity:
    return Identity(f"{number:010}", {"first_name": name, "family_name": "P", "protected": False, "details": {}})


@st.composite
def members(draw: st.DrawFn, number: int) -> Member:
    who = identity(number, draw(st.sampled_from(NAMES)))
    if draw(st.booleans()):
        groups = tuple(draw(st.lists(st.sampled_from(CODES), unique=True)))
        return Member(f"p-{number}", ActorGroup.STAFF, who, {**who.body, "roles": ["TAP"]}, None, groups)
    main = draw(st.sampled_from(CODES[:3]))
    parents = draw(st.lists(st.integers(50, 53), unique=True, max_size=2))
    contacts = tuple(
        Contact(identity(parent, "Karen"), {"relation": "Mor", "custody": draw(st.booleans())}) for parent in parents
    )
    return Member(f"p-{number}", ActorGroup.PUPIL, who, {**who.body, "roles": ["Elev"]}, main, (), contacts)


@st.composite
def rosters_of_some(draw: st.DrawFn) -> tuple[list[Group], list[Member]]:
    codes = draw(st.lists(st.sampled_from(CODES), unique=True))
    groups = [Group(code, {"name": draw(st.sampled_from(NAMES)), "type": "Hovedgruppe"}) for code in codes]
    return groups, [draw(members(number)) for number in draw(st.lists(st.integers(1, 6), unique=True))]


def plan_to(state: RosterState, roster: tuple[list[Group], list[Member]]) -> tuple[RosterPlan, Wanted]:
    wanted = Wanted(state, index=index, seal=index)
    for group in roster[0]:
        wanted.group(group)
    for member in roster[1]:
        wanted.member(member)
    wanted.finish()
    plan = Comparison(state, wanted).plan(
        institution=NUMBER, source=SOURCE, base=None, source_datetime=START, school_year="2026-2027",
        before={"groups": {}, "records": {}, "ties": {}},
    )  # fmt: skip
    return plan, wanted


def applied(state: RosterState, plan: RosterPlan) -> RosterState:
    """Carry out a plan on a state in memory."""
    after: dict[str, dict[tuple[str, ...], Known]] = {}
    for name in PARTS:
        part, rows = getattr(plan, name), dict(getattr(state, name))
        for row in part.ended:
            assert rows.pop(row.key).id == row.id
        for row in part.changed:
            assert rows[row.key].id == row.id
            rows[row.key] = Known(row.id, row.digest or bytes([row.body["main"]]))
        for number, row in enumerate(part.added, 1 + max((known.id for known in rows.values()), default=0)):
            assert row.key not in rows
            rows[row.key] = Known(number, row.digest or bytes([row.body["main"]]))
        after[name] = rows
    return RosterState(**after, cpr_index_of={})


@given(rosters_of_some(), rosters_of_some())
def test_applying_the_plan_gives_what_was_delivered_and_nothing_is_left(
    before: tuple[list[Group], list[Member]], after: tuple[list[Group], list[Member]]
) -> None:
    state = applied(EMPTY, plan_to(EMPTY, before)[0])
    plan, wanted = plan_to(state, after)
    state = applied(state, plan)
    for name in PARTS:
        assert {key: known.digest for key, known in getattr(state, name).items()} == getattr(wanted, name)
    assert plan_to(state, after)[0].is_empty


@given(rosters_of_some(), rosters_of_some())
def test_a_plan_that_was_stored_is_the_plan_that_was_made(
    before: tuple[list[Group], list[Member]], after: tuple[list[Group], list[Member]]
) -> None:
    state = applied(EMPTY, plan_to(EMPTY, before)[0])
    plan, _ = plan_to(state, after)
    assert plan_from_json(plan.as_json()) == plan


@st.composite
def deliveries(draw: st.DrawFn) -> list[str]:
    codes = draw(st.lists(st.sampled_from(CODES[:3]), unique=True))
    elements = [a_group_element(code, name=draw(st.sampled_from(NAMES))) for code in codes]
    for number in draw(st.lists(st.integers(1, 6), unique=True)):
        name = draw(st.sampled_from(NAMES))
        if draw(st.booleans()):
            groups = draw(st.lists(st.sampled_from(CODES), unique=True))
            elements.append(a_teacher_element(f"p-{number}", cpr(number), first=name, groups=groups))
            continue
        parents = draw(st.lists(st.integers(50, 52), unique=True, max_size=2))
        contacts = [
            a_contact_element(cpr(parent), custody=draw(st.sampled_from(["true", "false"]))) for parent in parents
        ]
        main = draw(st.sampled_from(CODES[:3]))
        elements.append(a_pupil_element(f"p-{number}", cpr(number), first=name, main=main, contacts=contacts))
    return elements


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(several=st.lists(deliveries(), min_size=2, max_size=3))
def test_each_database_holds_what_was_delivered_last(system: System, tmp_path: Path, several: list[list[str]]) -> None:
    an_importing_school(system)
    unbraked = without_brake(system)
    for elements in several:
        report = delivered(unbraked, tmp_path, a_delivery(*elements, at=next_time(system)))
        assert report.outcome in {Outcome.APPLIED, Outcome.UNCHANGED}
        assert not report.rejections
        planned = delivered(unbraked, tmp_path, a_delivery(*elements, at=next_time(system)), dry_run=True)
        assert planned.plan is not None
        assert planned.plan.is_empty


def next_time(system: System) -> str:
    """Return a sourceDateTime that is newer than the newest delivery's."""
    with system.database.reading() as db:
        source = find_source(db, NUMBER, SOURCE)
    assert source is not None
    newest = source.last_source_datetime or START
    return (newest + timedelta(seconds=1)).isoformat()
