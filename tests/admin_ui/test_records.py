"""The record that people read: the pupil their own, a parent the child's, the leadership the staff's (decisions 7 and 28)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from admin_ui.parts.record_words import SENTENCES
from idp.audit import AuditEvent
from idp.store.people import SchoolRecord
from idp.usecases.record import OF_ONESELF, OF_OTHERS, OF_STAFF
from policies.vocabulary import Factor, Right
from tests import recipes
from tests.admin_ui.classroom import Classroom, a_classroom
from tests.admin_ui.office import told
from tests.admin_ui.test_children import a_parent, born

if TYPE_CHECKING:
    from tests.admin_ui.conftest import Whole
    from tests.opponents.browser import Browser

NOT_TOLD = {
    # about nobody's account, or the operator's own business
    *(event for event in AuditEvent if event.value.startswith(("service:", "sync:", "key:", "agreement:", "institution:"))),
    # counted and technical: tries, cookies, clocks; shown where they matter
    AuditEvent.LOGIN_FAILED, AuditEvent.LOGIN_BLOCKED, AuditEvent.STRANGERS_SLOWED, AuditEvent.LOGIN_ERROR_SHOWN,
    AuditEvent.SESSION_ENDED, AuditEvent.CODE_REHASHED, AuditEvent.WINDOW_CLAIMED, AuditEvent.WINDOW_CLOSED,
    AuditEvent.FACTOR_REFUSED, AuditEvent.FACTOR_CLOCK_REPAIRED, AuditEvent.RECOVERY_CODES_MADE, AuditEvent.CARD_USED,
    AuditEvent.CARD_REFUSED, AuditEvent.CARD_RULES_SET, AuditEvent.STEP_UP_USED, AuditEvent.STEP_UP_WITHDRAWN,
    # where else somebody belongs is not every reader's to know
    AuditEvent.AFFILIATION_CONFIRMED,
}  # fmt: skip


@pytest.fixture
def room(whole: Whole) -> Classroom:
    room = a_classroom(whole)
    born(room, room.whole.asta, 7)
    return room


def asta(room: Classroom) -> Browser:
    browser = room.whole.browser()
    room.whole.mit(browser, room.whole.asta)
    return browser


def much_is_done(room: Classroom) -> None:
    """A new code, a look at the username, a yes and a no, by the teacher."""
    pupil = ("pupil", str(room.whole.asta.id))
    room.send("usernames", pupil)
    room.send("new-code", pupil)
    room.send("step-up", ("yes", str(room.waits(room.whole.asta, known=False))))
    room.send("step-up", ("no", str(room.waits(room.whole.asta))))


def test_every_event_is_worded_or_kept_back_on_purpose() -> None:
    read = OF_OTHERS | OF_ONESELF | OF_STAFF
    assert read <= SENTENCES.keys()
    assert set(AuditEvent) == read | (NOT_TOLD - OF_ONESELF)


def test_the_pupil_reads_who_did_what(room: Classroom) -> None:
    much_is_done(room)
    text = told(asta(room).open("/mit/record"))
    for words in ("Brugernavnet blev slået op", "givet en ny adgangskode", "En voksen sagde ja", "En voksen sagde nej"):
        assert re.search(f"{words}[^·]*· Viggo Lærersen", text), words
    assert "set på for sig selv" in text
    assert "Loggede ind" in text
    assert "192.0.2" not in text


def test_a_protected_teacher_is_the_school(room: Classroom) -> None:
    with room.whole.system.database.writing() as db:
        db.execute(update(SchoolRecord).where(SchoolRecord.person_id == room.whole.viggo.id).values(protected=True))
    much_is_done(room)
    text = told(asta(room).open("/mit/record"))
    assert "Viggo" not in text
    assert "skolen" in text


def test_a_parent_reads_what_others_did_and_no_logins(room: Classroom) -> None:
    much_is_done(room)
    asta(room)
    karen, browser = a_parent(room)
    text = told(browser.open(f"/mit/children/{room.whole.asta.id}/record"))
    assert "Viggo Lærersen" in text
    assert "Loggede ind" not in text
    assert karen.username not in text


def test_another_contact_is_nobody_by_name(room: Classroom) -> None:
    _, first = a_parent(room)
    room.whole.administration.config["WTF_CSRF_ENABLED"] = False
    request = room.waits(room.whole.asta)
    first.post(f"/mit/children/{room.whole.asta.id}/step-up", [("yes", str(request))])
    _, second = a_parent(room)
    text = told(second.open(f"/mit/children/{room.whole.asta.id}/record"))
    assert "en anden kontaktperson" in text
    assert "dig selv" in told(first.open(f"/mit/children/{room.whole.asta.id}/record"))


@pytest.mark.parametrize("custody", [True, False])
def test_nobody_elses_record_is_read(room: Classroom, *, custody: bool) -> None:
    _, browser = a_parent(room, custody=custody)
    born(room, room.bo, 7)
    others = [room.bo.id, room.whole.viggo.id, 987654]
    for one in others if custody else [*others, room.whole.asta.id]:
        assert browser.open(f"/mit/children/{one}/record").status == 403
    born(room, room.whole.asta, 18)
    assert browser.open(f"/mit/children/{room.whole.asta.id}/record").status == 403


def test_the_leadership_reads_who_helped_whom_at_the_own_school_alone(room: Classroom) -> None:
    system = room.whole.system
    with system.database.writing() as db:
        leader = recipes.a_teacher(db, system, room.whole.school, code="hest-banan")
        recipes.a_right(db, system, leader.id, Right.SCHOOL_MANAGEMENT, institution_id=room.whole.school.id)
    much_is_done(room)
    browser = room.logged_in(leader)
    page = browser.open("/brugeradministration/records")
    assert page.path == f"/brugeradministration/{room.whole.school.number}/records"
    assert re.search("Brugernavnet blev slået op [^·]*· Viggo Lærersen[^·]*· for Asta Prøvesen", told(page))
    assert browser.open(f"/brugeradministration/{room.elsewhere.number}/records").status == 403
    assert browser.open(f"/brugeradministration/{room.whole.school.number}/").status == 403
    assert room.browser.open("/brugeradministration/records").status == 403


def test_the_record_is_read_a_page_at_a_time(room: Classroom) -> None:
    for _ in range(45):
        room.send("usernames", ("pupil", str(room.whole.asta.id)))
    browser = asta(room)
    page = browser.open("/mit/record")
    assert len(page.soup.select(".record li")) == 40
    older = browser.open(page.link("Ældre"))
    assert 5 <= len(older.soup.select(".record li")) < 40
    for odd in ("", "x", "-1", "9" * 30, "\0"):
        assert browser.open(f"/mit/record?before={odd}").status == 200


def test_the_leadership_reads_all_of_the_week_however_much_was_done_after(room: Classroom) -> None:
    system = room.whole.system
    with system.database.writing() as db:
        leader = recipes.a_teacher(db, system, room.whole.school, code="hest-banan")
        recipes.a_right(db, system, leader.id, Right.SCHOOL_MANAGEMENT, institution_id=room.whole.school.id)
    room.send("step-up", ("no", str(room.waits(room.whole.asta))))
    with system.database.writing() as db:
        for _ in range(300):
            system.record(
                db, AuditEvent.USERNAMES_PRINTED, actor_id=room.whole.viggo.id, subject_id=room.bo.id,
                institution_id=room.whole.school.id,
            )  # fmt: skip
    browser = room.logged_in(leader)
    page = browser.open("/brugeradministration/records")
    assert "En voksen sagde nej" not in told(page)
    older = browser.open(page.link("Ældre"))
    assert "En voksen sagde nej" in told(older)
    assert not older.soup.select("[rel=next]")


def test_a_pupil_without_a_second_factor_reads_the_own_record(room: Classroom) -> None:
    assert asta(room).open("/mit/record").status == 200
    assert Factor.TOTP.value not in told(asta(room).open("/mit/record"))
