"""A pupil of the class who works at a school: through the class nobody has power over that account (decision 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from idp.store.credentials import ActivationWindow, Code
from idp.usecases.windows import open_window
from policies.vocabulary import ActorGroup, Role, WindowPurpose
from tests import recipes
from tests.admin_ui.classroom import Classroom, a_classroom
from tests.admin_ui.office import told

if TYPE_CHECKING:
    from tests.admin_ui.conftest import Whole
    from tests.opponents.browser import Browser


@pytest.fixture
def room(whole: Whole) -> Classroom:
    return a_classroom(whole)


def works(room: Classroom, someone: recipes.Someone, *, confirmed: bool = True) -> None:
    system = room.whole.system
    with system.database.writing() as db:
        recipes.also_attached(
            db, system, someone, room.elsewhere, ActorGroup.STAFF, roles=(Role.SUBSTITUTE,), confirmed=confirmed
        )


def operator_opens(room: Classroom, someone: recipes.Someone) -> None:
    with room.whole.system.database.writing() as db:
        open_window(
            db, room.whole.system, person_id=someone.id, opened_by=None, purpose=WindowPurpose.NEW_CODE
        )  # fmt: skip


def open_windows(room: Classroom) -> set[int]:
    with room.whole.system.database.reading() as db:
        return set(db.execute(select(ActivationWindow.person_id).where(ActivationWindow.closed_at.is_(None))).scalars())


def suspended(room: Classroom) -> set[int]:
    with room.whole.system.database.reading() as db:
        return set(db.execute(select(Code.person_id).where(Code.suspended_at.is_not(None))).scalars())


def administrator(room: Classroom) -> Browser:
    with room.whole.system.database.writing() as db:
        someone = recipes.an_administrator(db, room.whole.system, room.whole.school, code="Hest-Banan47")
    return room.logged_in(someone)


@pytest.mark.parametrize("confirmed", [True, False])
def test_the_class_page_shows_no_sign_of_a_window_that_was_not_opened_there(
    room: Classroom, *, confirmed: bool
) -> None:
    operator_opens(room, room.bo)
    for part in ("", "live"):
        assert len(room.browser.open(f"{room.address}{part}").soup.select(".sign")) == 1
    works(room, room.bo, confirmed=confirmed)
    for part in ("", "live"):
        assert not room.browser.open(f"{room.address}{part}").soup.select(".sign")


def test_nor_does_anybody_close_it_from_there(room: Classroom) -> None:
    works(room, room.bo)
    operator_opens(room, room.bo)
    room.send("new-code", ("pupil", str(room.whole.asta.id)))
    room.send("withdraw", ("window", str(room.whole.asta.id)), ("window", str(room.bo.id)))
    assert open_windows(room) == {room.bo.id}


def test_a_stop_passes_them_over_and_names_them(room: Classroom) -> None:
    works(room, room.bo)
    browser = administrator(room)
    assert "for de arbejder også på en skole: Bo" in told(browser.open(f"{room.address}stop"))
    report = room.send("stop", ("scope", "class"), ("reason", "Tavlen"), ("sure", "1"), browser=browser)
    assert suspended(room) == {room.whole.asta.id}
    assert "Bo" in told(report)


def test_a_school_that_nobody_has_confirmed_shields_nobody_from_a_stop(room: Classroom) -> None:
    """Else a school that imports a stranger's CPR number could keep a stolen code alive."""
    works(room, room.bo, confirmed=False)
    browser = administrator(room)
    assert "Bo" not in told(browser.open(f"{room.address}stop"))
    room.send("stop", ("scope", "class"), ("reason", "Tavlen"), ("sure", "1"), browser=browser)
    assert suspended(room) == {room.whole.asta.id, room.bo.id}
