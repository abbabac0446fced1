"""Enrolling a second factor: with a one-time pass, through a window, or by one that is there. Never with a code alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from idp.usecases.windows import open_window
from policies.vocabulary import WindowPurpose
from tests.opponents.authenticator import Authenticator
from tests.opponents.databases import sqlite_is_long
from tests.opponents.factor_day import TASK, TWO, WORDS, FactorDay
from tests.opponents.school_day import arrived

if TYPE_CHECKING:
    from tests.opponents.browser import Browser, Page


def test_a_service_that_wants_two_factors_gets_them_after_a_pass_and_an_app(factor_day: FactorDay) -> None:
    browser = factor_day.day.browser()
    page = factor_day.with_code(browser)
    assert (page.step, page.soup.find("input", attrs={"name": "pass"}) is not None) == ("enrol-factor", True)
    page = factor_day.use_pass(browser, page)
    assert (page.step, page.soup.find("input", attrs={"name": "pass"})) == ("enrol-factor", None)
    told = arrived(factor_day.enrol_app(browser, page))
    assert (told["who"], told["level"]) == (factor_day.viggo.uniid, "ToFaktor")
    assert len(factor_day.codes) == 10
    assert [one["way"] for one in factor_day.events("factor:factor:enrolled")] == ["pass"]


def test_a_passkey_is_enrolled_as_well(factor_day: FactorDay) -> None:
    factor_day.has_passkey(Authenticator())
    assert [(one["kind"], one["way"]) for one in factor_day.events("factor:factor:enrolled")] == [("passkey", "pass")]


def test_the_image_for_the_app_is_drawn_for_this_login_alone(factor_day: FactorDay) -> None:
    browser = factor_day.day.browser()
    page = factor_day.begin_app(browser, factor_day.use_pass(browser, factor_day.with_code(browser)))
    image = page.soup.select_one(".qr img")
    assert image is not None
    drawn = browser.open(str(image["src"]))
    assert drawn.headers["Content-Type"].startswith("image/svg+xml")
    assert drawn.headers["Cache-Control"] == "no-store"
    assert "<svg" in drawn.body
    assert factor_day.day.browser().open(str(image["src"])).status == 403


def test_a_wrong_first_code_keeps_nothing_and_the_app_can_be_tried_again(factor_day: FactorDay) -> None:
    browser = factor_day.day.browser()
    page = factor_day.begin_app(browser, factor_day.use_pass(browser, factor_day.with_code(browser)))
    for wrong in ("", "12345", "abcdef", factor_day.app_code(40)):
        again = browser.submit(page, ("code", wrong))
        assert (again.step, bool(again.error)) == ("app", True)
    assert browser.submit(again, ("code", factor_day.app_code())).step == "recovery-codes"


def test_an_app_whose_clock_is_some_minutes_off_is_enrolled_and_followed(factor_day: FactorDay) -> None:
    browser = factor_day.day.browser()
    page = factor_day.begin_app(browser, factor_day.use_pass(browser, factor_day.with_code(browser)))
    arrived(browser.submit(browser.submit(page, ("code", factor_day.app_code(-8)))))
    factor_day.clock.advance(days=1)
    browser = factor_day.day.browser()
    arrived(browser.submit(factor_day.with_code(browser), ("code", factor_day.app_code(-8))))


STOLEN: list[tuple[str, list[tuple[str, str]]]] = [
    ("enrol-factor", [("what", "app")]),
    ("app", [("code", "123456")]),
    ("new-passkey", [("answer", "{}")]),
    ("new-codes", []),
    ("recovery-codes", []),
    ("pass", [("pass", "2345-6789-ABCD")]),
]


@pytest.mark.parametrize("ask", [TWO, TASK])
@pytest.mark.parametrize("enrolled", [False, True])
def test_a_stolen_password_enrols_nothing(factor_day: FactorDay, ask: str, *, enrolled: bool) -> None:
    if enrolled:
        factor_day.has_app()
    thief = factor_day.day.browser(address="198.51.100.9")
    page = factor_day.with_code(thief, ask)
    before = kept(factor_day)
    for place, fields in STOLEN:
        thief.post(page.address.replace(page.step, place), fields)
    form = {"app": b"seed" in page.body.encode(), "create": 'data-passkey="create"' in page.body}
    assert form == {"app": False, "create": False}
    assert kept(factor_day) == before
    arrived_at = thief.open(page.address)
    assert arrived_at.step in {"enrol-factor", "second-factor"}


def test_a_stolen_password_and_a_passkey_made_for_it_enrol_nothing(factor_day: FactorDay) -> None:
    thief = factor_day.day.browser()
    page = factor_day.with_code(thief)
    before = kept(factor_day)
    options = '{"user": {"id": "eA"}, "challenge": "eA"}'
    thief.post(page.address.replace(page.step, "new-passkey"), [("answer", Authenticator().create(options))])
    assert kept(factor_day) == before


def kept(factor_day: FactorDay) -> list[tuple[object, ...]]:
    with factor_day.day.system.database.reading() as db:
        rows = db.execute(text("SELECT id, ended_at FROM enrolled_factor ORDER BY id")).all()
    return [tuple(row) for row in rows]


def test_a_pass_is_good_for_one_enrolment_of_one_person(factor_day: FactorDay) -> None:
    browser, given = factor_day.day.browser(), factor_day.a_pass()
    arrived(factor_day.enrol_app(browser, factor_day.use_pass(browser, factor_day.with_code(browser), given)))
    other = factor_day.day.browser()
    page = factor_day.with_code(other)
    page = other.submit(other.open(page.link("mistet")), ("pass", given))
    assert (page.step, bool(page.error)) == ("pass", True)
    page = other.submit(page, ("pass", factor_day.a_pass(factor_day.day.bo)))
    assert (page.step, bool(page.error)) == ("pass", True)


def test_forms_sent_at_once_enrol_one_factor_with_one_pass(factor_day: FactorDay) -> None:
    browser = factor_day.day.browser()
    page = factor_day.begin_app(browser, factor_day.use_pass(browser, factor_day.with_code(browser)))
    twins = [browser, *(browser.twin() for _ in range(3))]
    with ThreadPoolExecutor(len(twins)) as at_once:
        list(at_once.map(lambda one: one.submit(page, ("code", factor_day.app_code())), twins))
    assert len(factor_day.events("factor:factor:enrolled")) == 1
    assert [ended for _, ended in kept(factor_day)] == [None, None]  # the app, and its recovery codes


def test_a_pass_that_is_too_old_opens_nothing(factor_day: FactorDay) -> None:
    browser, given = factor_day.day.browser(), factor_day.a_pass()
    page = factor_day.with_code(browser)
    factor_day.clock.advance(minutes=10)
    page = factor_day.use_pass(browser, page, given)
    assert "tiden" in page.error


@sqlite_is_long
@pytest.mark.parametrize("typed", ["", "\0", "🦊" * 30, "x" * 100_000, "2345-6789-ABC\u202e"])
def test_what_is_no_pass_is_refused_in_words(factor_day: FactorDay, typed: str) -> None:
    browser = factor_day.day.browser()
    page = browser.submit(factor_day.with_code(browser), ("pass", typed))
    assert (page.status, page.step, bool(page.error)) == (200, "pass", True)


def test_guessing_passes_is_slowed_down(factor_day: FactorDay) -> None:
    browser = factor_day.day.browser()
    page = factor_day.with_code(browser)
    for _ in range(5):
        page = browser.submit(page, ("pass", "2345-6789-ABCD"))
    assert "30 sekunder" in page.error
    right = factor_day.a_pass()
    assert "sekunder" in browser.submit(page, ("pass", right)).error
    factor_day.clock.advance(seconds=31)
    assert browser.submit(page, ("pass", right)).step == "enrol-factor"


def test_what_was_begun_with_a_pass_is_worth_nothing_in_another_browser(factor_day: FactorDay) -> None:
    browser = factor_day.day.browser()
    page = factor_day.use_pass(browser, factor_day.with_code(browser))
    browser.forget("skolepas-window")
    assert browser.open(page.address).step == "password"


def test_a_lost_factor_is_replaced_with_a_pass_and_works_no_longer(factor_day: FactorDay) -> None:
    factor_day.has_app()
    lost, old_codes = factor_day.seed, factor_day.codes
    browser = factor_day.day.browser()
    page = browser.open(factor_day.with_code(browser).link("mistet"))
    page = factor_day.use_pass(browser, page)
    assert "virker ikke mere" in page.body or page.step == "enrol-factor"
    arrived(factor_day.enrol_app(browser, page))
    assert factor_day.seed != lost
    new_seed, factor_day.seed = factor_day.seed, lost
    factor_day.clock.advance(minutes=1)
    other = factor_day.day.browser()
    page = factor_day.with_code(other)
    assert other.submit(page, ("code", factor_day.app_code())).step == "second-factor"
    recovery = other.open(page.link("nødkode"))
    assert other.submit(recovery, ("code", old_codes[0])).step == "recovery"
    factor_day.seed = new_seed
    arrived(other.submit(other.open(page.address), ("code", factor_day.app_code())))


@pytest.mark.parametrize("purpose", [WindowPurpose.ENROL_FACTOR, WindowPurpose.FIRST_CODE])
def test_a_first_factor_is_enrolled_through_a_window(factor_day: FactorDay, purpose: WindowPurpose) -> None:
    browser = factor_day.day.browser()
    page, _ = through_window(factor_day, browser, purpose)
    assert page.step == "enrol-factor"
    assert arrived(factor_day.enrol_app(browser, page))["level"] == "ToFaktor"
    assert [one["way"] for one in factor_day.events("factor:factor:enrolled")] == ["window"]


def test_a_window_for_a_forgotten_code_lets_nothing_be_enrolled(factor_day: FactorDay) -> None:
    page, _ = through_window(factor_day, factor_day.day.browser(), WindowPurpose.NEW_CODE)
    assert page.soup.find("input", attrs={"name": "pass"}) is not None


def test_a_window_does_not_get_around_a_factor_that_is_there(factor_day: FactorDay) -> None:
    factor_day.has_app()
    page, _ = through_window(factor_day, factor_day.day.browser(), WindowPurpose.ENROL_FACTOR)
    assert page.step == "second-factor"


def test_what_a_window_offers_may_wait(factor_day: FactorDay) -> None:
    browser = factor_day.day.browser()
    page, code = through_window(factor_day, browser, WindowPurpose.ENROL_FACTOR, "/ask?level=EnFaktor&state=one")
    assert page.step == "enrol-factor"
    told = arrived(browser.post(page.address.replace(page.step, "cancel"), []))
    assert told["level"] == "EnFaktor"
    later = factor_day.day.browser()
    page = later.type_code(factor_day.code_page(later), code)
    assert page.soup.find("input", attrs={"name": "pass"}) is not None


def through_window(factor_day: FactorDay, browser: Browser, purpose: WindowPurpose, ask: str = TWO) -> tuple[Page, str]:
    day = factor_day.day
    with day.system.database.writing() as db:
        opened = open_window(db, day.system, person_id=factor_day.viggo.id, opened_by=None, purpose=purpose)
    page = browser.open(factor_day.code_page(browser, ask).link("tegn"))
    page = browser.pick_sign(page, opened.sign)
    shown = page.soup.select_one(".new-code")
    assert shown is not None, page.body
    code = shown.get_text(strip=True)
    return browser.type_code(browser.submit(page), code), code


def test_recovery_codes_are_shown_once(factor_day: FactorDay) -> None:
    browser = factor_day.day.browser()
    page = factor_day.begin_app(browser, factor_day.use_pass(browser, factor_day.with_code(browser)))
    page = browser.submit(page, ("code", factor_day.app_code()))
    assert browser.open(page.address).soup.select(".codes code") == page.soup.select(".codes code")
    with factor_day.day.system.database.reading() as db:
        state = repr(db.execute(text("SELECT state FROM login_attempt")).all())
    shown = page.soup.select_one(".codes code")
    assert shown is not None
    assert shown.get_text() not in state
    browser.submit(page)
    assert not browser.open(page.address).soup.select(".codes code")


def test_another_factor_is_added_by_one_that_is_there(factor_day: FactorDay) -> None:
    factor_day.has_app()
    browser = factor_day.day.browser()
    page = browser.submit(factor_day.with_code(browser, TASK), ("code", factor_day.app_code()))
    assert page.step == "enrol-factor"
    arrived(factor_day.make_passkey(browser, page, Authenticator()))
    assert [one["way"] for one in factor_day.events("factor:factor:enrolled")] == ["pass", "factor"]
    assert factor_day.events("factor:factor:removed") == []


def test_a_new_app_takes_the_place_of_the_old_one(factor_day: FactorDay) -> None:
    factor_day.has_app()
    browser, old = factor_day.day.browser(), factor_day.seed
    page = browser.submit(factor_day.with_code(browser, TASK), ("code", factor_day.app_code()))
    page = factor_day.begin_app(browser, page)
    arrived(browser.submit(page, ("code", factor_day.app_code())))
    assert [ended is None for _, ended in kept(factor_day)] == [False, True, True]  # app, recovery codes, app
    factor_day.clock.advance(minutes=1)
    other = factor_day.day.browser()
    page = factor_day.with_code(other)
    new, factor_day.seed = factor_day.seed, old
    assert other.submit(page, ("code", factor_day.app_code())).step == "second-factor"
    factor_day.seed = new
    arrived(other.submit(page, ("code", factor_day.app_code())))


def test_new_recovery_codes_take_the_place_of_the_old_ones(factor_day: FactorDay) -> None:
    factor_day.has_app()
    old = factor_day.codes
    browser = factor_day.day.browser()
    page = browser.submit(factor_day.with_code(browser, TASK), ("code", factor_day.app_code()))
    page = browser.post(page.address.replace(page.step, "new-codes"), [])
    factor_day.note_codes(page)
    assert len({*old, *factor_day.codes}) == 20
    arrived(browser.submit(page))


def test_whoever_came_to_add_a_factor_may_go_on_without(factor_day: FactorDay) -> None:
    browser = factor_day.day.browser()
    page = factor_day.with_code(browser, TASK)
    assert arrived(browser.post(page.address.replace(page.step, "cancel"), []))["level"] == "EnFaktor"


def test_whoever_has_no_pass_goes_back_to_a_service_that_is_told_so(factor_day: FactorDay) -> None:
    browser = factor_day.day.browser()
    page = factor_day.with_code(browser)
    told = arrived(browser.post(page.address.replace(page.step, "cancel"), []))
    assert told == {"state": "two", "error": "sign-in:assurance-not-available"}


def test_a_young_pupil_is_not_asked_for_what_the_stage_does_not_carry(factor_day: FactorDay) -> None:
    day, browser = factor_day.day, factor_day.day.browser()
    page = browser.type_code(day.code_page(browser, day.bo.username, TWO), "hest-banan")
    assert arrived(page)["error"] == "sign-in:assurance-not-available"


def test_no_seed_and_no_pass_is_kept_in_clear_or_logged(
    factor_day: FactorDay, caplog: pytest.LogCaptureFixture
) -> None:
    browser, given = factor_day.day.browser(), factor_day.a_pass()
    page = factor_day.begin_app(browser, factor_day.use_pass(browser, factor_day.with_code(browser), given))
    shown = page.soup.select_one(".by-hand")
    assert shown is not None
    seed = shown.get_text().replace(" ", "")
    browser.submit(browser.submit(page, ("code", factor_day.app_code())))
    tables = (
        "login_attempt",
        "enrolled_factor",
        "one_time_pass",
        "recovery_code",
        "audit_event",
        "audit_text",
        "guesses",
    )
    with factor_day.day.system.database.reading() as db:
        everything = repr([db.execute(text(f"SELECT * FROM {table}")).all() for table in tables])  # noqa: S608
    for secret in (seed, given, given.replace("-", ""), WORDS):
        assert secret not in everything + caplog.text
