"""A lesson that was approved beforehand: one use each, by the lesson's sign, on the school's own network (decision 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from idp.errors import Refused
from idp.store.affiliations import Affiliation
from idp.store.groups import Membership
from idp.store.people import Person
from idp.store.step_up import LessonApproval, StepUpRequest
from idp.usecases import lessons
from idp.usecases.reach import Reach, SchoolClass, Through
from policies.lessons import LessonRule, LessonRuleFault, lesson_rule, read_lesson_rule
from policies.vocabulary import GroupType, Level, Reason
from tests import recipes
from tests.opponents.school_day import PICTURES, SchoolDay, arrived

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page

SCHOOL, HOME = "192.0.2.7", "198.51.100.9"
ASK = "/ask?level=VoksenVerificeret&state=one"


class Lesson:
    """1a with Asta, and its teacher."""

    def __init__(self, day: SchoolDay) -> None:
        self.day, self.system = day, day.system
        with self.system.database.writing() as db:
            group = recipes.a_class(db, self.system, day.school)
            recipes.in_group(db, self.system, day.asta, group)
            teacher = recipes.a_teacher(db, self.system, day.school, of=group)
            rule = lesson_rule(enabled=True, networks=["192.0.2.0/24"])
            lessons.set_rule(db, self.system, institution_id=day.school.id, rule=rule)
        self.reach = Reach(actor_id=teacher.id, taught=frozenset({group}))
        self.group = SchoolClass(
            id=group, name="1a", type=GroupType.CLASS, level=Level.G1, institution_id=day.school.id, institution="",
            number=day.school.number, through=Through.TEACHER,
        )  # fmt: skip

    def approve(self) -> str:
        """Approve it for Asta, and return the sign on the teacher's page."""
        with self.system.database.writing() as db:
            assert lessons.approve_lesson(db, self.system, self.reach, self.group, [self.day.asta.id]) == 1
            return db.execute(select(LessonApproval.sign).order_by(LessonApproval.id.desc()).limit(1)).scalar_one()

    def waits(self, browser: Browser, ask: str = ASK) -> Page:
        page = browser.tap(self.day.code_page(browser, self.day.asta.username, ask), PICTURES)
        assert page.step == "step-up"
        return page

    def pick(self, browser: Browser, page: Page, sign: str) -> Page:
        return browser.post(page.address, [("answer", "lesson"), ("sign", value_of(page, sign))])

    def another(self, sign: str) -> str:
        return next(one for one in self.system.rules.window.signs if one != sign)


def value_of(page: Page, sign: str) -> str:
    """What the page sends for a sign."""
    found = page.soup.select_one(f"[data-sign='{sign}']")
    assert found is not None, page.body
    return str(found["value"])


@pytest.fixture
def lesson(day: SchoolDay) -> Lesson:
    return Lesson(day)


def test_the_lessons_sign_lets_a_pupil_on_once_and_the_time_runs_from_the_request(
    lesson: Lesson, clock: StandingClock
) -> None:
    sign, browser = lesson.approve(), lesson.day.browser(address=SCHOOL)
    page = lesson.waits(browser)
    clock.advance(minutes=9)
    assert arrived(lesson.pick(browser, page, sign))["level"] == "VoksenVerificeret"
    with lesson.system.database.reading() as db:
        row = db.execute(select(StepUpRequest)).scalar_one()
    assert (row.level_until - row.requested_at).total_seconds() == 7200
    assert (row.answered_as, row.answered_by) == ("lesson", lesson.reach.actor_id)
    other = lesson.day.browser(address=SCHOOL)
    assert not lesson.waits(other).soup.select("[data-sign]")


def test_a_wrong_pick_ends_it_and_the_pupil_goes_on_waiting(lesson: Lesson) -> None:
    sign, browser = lesson.approve(), lesson.day.browser(address=SCHOOL)
    page = lesson.pick(browser, lesson.waits(browser), lesson.another(sign))
    assert (page.step, bool(page.error)) == ("step-up", True)
    assert page.soup.select_one(".match-sign") is not None
    assert not page.soup.select("[data-sign]")


def test_a_stolen_code_is_worth_nothing_at_home_meanwhile(lesson: Lesson) -> None:
    sign, thief = lesson.approve(), lesson.day.browser(address=HOME)
    page = lesson.waits(thief)
    assert not page.soup.select("[data-sign]")
    shown = lesson.waits(lesson.day.browser(address=SCHOOL))
    for value in (value_of(shown, sign), sign, ""):
        assert thief.post(page.address, [("answer", "lesson"), ("sign", value)]).step == "step-up"
    browser = lesson.day.browser(address=SCHOOL)
    assert arrived(lesson.pick(browser, lesson.waits(browser), sign))["level"] == "VoksenVerificeret"


def test_a_lesson_is_over_after_an_hour_and_a_half(lesson: Lesson, clock: StandingClock) -> None:
    lesson.approve()
    clock.advance(minutes=90)
    assert not lesson.waits(lesson.day.browser(address=SCHOOL)).soup.select("[data-sign]")


@pytest.mark.parametrize("loses", ["class", "work", "account"])
def test_it_is_worth_nothing_once_its_giver_has_no_say_over_the_pupil(lesson: Lesson, loses: str) -> None:
    lesson.approve()
    teacher, now = lesson.reach.actor_id, lesson.system.now()
    own = select(Affiliation.id).where(Affiliation.person_id == teacher)
    change = {
        "class": update(Membership).where(Membership.affiliation_id.in_(own)).values(valid_to=now),
        "work": update(Affiliation).where(Affiliation.person_id == teacher).values(valid_to=now),
        "account": update(Person).where(Person.id == teacher).values(blocked_at=now),
    }[loses]
    browser = lesson.day.browser(address=SCHOOL)
    page = lesson.waits(browser)
    shown = str(page.soup.select("[data-sign]")[0]["data-sign"])
    value = value_of(page, shown)
    with lesson.system.database.writing() as db:
        db.execute(change)
    assert not browser.open(page.address).soup.select("[data-sign]")
    assert browser.post(page.address, [("answer", "lesson"), ("sign", value)]).step == "step-up"
    with lesson.system.database.reading() as db:
        assert db.execute(select(StepUpRequest.answer)).scalar_one() is None


def test_a_newer_approval_takes_the_place_of_the_one_before(lesson: Lesson) -> None:
    first = lesson.approve()
    object.__setattr__(lesson.system, "draw", lambda n: (list(lesson.system.rules.window.signs).index(first) + 1) % n)
    second, browser = lesson.approve(), lesson.day.browser(address=SCHOOL)
    assert first != second
    assert lesson.pick(browser, lesson.waits(browser), first).step == "step-up"


def test_it_is_off_until_a_school_names_its_networks(lesson: Lesson) -> None:
    with lesson.system.database.writing() as db:
        lessons.set_rule(db, lesson.system, institution_id=lesson.day.school.id, rule=LessonRule())
    with pytest.raises(Refused) as refused:
        lesson.approve()
    assert refused.value.reason is Reason.LESSON_OFF
    assert not read_lesson_rule(None).enabled
    assert not read_lesson_rule({"enabled": True, "networks": ["x"]}).enabled
    for networks in ([], ["x"], ["192.0.2.1/24"]):
        with pytest.raises(LessonRuleFault):
            lesson_rule(enabled=True, networks=networks)


def test_only_pupils_of_the_class_are_approved(lesson: Lesson) -> None:
    with lesson.system.database.writing() as db, pytest.raises(Refused) as refused:
        lessons.approve_lesson(db, lesson.system, lesson.reach, lesson.group, [lesson.day.bo.id])
    assert refused.value.reason is Reason.NOT_YOUR_PUPIL
