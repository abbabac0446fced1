"""Emergency stop: every code of a class or a school is suspended, everybody is out, and another administrator may lift it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from idp.store.audit import AuditEvent
from idp.store.credentials import Code
from idp.store.rights import GrantedRight
from idp.usecases.lessons import may_pick
from idp.usecases.sessions import ProvenFactor, begin_session
from idp.usecases.windows import open_window
from policies.decision import Allow, Deny
from policies.emergency_stop import may_lift
from policies.vocabulary import ActorGroup, Factor, Reason, Right, Role, WindowPurpose
from tests import recipes
from tests.admin_ui.classroom import Classroom, a_classroom, csrf
from tests.admin_ui.office import told

if TYPE_CHECKING:
    from tests.admin_ui.conftest import Whole
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page

PICTURES = "house sun cat key"
SURE = (("reason", "Koder hang på tavlen"), ("sure", "1"))


@pytest.fixture
def room(whole: Whole) -> Classroom:
    return a_classroom(whole)


def an_administrator(room: Classroom) -> Browser:
    with room.whole.system.database.writing() as db:
        someone = recipes.an_administrator(db, room.whole.system, room.whole.school, code="Hest-Banan47")
    return room.logged_in(someone)


def stop(room: Classroom, browser: Browser, scope: str = "class", *fields: tuple[str, str]) -> Page:
    return room.send("stop", ("scope", scope), *(fields or SURE), browser=browser)


def lift(room: Classroom, browser: Browser, page: Page) -> Page:
    return browser.post(f"{page.path}/lift", [("csrf_token", csrf(browser, room.address))])


def suspended(room: Classroom) -> set[int]:
    with room.whole.system.database.reading() as db:
        held = select(Code.person_id).where(Code.suspended_at.is_not(None), Code.ended_at.is_(None))
        return set(db.execute(held).scalars())


def lesson_stands(room: Classroom) -> bool:
    with room.whole.system.database.reading() as db:
        return may_pick(db, room.whole.system, room.whole.asta.id, address="192.0.2.7")


def asta_gets_in(room: Classroom) -> bool:
    browser = room.whole.browser()
    page = browser.type_username(browser.open("/mit/"), room.whole.asta.username)
    return browser.tap(page, PICTURES).path == "/mit/"


def test_a_class_is_stopped_and_another_administrator_lifts_it(room: Classroom) -> None:
    first, second = an_administrator(room), an_administrator(room)
    with room.whole.system.database.writing() as db:
        system = room.whole.system
        factors = [ProvenFactor(Factor.PICTURES, system.now())]
        begun = begin_session(db, system, person_id=room.whole.asta.id, factors=factors, browser="Firefox")
    pupil = room.whole.browser()
    pupil.set_cookie("skolepas", begun.token)
    assert pupil.open("/mit/").path == "/mit/"
    page = stop(room, first)
    assert (page.status, page.heading) == (200, "Adgangskoderne er stoppet")
    assert suspended(room) == {room.whole.asta.id, room.bo.id}
    assert not asta_gets_in(room)
    assert pupil.open("/mit/").path != "/mit/"
    assert lift(room, first, page).status == 403
    assert "2 koder virker igen" in told(lift(room, second, page))
    assert not suspended(room)
    assert asta_gets_in(room)


def test_a_suspended_code_says_no_more_than_a_wrong_one(room: Classroom) -> None:
    stop(room, an_administrator(room))
    browser = room.whole.browser()
    page = browser.type_username(browser.open("/mit/"), room.whole.asta.username)
    assert browser.tap(page, PICTURES).error == "Brugernavnet eller koden passede ikke. Prøv igen."


def test_the_whole_school_is_stopped_but_nobody_elses_pupils_and_no_staff(room: Classroom) -> None:
    with room.whole.system.database.writing() as db:
        system = room.whole.system
        older = recipes.a_pupil(db, system, room.whole.school, code="hest-banan")  # in no class
        helper = recipes.a_pupil(db, system, room.whole.school, group=room.group, code="hest-banan")
        recipes.also_attached(db, system, helper, room.elsewhere, ActorGroup.STAFF, roles=(Role.SUBSTITUTE,))
        recipes.a_pupil(db, system, room.elsewhere, group=room.finns_group, code="hest-banan")
    stop(room, an_administrator(room), "institution")
    assert suspended(room) == {room.whole.asta.id, room.bo.id, older.id}


def test_a_new_code_works_during_the_stop_and_stays_when_it_is_lifted(room: Classroom) -> None:
    first, second = an_administrator(room), an_administrator(room)
    page = stop(room, first)
    with room.whole.system.database.writing() as db:
        window = open_window(
            db, room.whole.system, person_id=room.whole.asta.id, opened_by=room.whole.viggo.id, purpose=WindowPurpose.NEW_CODE
        )  # fmt: skip
    browser = room.whole.browser()
    sign = browser.type_username(browser.open("/mit/"), room.whole.asta.username)
    shown = browser.pick_sign(browser.open(sign.link("tegn")), window.sign)
    code = " ".join(re.findall(r"/pictures/([a-z-]+)\.svg", str(shown.soup.select_one(".new-pictures"))))
    assert browser.tap(browser.submit(shown), code).path == "/mit/"
    assert "1 kode virker igen" in told(lift(room, second, page))
    assert not asta_gets_in(room)  # the old code is gone for good


def test_windows_requests_and_logins_under_way_end_with_it(room: Classroom) -> None:
    request = room.waits(room.whole.asta)
    room.send("new-code", ("pupil", str(room.bo.id)))
    stop(room, an_administrator(room))
    assert room.answer_of(request) == "withdrawn"
    assert "data-until" not in room.browser.open(room.address).body


def test_it_can_be_lifted_for_a_day_and_once(room: Classroom, clock: StandingClock) -> None:
    first, second = an_administrator(room), an_administrator(room)
    page = stop(room, first)
    lift(room, second, page)
    assert lift(room, second, page).status == 403
    page = stop(room, first)
    clock.advance(hours=24)
    third = an_administrator(room)
    assert lift(room, third, page).status == 403
    assert suspended(room)


def test_a_code_belongs_to_the_first_stop(room: Classroom) -> None:
    first, second = an_administrator(room), an_administrator(room)
    of_class = stop(room, first)
    of_all = stop(room, second, "institution")
    lift(room, first, of_all)
    assert suspended(room) == {room.whole.asta.id, room.bo.id}
    lift(room, second, of_class)
    assert not suspended(room)


def test_a_code_that_two_stops_reached_works_only_when_both_are_lifted(room: Classroom) -> None:
    first, second = an_administrator(room), an_administrator(room)
    of_class = stop(room, first)
    of_all = stop(room, second, "institution")
    # The second may not lift their own stop, and does not by lifting the other.
    assert "0 koder virker igen" in told(lift(room, second, of_class))
    assert suspended(room) == {room.whole.asta.id, room.bo.id}
    assert not asta_gets_in(room)
    assert "2 koder virker igen" in told(lift(room, first, of_all))
    assert asta_gets_in(room)


def test_an_approved_lesson_ends_with_it(room: Classroom) -> None:
    room.lessons_are_on("192.0.2.0/24")
    room.send("lesson", ("pupil", str(room.whole.asta.id)))
    assert lesson_stands(room)
    stop(room, an_administrator(room))
    assert not lesson_stands(room)


@pytest.mark.parametrize(
    "fields",
    [
        (("scope", "class"), ("reason", "Tavlen")),
        (("scope", "class"), ("sure", "1")),
        (("scope", "all"), *SURE),
        SURE,
        (("scope", "class"), ("reason", "x" * 300), ("sure", "1")),
    ],
)
def test_what_is_missing_stops_nothing(room: Classroom, fields: tuple[tuple[str, str], ...]) -> None:
    page = room.send("stop", *fields, browser=an_administrator(room))
    assert (page.status, page.heading) == (400, "Nødstop")
    assert not suspended(room)


def test_the_second_factor_must_have_been_shown_just_now(room: Classroom) -> None:
    browser = an_administrator(room)
    room.factors_were_shown(minutes_ago=6)
    page = browser.open(f"{room.address}stop", follow=False)
    assert "lately=now" in str(page.headers["Location"])
    assert stop(room, browser).status == 403
    assert not suspended(room)
    room.factors_were_shown(minutes_ago=4)
    assert browser.open(f"{room.address}stop").status == 200


def test_a_teacher_and_another_schools_administrator_stop_nothing(room: Classroom) -> None:
    administrator = an_administrator(room)
    report = stop(room, administrator).path
    with room.whole.system.database.writing() as db:
        other = recipes.an_administrator(db, room.whole.system, room.elsewhere, code="Hest-Banan47")
    foreign = room.logged_in(other)
    assert room.browser.open(f"{room.address}stop").status == 403
    assert stop(room, room.browser).status == 403
    for browser in (room.browser, foreign):
        assert browser.open(report).status == 403
        assert browser.open("/elevadgang/stops/987654").status == 403
    room.whole.administration.config["WTF_CSRF_ENABLED"] = False
    assert foreign.post(f"{report}/lift", [("x", "1")]).status == 403
    assert foreign.post(f"{room.address}stop", [("scope", "institution"), *SURE]).status == 403


def test_it_stands_on_everybodys_record(room: Classroom) -> None:
    stop(room, an_administrator(room))
    with room.whole.system.database.reading() as db:
        about = select(AuditEvent.subject_id).where(AuditEvent.event == "code:code:stopped")
        assert set(db.execute(about).scalars()) == {room.whole.asta.id, room.bo.id}


def test_a_teacher_who_administers_the_school_stops_from_the_own_class(room: Classroom) -> None:
    with room.whole.system.database.writing() as db:
        db.add(
            GrantedRight(
                person_id=room.whole.viggo.id, institution_id=room.whole.school.id,
                right=Right.USER_ADMINISTRATOR, valid_from=room.whole.system.now(),
            )
        )  # fmt: skip
        db.flush()
    assert f"{room.address}stop" in room.browser.open(room.address).body
    assert stop(room, room.browser).status == 200


@pytest.mark.parametrize(
    ("lifts", "hours", "lifted", "expected"),
    [
        (2, 0, False, Allow()),
        (2, 23, False, Allow()),
        (2, 24, False, Deny(Reason.STOP_OVER)),
        (2, 1, True, Deny(Reason.STOP_OVER)),
        (1, 1, False, Deny(Reason.STOP_NEEDS_ANOTHER)),
    ],
)
def test_who_may_lift(clock: StandingClock, lifts: int, hours: int, expected: Allow | Deny, *, lifted: bool) -> None:
    began = clock.now()
    clock.advance(hours=hours)
    asked = {"started_by": 1, "lifts": lifts, "started_at": began, "lifted": lifted, "now": clock.now()}
    assert may_lift(**asked, lift_seconds=86400) == expected
