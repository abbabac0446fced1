"""Every route of Elevadgang, by whoever asks, about whomever: a new route without a row here fails."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import delete, select, update

from idp.store.affiliations import Affiliation
from idp.store.login_sessions import SessionFactor
from idp.store.rights import GrantedRight
from idp.store.step_up import StepUpRequest
from policies.vocabulary import ActorGroup, Factor, GroupType, Right, Role
from tests import recipes
from tests.admin_ui.classroom import Classroom, a_classroom, a_group
from tests.admin_ui.office import with_two_factors
from tests.opponents.databases import one_database

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.admin_ui.conftest import Whole
    from tests.opponents.browser import Browser, Page

CODE: Final = "hest-banan"
START: Final = "start"
ROUTES: Final = {
    "class_page": ("GET", "", ""),
    "live": ("GET", "live", ""),
    "class_page_again": ("GET", "again", ""),
    "new_code": ("POST", "new-code", "pupil"),
    "withdraw": ("POST", "withdraw", "window"),
    "usernames": ("POST", "usernames", "pupil"),
    "sheet": ("POST", "sheet", ""),
    "answer_step_up": ("POST", "step-up", "yes"),
    "log_out": ("POST", "log-out", "pupil"),
    "substitutes": ("GET", "substitutes", ""),
    "lesson": ("POST", "lesson", "pupil"),
}
"""Endpoint -> method, the last part of its address, and the field that names a pupil (or a pupil's request)."""
GIVING: Final = {"give_substitute": "substitutes/give", "end_substitute": "substitutes/end"}
STOPPING: Final = {"stop_page", "stop", "stop_report", "lift_stop"}
"""An administrator's alone: in tests/admin_ui/test_emergency_stop.py."""
"""What gives a class on, or takes it back: in tests/admin_ui/test_substitutes.py too."""


@pytest.fixture
def room(whole: Whole) -> Classroom:
    whole.administration.config["WTF_CSRF_ENABLED"] = False
    room = a_classroom(whole)
    room.lessons_are_on("192.0.2.0/24")
    return room


def teacher_of(room: Classroom, group: int | None, **changes: object) -> recipes.Someone:
    system = room.whole.system
    with system.database.writing() as db:
        someone = recipes.a_teacher(db, system, room.whole.school, of=group, code=CODE)
        if changes:
            db.execute(update(Affiliation).where(Affiliation.id == someone.affiliation_id).values(**changes))
    return someone


def staff(room: Classroom, role: Role, group: int | None = None) -> recipes.Someone:
    return teacher_of(room, group, roles=[role.value])


def substitute(room: Classroom, *, until: int) -> recipes.Someone:
    system, someone = room.whole.system, staff(room, Role.TECHNICAL)
    with system.database.writing() as db:
        right = GrantedRight(
            person_id=someone.id, institution_id=room.whole.school.id, group_id=room.group, right=Right.SUBSTITUTE,
            valid_from=system.now() - timedelta(days=1), valid_to=system.now() + timedelta(days=until),
        )  # fmt: skip
        db.add(right)
        db.flush()
    return someone


def administrator(room: Classroom, school: recipes.School) -> recipes.Someone:
    with room.whole.system.database.writing() as db:
        return recipes.an_administrator(db, room.whole.system, school, code="Hest-Banan47")


def parent(room: Classroom) -> recipes.Someone:
    with room.whole.system.database.writing() as db:
        return recipes.a_contact(db, room.whole.system, room.whole.school, of=room.whole.asta, code=CODE)


def in_a_group_of(room: Classroom, kind: GroupType) -> recipes.Someone:
    someone = teacher_of(room, None)
    a_group(room.whole, kind, someone, room.whole.asta)
    return someone


LET_IN: Final[dict[str, Callable[[Classroom], recipes.Someone]]] = {
    "teacher of the class": lambda room: room.whole.viggo,
    "pedagogue of the class": lambda room: staff(room, Role.PEDAGOGUE, room.group),
    "administrator": lambda room: administrator(room, room.whole.school),
    "substitute": lambda room: substitute(room, until=1),
}
KEPT_OUT: Final[dict[str, Callable[[Classroom], recipes.Someone]]] = {
    "pupil of the class": lambda room: room.whole.asta,
    "parent": parent,
    "teacher of another class": lambda room: teacher_of(room, room.other_group),
    "teacher without a class": lambda room: teacher_of(room, None),
    "teacher of the year": lambda room: in_a_group_of(room, GroupType.YEAR),
    "teacher in the team": lambda room: in_a_group_of(room, GroupType.TEAM),
    "secretary in the class": lambda room: staff(room, Role.TECHNICAL, room.group),
    "head without a class": lambda room: staff(room, Role.LEADER),
    "administrator of another school": lambda room: administrator(room, room.elsewhere),
    "substitute until yesterday": lambda room: substitute(room, until=0),
    "teacher whom nobody confirmed": lambda room: teacher_of(room, room.group, confirmed_at=None),
}
OTHERS: Final[dict[str, Callable[[Classroom], int]]] = {
    "of another class": lambda room: room.dina.id,
    "of another school": lambda room: room.finn.id,
    "attached by a CPR number": lambda room: room.stranger.id,
    "nobody": lambda _room: 987654321,
}


def ask(room: Classroom, browser: Browser, route: str, person_id: int, group: int | None = None) -> Page:
    """Ask for a route of a class, about a pupil: by the number, or by that of the pupil's request."""
    method, what, field = ROUTES[route]
    address = f"/elevadgang/{group or room.group}/{what}"
    if method == "GET":
        return browser.open(address, follow=False)
    about = person_id
    if field == "yes" and person_id != OTHERS["nobody"](room):
        about = room.waits(next(one for one in everybody(room) if one.id == person_id))
    return browser.post(address, [(field or "x", str(about))], follow=False)


def everybody(room: Classroom) -> tuple[recipes.Someone, ...]:
    return room.whole.asta, room.bo, room.dina, room.finn, room.stranger


def test_every_route_has_a_row(room: Classroom) -> None:
    endpoints = {rule.endpoint for rule in room.whole.administration.url_map.iter_rules()}
    ours = {name.removeprefix("elevadgang.") for name in endpoints if name.startswith("elevadgang.")}
    assert ours == ROUTES.keys() | GIVING.keys() | STOPPING | {START}


@one_database
@pytest.mark.parametrize("who", LET_IN)
def test_who_has_the_class_is_let_in_everywhere(room: Classroom, who: str) -> None:
    browser = room.logged_in(LET_IN[who](room))
    for route in ROUTES:
        page = ask(room, browser, route, room.whole.asta.id)
        assert page.status in {200, 303}, (route, page.body)
        assert "sign-in" not in str(page.headers.get("Location")), route


@one_database
@pytest.mark.parametrize("who", KEPT_OUT)
def test_who_has_not_is_kept_out_everywhere(room: Classroom, who: str) -> None:
    browser = room.logged_in(KEPT_OUT[who](room))
    for route in ROUTES:
        assert ask(room, browser, route, room.whole.asta.id).status == 403, route
    for what in GIVING.values():
        assert browser.post(f"{room.address}{what}", [("person", "1"), ("right", "1")]).status == 403, what


@one_database
@pytest.mark.parametrize("who", LET_IN)
@pytest.mark.parametrize("whom", OTHERS)
def test_nobody_is_reached_through_a_class_where_they_are_not(room: Classroom, who: str, whom: str) -> None:
    browser, person_id = room.logged_in(LET_IN[who](room)), OTHERS[whom](room)
    for route in ("new_code", "withdraw", "usernames", "log_out", "lesson"):
        assert ask(room, browser, route, person_id).status == 403, route
    page = ask(room, browser, "answer_step_up", person_id)  # as if the request were not there
    assert page.status == 303
    with room.whole.system.database.reading() as db:
        answers = db.execute(select(StepUpRequest.answer).where(StepUpRequest.person_id == person_id)).scalars().all()
    assert set(answers) <= {None}


@one_database
@pytest.mark.parametrize("who", LET_IN)
def test_no_class_of_another_school_is_anybodys_here(room: Classroom, who: str) -> None:
    browser = room.logged_in(LET_IN[who](room))
    for route in ROUTES:
        for group in (room.finns_group, 987654321, (1 << 63) - 1):
            assert ask(room, browser, route, room.finn.id, group=group).status == 403, route


@one_database
def test_one_factor_and_an_old_one_are_not_enough(room: Classroom) -> None:
    for minutes, factors in ((0, [Factor.TOTP]), (61, [])):
        if factors:
            with room.whole.system.database.writing() as db:
                db.execute(delete(SessionFactor).where(SessionFactor.factor == Factor.TOTP.value))
        else:
            room.browser = room.logged_in(teacher_of(room, room.group))
            room.factors_were_shown(minutes_ago=minutes)
        for route, (method, _, _) in ROUTES.items():
            page = ask(room, room.browser, route, room.whole.asta.id)
            led = page.status == 303 and "/administration/sign-in?two=1" in str(page.headers.get("Location"))
            assert led if method == "GET" and route != "live" else page.status == 403, route


@one_database
def test_a_teacher_who_is_here_as_a_parent_is_kept_out(room: Classroom) -> None:
    with room.whole.system.database.writing() as db:
        someone = recipes.a_contact(db, room.whole.system, room.whole.school, of=room.whole.asta, code=CODE)
        recipes.also_attached(
            db, room.whole.system, someone, room.whole.school, ActorGroup.STAFF, roles=(Role.TEACHER,), group=room.group
        )
    browser = room.whole.browser()
    page = room.whole.mit(browser, someone)
    assert page.step == "who"
    choice = next(one for one in page.soup.select("button[name=as]") if "lærer" not in one.get_text().lower())
    browser.submit(page, ("as", str(choice["value"])))
    with_two_factors(room.whole, someone)
    for route in ROUTES:
        assert ask(room, browser, route, room.whole.asta.id).status == 403, route


@one_database
def test_nobody_at_all_is_sent_to_log_in(room: Classroom) -> None:
    browser = room.whole.browser()
    for route in ROUTES:
        page = ask(room, browser, route, room.whole.asta.id)
        assert page.status == (401 if route == "live" else 303), route
