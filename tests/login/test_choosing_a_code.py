"""A code of one's own choice: offered after the assigned one, compared with the policy, and hashed at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from idp.store.credentials import Code
from idp.usecases.windows import open_window
from policies.vocabulary import Level, WindowPurpose
from tests import recipes
from tests.opponents.databases import postgresql_is_long
from tests.opponents.school_day import arrived

if TYPE_CHECKING:
    from tests.opponents.browser import Browser, Page
    from tests.opponents.school_day import SchoolDay

OWN = "Tordenvejr over 7 sovende alpakaer"


def offered(day: SchoolDay, browser: Browser, someone: recipes.Someone) -> Page:
    """Come to the page that shows a new code, by way of a window."""
    with day.system.database.writing() as db:
        window = open_window(db, day.system, person_id=someone.id, opened_by=None, purpose=WindowPurpose.NEW_CODE)
    page = browser.open(day.code_page(browser, someone.username).link("tegn"))
    return browser.pick_sign(page, window.sign)


def choosing(day: SchoolDay, browser: Browser, someone: recipes.Someone) -> Page:
    return browser.open(offered(day, browser, someone).link("vælge min egen"))


def choose(browser: Browser, page: Page, code: str, again: str | None = None) -> Page:
    return browser.submit(page, ("password", code), ("again", code if again is None else again))


@postgresql_is_long
@pytest.mark.parametrize(
    "code",
    [
        OWN,
        "kaffe🦙kanel Østers 12 Å",
        "Der gik 12 elefanter langs en edderkops fine spind, og så kom der 3 nysgerrige til den",
        "Blå  to  blanke 8",
        "Snefnug-Til-Kakao9" * 6,
    ],
    ids=["words", "emoji", "over-eighty", "blanks", "long"],
)
def test_a_pupil_of_seventh_grade_chooses_a_code_and_logs_in_with_it_as_typed(day: SchoolDay, code: str) -> None:
    with day.system.database.writing() as db:
        ella = recipes.a_pupil(db, day.system, day.school, level=Level.G7)
    browser = day.browser()
    page = choosing(day, browser, ella)
    assert page.step == "choose-code"
    assert arrived(choose(browser, page, code))["who"] == ella.uniid
    elsewhere = day.browser()
    assert arrived(elsewhere.type_code(day.code_page(elsewhere, ella.username), code))["who"] == ella.uniid
    with day.system.database.reading() as db:
        kept = db.execute(select(Code).where(Code.person_id == ella.id, Code.ended_at.is_(None))).scalar_one()
        assert (kept.self_chosen, kept.length) == (True, len(code))


def test_the_offered_code_is_still_there_for_who_would_rather_have_it(day: SchoolDay) -> None:
    browser = day.browser()
    page = offered(day, browser, day.dina)
    shown = page.soup.select_one(".new-code")
    assert shown is not None
    chooses = browser.open(page.link("vælge min egen"))
    back = browser.open(chooses.link("Nej"))
    assert back.soup.select_one(".new-code") == shown


def test_the_youngest_choose_none(day: SchoolDay) -> None:
    browser = day.browser()
    page = offered(day, browser, day.carl)
    assert page.step == "new-code"
    assert "choose-code" not in page.body
    assert browser.open(page.address.replace("new-code", "choose-code")).step == "new-code"
    sent = browser.post(page.address.replace("new-code", "choose-code"), [("password", OWN), ("again", OWN)])
    assert sent.step == "new-code"
    with day.system.database.reading() as db:
        assert db.execute(select(Code).where(Code.person_id == day.carl.id)).first() is None


@postgresql_is_long
@pytest.mark.parametrize(
    ("code", "again", "said"),
    [
        (OWN, OWN + "!", "De to var ikke ens"),
        ("", "", "for kort"),
        ("kort7A", "kort7A", "for kort"),
        ("Asta-Gik-i-Skoven7", "Asta-Gik-i-Skoven7", "navn"),
        ("password123", "password123", "Rigtig mange"),
        ("Vinter-kanel-7-x", "Vinter-kanel-7-x", "årstid"),
        ("x" * 2000, "x" * 2000, "for lang"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(day: SchoolDay, code: str, again: str, said: str) -> None:
    browser = day.browser()
    page = choose(browser, choosing(day, browser, day.dina), code, again)
    assert page.step == "choose-code"
    assert said in page.error
    with day.system.database.reading() as db:
        assert db.execute(select(Code).where(Code.person_id == day.dina.id)).first() is None
    assert arrived(choose(browser, page, OWN))["who"] == day.dina.uniid


def test_none_of_the_last_five_comes_back_and_the_sixth_may(day: SchoolDay) -> None:
    codes = [f"Regnvejr-Nummer-{n}-i-marken" for n in range(6)]
    for code in codes:
        browser = day.browser()
        arrived(choose(browser, choosing(day, browser, day.dina), code))
    browser = day.browser()
    page = choosing(day, browser, day.dina)
    for code in codes[1:]:
        page = choose(browser, page, code)
        assert "har du haft før" in page.error
    assert arrived(choose(browser, page, codes[0]))["who"] == day.dina.uniid


def test_a_window_that_lapsed_meanwhile_keeps_nothing(day: SchoolDay) -> None:
    browser = day.browser()
    page = choosing(day, browser, day.dina)
    with day.system.database.writing() as db:
        db.execute(text("UPDATE activation_window SET closed_at = opened_at, closed_why = 'replaced'"))
    page = choose(browser, page, OWN)
    assert page.step == "password"
    with day.system.database.reading() as db:
        assert db.execute(select(Code).where(Code.person_id == day.dina.id)).first() is None


def test_a_login_compares_ten_codes_with_earlier_ones_and_no_more(day: SchoolDay) -> None:
    browser = day.browser()
    arrived(choose(browser, choosing(day, browser, day.dina), OWN))
    browser = day.browser()
    page = choosing(day, browser, day.dina)
    for _ in range(10):
        page = choose(browser, page, OWN)
        assert "har du haft før" in page.error
    page = choose(browser, page, "Regnbuer-i-7-lag-kage")
    assert "prøvet mange koder" in page.error
    page = browser.open(page.link("Nej"))
    shown = page.soup.select_one(".new-code")
    assert shown is not None
    assert arrived(browser.type_code(browser.submit(page), shown.get_text(strip=True)))["who"] == day.dina.uniid
