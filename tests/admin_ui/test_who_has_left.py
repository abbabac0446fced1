"""An administrator who has left the school: the right sleeps with the work there, whoever forgot to end it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, update

from idp.store.affiliations import Affiliation
from idp.store.record import institutions_with
from idp.store.rights import GrantedRight, institutions_administered, rights_now
from idp.usecases.access import opener_of
from policies.vocabulary import ActorGroup, Right, Role
from tests import recipes
from tests.admin_ui.classroom import Classroom, a_classroom

if TYPE_CHECKING:
    from tests.admin_ui.conftest import Whole


@pytest.fixture
def room(whole: Whole) -> Classroom:
    return a_classroom(whole)


def leaves(room: Classroom, someone: recipes.Someone) -> None:
    """Let a sync end the work at the school; there is work at another."""
    system = room.whole.system
    with system.database.writing() as db:
        here = update(Affiliation).where(Affiliation.id == someone.affiliation_id)
        db.execute(here.values(valid_to=system.now()))
        recipes.also_attached(db, system, someone, room.elsewhere, ActorGroup.STAFF, roles=(Role.TEACHER,))


def rights_of(room: Classroom, someone: recipes.Someone) -> tuple[list[str], list[str], list[str]]:
    now = room.whole.system.now()
    with room.whole.system.database.reading() as db:
        administered = list(institutions_administered(db, someone.id, now))
        led = [row.number for row in institutions_with(db, someone.id, [*map(str, Right)], now)]
        return administered, led, list(rights_now(db, someone.id, now))


def test_they_reach_no_class_and_no_person_and_stop_nothing(room: Classroom) -> None:
    with room.whole.system.database.writing() as db:
        sonja = recipes.an_administrator(db, room.whole.system, room.whole.school, code="Hest-Banan47")
    people = f"/brugeradministration/{room.whole.school.number}/"
    before = room.logged_in(sonja)
    for address in (room.address, people):
        assert before.open(address).path == address
    leaves(room, sonja)
    assert before.open(room.address).step == "username"  # the session acted through what has ended
    browser = room.logged_in(sonja)
    for address in (room.address, f"{room.address}live", f"{room.address}stop", people, "/elevadgang/stops/1"):
        assert browser.open(address).status == 403, address
    room.whole.administration.config["WTF_CSRF_ENABLED"] = False
    assert browser.post(f"{room.address}new-code", [("pupil", str(room.bo.id))]).status == 403
    with room.whole.system.database.reading() as db:
        assert not opener_of(db, room.whole.system, sonja.id).administers
    assert rights_of(room, sonja) == ([], [], [])


def test_the_right_wakes_when_a_sync_is_undone(room: Classroom) -> None:
    with room.whole.system.database.writing() as db:
        sonja = recipes.an_administrator(db, room.whole.system, room.whole.school)
    leaves(room, sonja)
    with room.whole.system.database.writing() as db:
        db.execute(update(Affiliation).where(Affiliation.id == sonja.affiliation_id).values(valid_to=None))
    number = room.whole.school.number
    assert rights_of(room, sonja) == ([number], [number], [Right.USER_ADMINISTRATOR])


def test_somebody_of_the_municipality_who_never_worked_there_holds_it_by_the_grant(room: Classroom) -> None:
    system, number = room.whole.system, room.whole.school.number
    with system.database.writing() as db:
        it = recipes.a_teacher(db, system, room.elsewhere)
        right = {"person_id": it.id, "institution_id": room.whole.school.id, "right": Right.USER_ADMINISTRATOR}
        db.execute(insert(GrantedRight).values(valid_from=system.now(), **right))
    assert rights_of(room, it) == ([number], [number], [Right.USER_ADMINISTRATOR])
