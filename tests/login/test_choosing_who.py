"""As whom: asked of those who are more than one thing, said once, and never answered for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from idp.store.affiliations import Affiliation
from idp.usecases.sessions import ActingEnded, begin_session
from policies.vocabulary import ActorGroup, Level, Role
from tests import recipes
from tests.opponents.school_day import PICTURES, WORDS, SchoolDay, arrived

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page


@dataclass
class BothDay:
    """``karen`` teaches at the first school and has a child at the second."""

    day: SchoolDay
    karen: recipes.Someone
    at_home: int

    def to_the_cards(self, browser: Browser, ask: str = "/ask?state=one") -> Page:
        return browser.type_code(self.day.code_page(browser, self.karen.username, ask), WORDS)

    def end(self, attachment: int) -> None:
        with self.day.system.database.writing() as db:
            db.get_one(Affiliation, attachment).valid_to = self.day.system.now()


@pytest.fixture
def both(day: SchoolDay) -> BothDay:
    with day.system.database.writing() as db:
        other = recipes.a_school(db, day.system)
        karen = recipes.a_teacher(db, day.system, day.school, code=WORDS)
        at_home = recipes.also_attached(db, day.system, karen, other, ActorGroup.CONTACT)
    return BothDay(day, karen, at_home)


def pressed(browser: Browser, page: Page, words: str) -> Page:
    """Press the card with these words."""
    for button in page.form.find_all("button"):
        if words in button.get_text(" ", strip=True):
            return browser.submit(page, (str(button["name"]), str(button["value"])))
    raise AssertionError(f"no card {words!r}: {page.body}")


def on_the_cards(page: Page) -> list[str]:
    return [button.get_text(" ", strip=True) for button in page.form.find_all("button")]


def test_a_teacher_who_is_a_parent_too_says_as_whom(both: BothDay) -> None:
    browser = both.day.browser()
    page = both.to_the_cards(browser)
    assert (page.step, page.heading) == ("who", "Hvem er du nu?")
    first, second = on_the_cards(page)
    assert first.startswith("Lærer Skole")
    assert second.startswith("Forælder eller kontakt Skole")
    assert arrived(pressed(browser, page, "Forælder"))["as"] == "Kontaktperson"


def test_whoever_is_one_thing_only_is_not_asked(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        recipes.also_attached(db, day.system, day.asta, day.school, ActorGroup.PUPIL, level=Level.G1)
    day.log_in(day.browser())


def test_a_pupil_at_two_schools_chooses_the_school_and_sees_the_class(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        other = recipes.a_school(db, day.system)
        group = recipes.a_class(db, day.system, other, code="2b", level=Level.G2)
        recipes.also_attached(db, day.system, day.asta, other, ActorGroup.PUPIL, level=Level.G2, group=group)
    browser = day.browser()
    page = browser.tap(day.code_page(browser, day.asta.username), PICTURES)
    assert page.step == "who"
    assert [words.startswith("Skole") for words in on_the_cards(page)] == [True, True]
    assert arrived(pressed(browser, page, "2b"))["as"] == "Elev"


def test_the_last_choice_in_this_browser_comes_first(both: BothDay, clock: StandingClock) -> None:
    browser, elsewhere = both.day.browser(), both.day.browser()
    arrived(pressed(browser, both.to_the_cards(browser), "Forælder"))
    clock.advance(minutes=1)
    page = both.to_the_cards(browser, "/ask?state=two&again=1")
    assert on_the_cards(page)[0].startswith("Forælder")
    assert on_the_cards(both.to_the_cards(elsewhere))[0].startswith("Lærer")


def test_a_second_service_gets_whom_the_first_one_got(both: BothDay) -> None:
    browser = both.day.browser()
    arrived(pressed(browser, both.to_the_cards(browser), "Forælder"))
    assert arrived(browser.open("/ask?state=two"))["as"] == "Kontaktperson"


def test_logging_in_again_lets_choose_again(both: BothDay, clock: StandingClock) -> None:
    browser = both.day.browser()
    arrived(pressed(browser, both.to_the_cards(browser), "Forælder"))
    clock.advance(minutes=1)
    page = both.to_the_cards(browser, "/ask?state=two&again=1")
    assert arrived(pressed(browser, page, "Lærer"))["as"] == "Medarbejder"


def test_what_is_not_on_a_card_cannot_be_chosen(both: BothDay) -> None:
    browser = both.day.browser()
    page = both.to_the_cards(browser)
    for value in (str(both.day.asta.affiliation_id), "", "0", "x" * 5000, "\0", "٣"):
        page = browser.submit(page, ("as", value))
        assert page.step == "who"
    assert browser.cookie("skolepas") is None


def test_a_card_whose_attachment_has_just_ended_lets_choose_again_and_takes_no_other_silently(both: BothDay) -> None:
    browser = both.day.browser()
    page = both.to_the_cards(browser)
    both.end(both.at_home)
    page = pressed(browser, page, "Forælder")
    assert page.step == "who"
    assert "Vælg igen" in page.body
    (left,) = on_the_cards(page)
    assert left.startswith("Lærer")
    assert arrived(pressed(browser, page, "Lærer"))["as"] == "Medarbejder"


def test_what_was_chosen_and_ends_before_the_login_does_is_chosen_again(both: BothDay) -> None:
    day = both.day
    with day.system.database.writing() as db:
        begun = begin_session(db, day.system, person_id=both.karen.id, factors=(), browser="", acting=both.at_home)
        assert begun.session.actor_group is ActorGroup.CONTACT
    both.end(both.at_home)
    with pytest.raises(ActingEnded), day.system.database.writing() as db:
        begin_session(db, day.system, person_id=both.karen.id, factors=(), browser="", acting=both.at_home)


def test_an_unconfirmed_attachment_may_be_chosen_and_is_never_taken_silently(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        other = recipes.a_school(db, day.system)
        recipes.also_attached(
            db, day.system, day.bo, other, ActorGroup.STAFF, roles=(Role.TEACHER,), confirmed=False
        )  # fmt: skip
    browser = day.browser()
    page = browser.type_code(day.code_page(browser, day.bo.username), WORDS)
    assert page.step == "who"
    first, second = on_the_cards(page)
    assert first.startswith("Elev")
    assert "ikke bekræftet endnu" in second
    assert arrived(pressed(browser, page, "Lærer"))["as"] == "Medarbejder"


def test_no_other_page_goes_past_the_cards(both: BothDay) -> None:
    browser = both.day.browser()
    page = both.to_the_cards(browser)
    for name in ("", "/done", "/code-ends", "/password", "/still-you"):
        assert browser.open(page.address.replace("/who", name)).step == "who"
    assert browser.cookie("skolepas") is None
