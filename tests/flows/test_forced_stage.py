"""A pupil with special needs: the forced stage's code, and the days of grace when it begins and ends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert

from idp.store.credentials import ForcedStage
from idp.usecases import code_lifetimes
from policies.vocabulary import Level, Stage
from tests import recipes
from tests.opponents.school_day import WORDS, SchoolDay, arrived

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page


def force(day: SchoolDay, someone: recipes.Someone, stage: Stage, *, days: int) -> None:
    now = day.system.now()
    with day.system.database.writing() as db:
        db.execute(
            insert(ForcedStage),
            {
                "person_id": someone.id, "stage": stage, "reason": "letters are hard", "valid_from": now,
                "valid_to": now + timedelta(days=days),
            },
        )  # fmt: skip
        code_lifetimes.settle(db, day.system, [someone.id])


def proven(day: SchoolDay, browser: Browser, someone: recipes.Someone, code: str) -> Page:
    page = day.code_page(browser, someone.username)
    return browser.tap(page, code) if page.step == "pictures" else browser.type_code(page, code)


def pictures_on(page: Page) -> str:
    sources = [str(image["src"]) for image in page.soup.select(".new-pictures img")]
    return " ".join(source.rpartition("/")[2].partition(".")[0] for source in sources)


def test_pictures_for_an_older_pupil_and_words_again_when_the_decision_ends(
    day: SchoolDay, clock: StandingClock
) -> None:
    force(day, day.bo, Stage.INDSKOLING, days=100)
    browser = day.browser()
    page = proven(day, browser, day.bo, WORDS)
    assert page.step == "code-ends"
    page = browser.submit(page, ("when", "now"))
    pictures = pictures_on(page)
    assert len(pictures.split()) == 4
    arrived(browser.tap(browser.submit(page), pictures))

    clock.advance(days=99)
    assert arrived(proven(day, day.browser(), day.bo, pictures))["who"] == day.bo.uniid

    clock.advance(days=1, hours=5)  # the decision has ended; the worker notes since when
    with day.system.database.writing() as db:
        assert code_lifetimes.settle_lapsed(db, day.system) == 1
    with day.system.database.writing() as db:
        assert code_lifetimes.settle_lapsed(db, day.system) == 0
    clock.advance(days=29, hours=18)
    assert proven(day, day.browser(), day.bo, pictures).step == "code-ends"
    clock.advance(hours=1)
    page = proven(day, day.browser(), day.bo, pictures)
    assert page.soup.select_one(".new-code") is not None


def test_nobody_at_work_is_forced_to_a_weaker_code(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        teacher = recipes.a_teacher(db, day.system, day.school, code="Hest-Banan47")
    force(day, teacher, Stage.INDSKOLING, days=100)
    assert arrived(proven(day, day.browser(), teacher, "Hest-Banan47"))["who"] == teacher.uniid


def test_a_code_that_nobody_noted_as_outgrown_is_noted_at_the_next_login(day: SchoolDay, clock: StandingClock) -> None:
    with day.system.database.writing() as db:
        recipes.outgrow(db, day.system, day.bo, level=Level.G7, noted=False)
    browser = day.browser()
    page = proven(day, browser, day.bo, WORDS)
    assert page.step == "code-ends"
    arrived(browser.submit(page, ("when", "later")))
    clock.advance(days=30)
    assert proven(day, day.browser(), day.bo, WORDS).step == "new-code"
