"""What changes on a class page while it lies open, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.admin_ui.classroom import Classroom, a_classroom
from tests.admin_ui.office import told

if TYPE_CHECKING:
    from tests.admin_ui.conftest import Whole
    from tests.conftest import StandingClock


@pytest.fixture
def room(whole: Whole) -> Classroom:
    return a_classroom(whole)


def test_the_live_part_costs_nothing_until_something_changes(room: Classroom) -> None:
    first = room.browser.open(f"{room.address}live")
    known = {"If-None-Match": str(first.headers["ETag"])}
    assert room.browser.open(f"{room.address}live", headers=known).status == 304
    room.waits(room.whole.asta)
    changed = room.browser.open(f"{room.address}live", headers=known)
    assert (changed.status, len(changed.soup.select(".request"))) == (200, 1)


def test_an_answer_to_the_older_of_two_requests_is_a_change_too(room: Classroom) -> None:
    older, _ = room.waits(room.whole.asta), room.waits(room.whole.asta)
    known = {"If-None-Match": str(room.browser.open(f"{room.address}live").headers["ETag"])}
    room.send("step-up", ("no", str(older)))
    assert len(room.browser.open(f"{room.address}live", headers=known).soup.select(".request")) == 1


def test_how_long_somebody_has_waited_is_right_to_the_minute(room: Classroom, clock: StandingClock) -> None:
    room.waits(room.whole.asta)
    known = {"If-None-Match": str(room.browser.open(f"{room.address}live").headers["ETag"])}
    clock.advance(minutes=3)
    assert "3 minutter" in told(room.browser.open(f"{room.address}live", headers=known))


def test_polling_does_not_keep_a_session_alive(room: Classroom, clock: StandingClock) -> None:
    for _ in range(6):
        clock.advance(minutes=4)
        assert room.browser.open(f"{room.address}live").status == 200
    clock.advance(minutes=7)
    assert room.browser.open(f"{room.address}live").status == 401
    assert room.browser.open(room.address).step == "username"


def test_nor_does_a_page_that_loads_itself_anew_without_a_script(room: Classroom, clock: StandingClock) -> None:
    (reload,) = room.browser.open(room.address).soup.select("noscript meta[http-equiv=refresh]")
    again = str(reload["content"]).partition("url=")[2]
    for _ in range(6):
        clock.advance(minutes=4)
        assert room.browser.open(again).soup.select(".pupil")
    clock.advance(minutes=7)
    assert room.browser.open(again).step == "username"


def test_a_second_factor_is_asked_for_again_after_an_hour(room: Classroom) -> None:
    room.factors_were_shown(minutes_ago=59)
    assert room.browser.open(room.address).status == 200
    room.factors_were_shown(minutes_ago=61)
    page = room.browser.open(room.address)
    assert page.step == "username"  # a login that is no older than an hour
    assert room.browser.open(f"{room.address}live").status == 403
    assert room.browser.open("/mit/").status == 200
