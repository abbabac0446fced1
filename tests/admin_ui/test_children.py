"""Mit login of a parent: yes to a child who waits, with custody and a strong identification alone (decision 4)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, update

from idp.store.affiliations import Affiliation
from idp.store.contacts import Contact
from idp.store.login_sessions import LoginSession, SessionFactor
from idp.store.people import SchoolRecord
from policies.decision import Allow, Deny
from policies.parents import ParentFacts, may_vouch_for_child
from policies.vocabulary import ActorGroup, Factor, Level, Reason
from tests import recipes
from tests.admin_ui.classroom import Classroom, a_classroom
from tests.admin_ui.office import an_office, told, with_two_factors

if TYPE_CHECKING:
    from tests.admin_ui.conftest import Whole
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page

TODAY = date(2026, 8, 10)
FIT = ParentFacts(custody=True, born=date(2019, 1, 1), two_factors=True, identified=True)


@pytest.fixture
def room(whole: Whole) -> Classroom:
    room = a_classroom(whole)
    born(room, room.whole.asta, 7)
    return room


def born(room: Classroom, child: recipes.Someone, years: int, *, days: int = 0) -> None:
    """Let a child have become so many years old so many days ago."""
    today = room.whole.system.now().date()
    day = today.replace(year=today.year - years).toordinal() - days
    with room.whole.system.database.writing() as db:
        db.execute(
            update(SchoolRecord).where(SchoolRecord.person_id == child.id).values(birth_date=date.fromordinal(day))
        )


def a_parent(
    room: Classroom,
    *,
    custody: bool = True,
    factor: Factor | None = Factor.UPSTREAM_TWO,
    of: recipes.Someone | None = None,
    vouched_at: recipes.School | None = None,
) -> tuple[recipes.Someone, Browser]:
    """A contact of the child's who is logged in, with what has been shown beside the code.

    ``vouched_at``: the school for whose people another provider is believed, if that is the second factor.
    """
    system = room.whole.system
    with system.database.writing() as db:
        karen = recipes.a_contact(
            db, system, room.whole.school, of=of or room.whole.asta, custody=custody, code="hest-banan"
        )
    browser = room.whole.browser()
    room.whole.mit(browser, karen)
    with system.database.writing() as db:
        shown = {"factor": factor, "proven_at": system.now()}
        if factor is Factor.UPSTREAM_TWO:
            shown["upstream_id"] = recipes.an_upstream(db, system, vouched_at or room.whole.school)
        for session_id in db.execute(select(LoginSession.id).where(LoginSession.person_id == karen.id)).scalars():
            if factor is not None:
                db.execute(insert(SessionFactor).values(session_id=session_id, **shown))
    return karen, browser


def answer(room: Classroom, browser: Browser, child: recipes.Someone, press: str, request: int) -> Page:
    room.whole.administration.config["WTF_CSRF_ENABLED"] = False
    return browser.post(f"/mit/children/{child.id}/step-up", [(press, str(request))])


def test_a_parent_says_yes_from_another_device(room: Classroom) -> None:
    karen, browser = a_parent(room)
    assert "Venter ikke på noget nu" in told(browser.open("/mit/children"))
    request = room.waits(room.whole.asta, address="198.51.100.9", known=False)
    page = browser.open("/mit/children")
    assert len(page.soup.select(".match-picture")) == 2
    assert "Dit barn går videre" in told(answer(room, browser, room.whole.asta, "yes", request))
    assert room.answer_of(request) == "approved"
    assert karen.username not in room.browser.open(room.address).body


def test_a_parent_says_no(room: Classroom) -> None:
    _, browser = a_parent(room)
    request = room.waits(room.whole.asta)
    answer(room, browser, room.whole.asta, "no", request)
    assert room.answer_of(request) == "refused"


def test_a_page_that_has_lain_open_is_read_but_answers_only_after_a_new_login(
    room: Classroom, clock: StandingClock
) -> None:
    """The child at the family's computer must not be able to press."""
    _, browser = a_parent(room)
    clock.advance(minutes=6)
    request = room.waits(room.whole.asta)
    assert len(browser.open("/mit/children").soup.select(".match-picture")) == 2
    page = answer(room, browser, room.whole.asta, "yes", request)
    assert page.status == 403
    assert "lately=now" in page.link("Log ind med to faktorer")
    assert "next=/mit/children" in page.link("Log ind med to faktorer")
    assert room.answer_of(request) is None


def test_without_custody_there_is_no_child(room: Classroom) -> None:
    _, browser = a_parent(room, custody=False)
    request = room.waits(room.whole.asta)
    assert "Asta" not in told(browser.open("/mit/children"))
    assert answer(room, browser, room.whole.asta, "yes", request).status == 403
    assert room.answer_of(request) is None


def test_another_familys_child_is_nobodys(room: Classroom) -> None:
    _, browser = a_parent(room)
    born(room, room.bo, 7)
    request = room.waits(room.bo)
    assert answer(room, browser, room.bo, "yes", request).status == 403
    assert room.answer_of(request) is None


def test_one_factor_leads_to_a_login_with_two(room: Classroom) -> None:
    _, browser = a_parent(room, factor=None)
    page = browser.open("/mit/children", follow=False)
    assert "two=1" in str(page.headers["Location"])


def test_an_own_second_factor_is_not_yet_knowing_who_it_is(room: Classroom) -> None:
    karen, browser = a_parent(room, factor=Factor.TOTP)
    request = room.waits(room.whole.asta)
    assert "Vis først, hvem du er" in told(browser.open("/mit/children"))
    assert answer(room, browser, room.whole.asta, "yes", request).status == 403
    office = an_office(room.whole)
    page = office.act(karen, "seen")
    assert "Det er noteret, at du har set personen" in told(page)
    assert "har set personen" in told(office.see(karen))
    answer(room, browser, room.whole.asta, "yes", request)
    assert room.answer_of(request) == "approved"


def test_a_provider_that_another_school_believes_says_nothing_about_who_is_whose_parent(room: Classroom) -> None:
    """Decision 20."""
    _, browser = a_parent(room, vouched_at=room.elsewhere)
    request = room.waits(room.whole.asta)
    assert "Vis først, hvem du er" in told(browser.open("/mit/children"))
    assert answer(room, browser, room.whole.asta, "yes", request).status == 403
    assert room.answer_of(request) is None


def test_only_an_administrator_of_the_school_confirms_a_contact_and_never_oneself(room: Classroom) -> None:
    karen, _ = a_parent(room)
    room.whole.administration.config["WTF_CSRF_ENABLED"] = False
    address = f"/brugeradministration/{room.whole.school.number}/people/{karen.id}/seen"
    with room.whole.system.database.writing() as db:
        other = recipes.an_administrator(db, room.whole.system, room.elsewhere, code="Hest-Banan47")
    for browser in (room.browser, room.logged_in(other)):
        assert browser.post(address, [("x", "1")]).status == 403
    office = an_office(room.whole)
    with room.whole.system.database.writing() as db:
        recipes.also_attached(db, room.whole.system, office.sonja, room.whole.school, ActorGroup.CONTACT)
    own = f"/brugeradministration/{room.whole.school.number}/people/{office.sonja.id}/seen"
    assert office.browser.post(own, [("x", "1")]).status == 403


def test_a_contact_whom_a_school_found_by_a_number_is_nobodys_parent_until_somebody_confirms_it(
    room: Classroom,
) -> None:
    """Decision 2: a wrong digit in a CPR number names a stranger."""
    karen, browser = a_parent(room)
    own = update(Affiliation).where(Affiliation.id == karen.affiliation_id)
    with room.whole.system.database.writing() as db:
        db.execute(own.values(confirmed_at=None))
    request = room.waits(room.whole.asta)
    assert "Vis først, hvem du er" in told(browser.open("/mit/children"))
    assert answer(room, browser, room.whole.asta, "yes", request).status == 403
    assert room.answer_of(request) is None
    with room.whole.system.database.writing() as db:
        db.execute(own.values(confirmed_at=room.whole.system.now()))
    answer(room, browser, room.whole.asta, "yes", request)
    assert room.answer_of(request) == "approved"


def test_what_another_school_says_of_a_childs_age_changes_nothing(room: Classroom) -> None:
    _, browser = a_parent(room)
    request = room.waits(room.whole.asta)
    born(room, room.whole.asta, 19)
    with room.whole.system.database.writing() as db:
        recipes.also_attached(
            db, room.whole.system, room.whole.asta, room.elsewhere, ActorGroup.PUPIL, level=Level.G1, confirmed=False
        )
        younger = update(SchoolRecord).where(
            SchoolRecord.person_id == room.whole.asta.id, SchoolRecord.institution_id == room.elsewhere.id
        )
        db.execute(younger.values(birth_date=date(2019, 1, 1)))
    assert answer(room, browser, room.whole.asta, "yes", request).status == 403
    assert room.answer_of(request) is None


def test_nobody_is_a_child_of_their_own(room: Classroom) -> None:
    karen, browser = a_parent(room)
    system = room.whole.system
    with system.database.writing() as db:
        pupil = recipes.also_attached(db, system, karen, room.whole.school, ActorGroup.PUPIL, level=Level.G10)
        db.execute(
            update(Contact)
            .where(Contact.contact_affiliation_id == karen.affiliation_id)
            .values(pupil_affiliation_id=pupil)
        )
    born(room, karen, 17)
    request = room.waits(karen)
    assert browser.open("/mit/children").status == 200
    assert answer(room, browser, karen, "yes", request).status == 403
    assert room.answer_of(request) is None


def test_it_ends_on_the_eighteenth_birthday(room: Classroom) -> None:
    _, browser = a_parent(room)
    request = room.waits(room.whole.asta)
    born(room, room.whole.asta, 18)
    assert answer(room, browser, room.whole.asta, "yes", request).status == 403
    born(room, room.whole.asta, 18, days=-1)
    answer(room, browser, room.whole.asta, "yes", request)
    assert room.answer_of(request) == "approved"


def test_it_ends_with_the_tie_and_with_the_childs_attachment(room: Classroom) -> None:
    karen, browser = a_parent(room)
    request, now = room.waits(room.whole.asta), room.whole.system.now()
    for change in (
        update(Affiliation).where(Affiliation.id == room.whole.asta.affiliation_id).values(confirmed_at=None),
        update(Contact).where(Contact.contact_affiliation_id == karen.affiliation_id).values(valid_to=now),
    ):
        with room.whole.system.database.writing() as db:
            db.execute(change)
        assert answer(room, browser, room.whole.asta, "yes", request).status == 403
    assert room.answer_of(request) is None


def test_a_pupil_and_a_teacher_have_no_children_here(room: Classroom) -> None:
    request = room.waits(room.whole.asta)
    for someone in (room.whole.asta, room.whole.viggo):
        browser = room.whole.browser()
        room.whole.mit(browser, someone)
        with_two_factors(room.whole, someone)
        assert browser.open("/mit/children").status == 403
        assert answer(room, browser, room.whole.asta, "yes", request).status == 403
    assert room.answer_of(request) is None


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (FIT, Allow()),
        (ParentFacts(False, FIT.born, True, True), Deny(Reason.NOT_YOUR_CHILD)),
        (ParentFacts(True, None, True, True), Deny(Reason.NOT_YOUR_CHILD)),
        (ParentFacts(True, date(2008, 8, 10), True, True), Deny(Reason.NOT_YOUR_CHILD)),
        (ParentFacts(True, date(2008, 8, 11), True, True), Allow()),
        (ParentFacts(True, FIT.born, False, True), Deny(Reason.PARENT_NOT_IDENTIFIED)),
        (ParentFacts(True, FIT.born, True, False), Deny(Reason.PARENT_NOT_IDENTIFIED)),
    ],
)
def test_who_may_answer_for_a_child(facts: ParentFacts, expected: Allow | Deny) -> None:
    assert may_vouch_for_child(facts, TODAY) == expected
