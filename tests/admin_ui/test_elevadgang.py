"""Elevadgang: the class page, new codes, usernames, and pupils who wait for an adult."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from idp.errors import Refused
from idp.store.affiliations import Affiliation
from idp.store.audit import AuditEvent
from idp.store.credentials import ActivationWindow
from idp.store.groups import Membership
from idp.usecases import step_up
from idp.usecases.reach import Reach, class_for, classes_of
from idp.usecases.windows import claim
from policies.vocabulary import ActorGroup, CodeKind, GroupType, Role
from tests import recipes
from tests.admin_ui.classroom import Classroom, a_classroom, a_group
from tests.admin_ui.office import told

if TYPE_CHECKING:
    from bs4 import Tag

    from tests.admin_ui.conftest import Whole
    from tests.conftest import StandingClock
    from tests.opponents.browser import Page


@pytest.fixture
def room(whole: Whole) -> Classroom:
    return a_classroom(whole)


def card(page: Page, someone: recipes.Someone) -> Tag:
    found = page.soup.select_one(f"[data-pupil='{someone.id}']")
    assert found is not None, page.body
    return found


def words_on(page: Page, someone: recipes.Someone) -> str:
    return card(page, someone).get_text(" ", strip=True)


def windows(room: Classroom) -> dict[int, str]:
    """The signs of the windows that nobody has closed, by pupil."""
    with room.whole.system.database.reading() as db:
        rows = db.execute(
            select(ActivationWindow.person_id, ActivationWindow.sign).where(ActivationWindow.closed_at.is_(None))
        )
        return {row.person_id: row.sign for row in rows}


def events(room: Classroom, name: str) -> list[tuple[int | None, int | None]]:
    with room.whole.system.database.reading() as db:
        rows = db.execute(select(AuditEvent.actor_id, AuditEvent.subject_id).where(AuditEvent.event == name))
        return [(row.actor_id, row.subject_id) for row in rows]


# ── Who is there ──


def test_a_teacher_with_one_class_comes_to_it_at_once(room: Classroom) -> None:
    page = room.browser.open("/elevadgang/")
    assert (page.path, page.heading) == (room.address, "1a")
    assert [one["data-name"] for one in page.soup.select("[data-pupil]")] == ["Asta Prøvesen", "Bo Prøvesen"]


def test_a_teacher_with_several_classes_chooses_and_comes_back_to_the_last(room: Classroom) -> None:
    team = a_group(room.whole, GroupType.UNIT, room.whole.viggo, room.dina)
    page = room.browser.open("/elevadgang/")
    assert page.heading == "Vælg en klasse"
    room.browser.open(f"/elevadgang/{team}/")
    assert room.browser.open("/elevadgang/").path == f"/elevadgang/{team}/"
    assert room.browser.open("/elevadgang/?choose=1").heading == "Vælg en klasse"


def test_a_year_and_a_team_of_teachers_tie_nobody_to_pupils(room: Classroom) -> None:
    for kind in (GroupType.YEAR, GroupType.TEAM):
        group = a_group(room.whole, kind, room.whole.viggo, room.dina)
        assert room.browser.open(f"/elevadgang/{group}/").status == 403
        assert room.send("new-code", ("pupil", str(room.dina.id)), group=group).status == 403
    assert not windows(room)


def test_whoever_has_no_class_is_told_where_classes_come_from(room: Classroom) -> None:
    with room.whole.system.database.writing() as db:
        other = recipes.a_teacher(db, room.whole.system, room.whole.school, code="hest-banan")
    page = room.logged_in(other).open("/elevadgang/")
    assert (page.status, page.heading) == (200, "Du har ingen klasser her")


def test_an_administrator_sees_every_class_of_the_institution_and_no_other(room: Classroom) -> None:
    with room.whole.system.database.writing() as db:
        sonja = recipes.an_administrator(db, room.whole.system, room.whole.school, code="Hest-Banan47")
    browser = room.logged_in(sonja)
    page = browser.open("/elevadgang/")
    assert [one.get_text() for one in page.soup.select(".class-choice strong")] == ["1a", "2b"]
    assert browser.open(f"/elevadgang/{room.finns_group}/").status == 403


def test_a_protected_pupil_is_shown_by_the_alias(room: Classroom) -> None:
    with room.whole.system.database.writing() as db:
        recipes.a_pupil(
            db, room.whole.system, room.whole.school, group=room.group, first_name="Hemmelig", protected=True
        )
    page = room.browser.open(room.address)
    assert "Hemmelig" not in page.body
    assert "Alias Navn" in told(page)


def test_a_stranger_whom_the_school_attached_by_a_number_is_not_shown(room: Classroom) -> None:
    page = room.browser.open(room.address)
    assert "Fremmed" not in page.body
    assert room.send("new-code", ("pupil", str(room.stranger.id))).status == 403
    assert not windows(room)


def test_search_keeps_to_those_whose_name_begins_so(room: Classroom) -> None:
    page = room.browser.open(f"{room.address}?q=bo")
    assert [one["data-name"] for one in page.soup.select("[data-pupil]")] == ["Bo Prøvesen"]


def test_all_are_ticked_without_a_script(room: Classroom) -> None:
    page = room.browser.open(f"{room.address}?all=1")
    assert len(page.soup.select("input[name=pupil][checked]")) == 2


def test_the_page_costs_as_many_statements_for_a_class_of_any_size(room: Classroom) -> None:
    few, live = room.statements(room.address), room.statements(f"{room.address}live")
    with room.whole.system.database.writing() as db:
        for _ in range(20):
            recipes.a_pupil(db, room.whole.system, room.whole.school, group=room.group)
    assert room.statements(room.address) == few
    assert room.statements(f"{room.address}live") == live


def test_polling_costs_one_statement_beside_what_says_who_asks(room: Classroom) -> None:
    known = {"If-None-Match": str(room.browser.open(f"{room.address}live").headers["ETag"])}
    assert room.statements(f"{room.address}live", headers=known) <= 8


# ── A new code ──


def test_a_tick_and_a_press_bring_a_sign_that_lets_the_pupil_in(room: Classroom) -> None:
    page = room.send("new-code", ("pupil", str(room.whole.asta.id)))
    assert page.path == room.address
    assert "4:59" in words_on(page, room.whole.asta) or "5:00" in words_on(page, room.whole.asta)
    sign = windows(room)[room.whole.asta.id]
    image = card(page, room.whole.asta).select_one("summary img")
    assert image is not None
    assert f"/{sign}.svg" in str(image["src"])
    assert events(room, "code:window:opened") == [(room.whole.viggo.id, room.whole.asta.id)]


def test_those_ticked_get_different_signs(room: Classroom) -> None:
    with room.whole.system.database.writing() as db:
        others = [recipes.a_pupil(db, room.whole.system, room.whole.school, group=room.group).id for _ in range(9)]
    room.send("new-code", *(("pupil", str(one)) for one in others))
    assert len(set(windows(room).values())) == 9


def test_who_may_have_no_new_code_is_named_and_the_others_get_theirs(room: Classroom) -> None:
    with room.whole.system.database.writing() as db:
        recipes.also_attached(
            db, room.whole.system, room.bo, room.elsewhere, ActorGroup.STAFF, roles=(Role.SUBSTITUTE,)
        )
    page = room.send("new-code", ("pupil", str(room.bo.id)), ("pupil", str(room.whole.asta.id)))
    assert set(windows(room)) == {room.whole.asta.id}
    assert "Bo Prøvesen får ikke en ny adgangskode her" in told(page)


@pytest.mark.parametrize("what", ["new-code", "usernames", "withdraw", "step-up"])
def test_nothing_ticked_does_nothing_and_says_so(room: Classroom, what: str) -> None:
    page = room.send(what)
    assert (page.status, page.path) == (200, room.address)
    assert page.soup.select_one(".alert") is not None


@pytest.mark.parametrize("typed", ["", "x", "-1", "9" * 30, "1 2", "\0", "２"])
def test_what_is_no_number_is_nobody(room: Classroom, typed: str) -> None:
    assert room.send("new-code", ("pupil", typed)).status == 200
    assert not windows(room)


def test_the_page_follows_the_window(room: Classroom, clock: StandingClock) -> None:
    system, asta = room.whole.system, room.whole.asta
    room.send("new-code", ("pupil", str(asta.id)))
    sign = windows(room)[asta.id]
    with system.database.writing() as db:
        claim(db, system, person_id=asta.id, sign=sign, secrets=())
    assert "ved at få den nye" in words_on(room.browser.open(room.address), asta)
    with system.database.writing() as db:
        claim(db, system, person_id=asta.id, sign=sign, secrets=())
    assert "En anden browser gav også det rigtige tegn" in words_on(room.browser.open(room.address), asta)
    room.send("withdraw", ("window", str(asta.id)))
    assert not windows(room)
    room.send("new-code", ("pupil", str(asta.id)))
    wrong = next(one for one in system.rules.window.signs if one != windows(room)[asta.id])
    with system.database.writing() as db:
        claim(db, system, person_id=asta.id, sign=wrong, secrets=())
    assert "forkert tegn" in words_on(room.browser.open(room.address), asta)
    room.send("new-code", ("pupil", str(asta.id)))
    clock.advance(minutes=5)
    assert "fem minutter er gået" in words_on(room.browser.open(room.address), asta)


def test_a_pupil_at_whose_name_too_many_codes_were_wrong_is_seen(room: Classroom) -> None:
    stranger, asta = room.whole.browser(), room.whole.asta
    for _ in range(room.whole.system.rules.lockout.strangers[CodeKind.PICTURES].free_failures + 1):
        page = stranger.type_username(stranger.open("/mit/"), asta.username)
        if page.form.select("[data-picture]"):
            stranger.tap(page, "key cat sun house")
    assert "For mange forkerte koder" in words_on(room.browser.open(room.address), asta)
    assert "For mange" not in words_on(room.browser.open(room.address), room.bo)


# ── Usernames ──


def test_a_username_is_looked_up_on_record(room: Classroom) -> None:
    assert room.whole.asta.username not in room.browser.open(room.address).body
    page = room.send("usernames", ("pupil", str(room.whole.asta.id)))
    assert room.whole.asta.username in told(page)
    assert room.bo.username not in page.body
    assert events(room, "person:username:seen") == [(room.whole.viggo.id, room.whole.asta.id)]


def test_the_class_sheet_has_every_username_and_stands_on_each_record(room: Classroom) -> None:
    page = room.send("sheet")
    assert {room.whole.asta.username, room.bo.username} <= set(told(page).split())
    pupils = {room.whole.asta.id, room.bo.id}
    assert set(events(room, "person:usernames:printed")) == {(room.whole.viggo.id, one) for one in pupils}


# ── Waiting for an adult ──


def test_a_whole_class_is_approved_with_one_press(room: Classroom) -> None:
    ids = [room.waits(room.whole.asta), room.waits(room.bo)]
    page = room.browser.open(room.address)
    assert len(page.soup.select(".request")) == 2
    fields = [("shown", str(one)) for one in ids]
    page = room.send("step-up", ("answer", "all"), *fields)
    assert [room.answer_of(one) for one in ids] == ["approved", "approved"]
    assert "2 elever går videre" in told(page)
    assert len(events(room, "step-up:request:approved")) == 2


def test_an_unusual_one_takes_its_own_press(room: Classroom) -> None:
    usual, new = room.waits(room.whole.asta), room.waits(room.bo, known=False)
    page = room.browser.open(room.address)
    assert "ny enhed" in told(page)
    shown = [("shown", str(usual)), ("shown", str(new))]
    assert "1 venter stadig" in told(room.send("step-up", ("answer", "all"), *shown))
    assert [room.answer_of(usual), room.answer_of(new)] == ["approved", None]
    room.send("step-up", ("answer", "ticked"), ("request", str(new)))
    assert room.answer_of(new) is None
    room.send("step-up", ("yes", str(new)))
    assert room.answer_of(new) == "approved"


def test_another_network_than_the_teachers_is_unusual(room: Classroom) -> None:
    request = room.waits(room.whole.asta, address="198.51.100.9")
    assert "ikke på dit netværk" in told(room.browser.open(room.address))
    room.send("step-up", ("answer", "all"), ("shown", str(request)))
    assert room.answer_of(request) is None


@pytest.mark.parametrize(
    ("adult", "pupil", "usual"),
    [
        ("192.0.2.7", "203.0.113.40", True),  # the school's two ways out
        ("192.0.2.7", "2001:db8:7:2::40", True),
        ("198.51.100.9", "198.51.100.9", True),  # both on an outing
        ("198.51.100.9", "203.0.113.40", False),
        ("192.0.2.7", "198.51.100.9", False),
        ("2001:db8:9:1::1", "2001:db8:9:2::1", True),  # the wireless of staff and of pupils, on one line
        ("2001:db8:9:1::1", "2001:db8:a:1::1", False),
    ],
)
def test_a_schools_networks_are_one(room: Classroom, adult: str, pupil: str, *, usual: bool) -> None:
    room.lessons_are_on("192.0.2.0/24", "203.0.113.0/24", "2001:db8:7::/48")
    room.waits(room.whole.asta, address=pupil)
    with room.whole.system.database.reading() as db:
        (seen,) = step_up.waiting_among(db, room.whole.system, [room.whole.asta.id], address=adult)
    assert seen.is_usual is usual


def test_only_what_stood_on_the_page_is_approved_with_it(room: Classroom) -> None:
    first = room.waits(room.whole.asta)
    room.browser.open(room.address)
    later = room.waits(room.bo)
    room.send("step-up", ("answer", "all"), ("shown", str(first)))
    assert [room.answer_of(first), room.answer_of(later)] == ["approved", None]


def test_whoever_is_logged_out_waits_no_more(room: Classroom) -> None:
    asta, bo = room.waits(room.whole.asta), room.waits(room.bo)
    room.send("log-out", ("pupil", str(room.whole.asta.id)))
    assert [room.answer_of(asta), room.answer_of(bo)] == ["withdrawn", None]


def test_no_is_said_to_one(room: Classroom) -> None:
    request = room.waits(room.whole.asta)
    room.send("step-up", ("no", str(request)))
    assert room.answer_of(request) == "refused"


@pytest.mark.parametrize("press", ["yes", "no", "request", "shown"])
def test_pupils_of_other_classes_and_schools_are_answered_by_nobody_here(room: Classroom, press: str) -> None:
    answer = {"request": "ticked", "shown": "all"}.get(press, "")
    for someone in (room.dina, room.finn, room.stranger):
        request = room.waits(someone)
        room.send("step-up", ("answer", answer), (press, str(request)))
        assert room.answer_of(request) is None


def test_two_teachers_press_at_once_and_one_of_them_counts(room: Classroom) -> None:
    with room.whole.system.database.writing() as db:
        colleague = recipes.a_teacher(db, room.whole.system, room.whole.school, of=room.group, code="hest-banan")
    other = room.logged_in(colleague)
    request = room.waits(room.whole.asta)
    room.send("step-up", ("no", str(request)))
    page = room.send("step-up", ("yes", str(request)), browser=other)
    assert "en anden har svaret" in told(page)
    assert room.answer_of(request) == "refused"


def test_a_teacher_who_lost_the_class_while_the_page_was_open_is_refused(room: Classroom) -> None:
    request = room.waits(room.whole.asta)
    page = room.browser.open(room.address)
    token = str(page.soup.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
    with room.whole.system.database.writing() as db:
        db.execute(
            update(Membership)
            .where(Membership.affiliation_id == room.whole.viggo.affiliation_id)
            .values(valid_to=room.whole.system.now())
        )
    answer = room.browser.post(f"{room.address}step-up", [("csrf_token", token), ("yes", str(request))])
    assert answer.status == 403
    assert room.answer_of(request) is None
    assert room.browser.open(f"{room.address}live").status == 403


def test_a_teacher_who_is_a_pupil_there_too_does_not_vouch_for_oneself(room: Classroom) -> None:
    with room.whole.system.database.writing() as db:
        recipes.also_attached(
            db, room.whole.system, room.whole.viggo, room.whole.school, ActorGroup.PUPIL, group=room.group
        )
    request = room.waits(room.whole.viggo)
    room.send("step-up", ("yes", str(request)))
    assert room.answer_of(request) is None


def test_a_form_of_another_site_does_nothing(room: Classroom) -> None:
    request = room.waits(room.whole.asta)
    fields = [("yes", str(request))]
    assert room.browser.post(f"{room.address}step-up", fields).status == 400
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert room.browser.post(f"{room.address}step-up", fields, headers=elsewhere).status == 403
    assert room.answer_of(request) is None


def test_a_pupil_at_two_schools_is_helped_by_both(room: Classroom) -> None:
    """Power runs through a confirmed attachment as a pupil: this one has two."""
    with room.whole.system.database.writing() as db:
        recipes.also_attached(db, room.whole.system, room.finn, room.whole.school, ActorGroup.PUPIL, group=room.group)
        db.execute(update(Affiliation).where(Affiliation.person_id == room.finn.id).values(level="1"))
    request = room.waits(room.finn)
    room.send("step-up", ("yes", str(request)))
    assert room.answer_of(request) == "approved"


def test_who_is_strong_by_another_providers_word_reaches_what_that_vouches_for(room: Classroom) -> None:
    """Decision 20: it gives nobody power where it was not let in."""
    everything = Reach(actor_id=room.whole.viggo.id, taught=frozenset({room.group}))
    with room.whole.system.database.reading() as db:
        assert class_for(db, everything, room.group).id == room.group
        assert class_for(db, replace(everything, bound=frozenset({room.whole.school.id})), room.group).name == "1a"
        for bound in (frozenset[int](), frozenset({room.elsewhere.id})):
            with pytest.raises(Refused):
                class_for(db, replace(everything, bound=bound), room.group)
            assert not classes_of(db, replace(everything, bound=bound))
