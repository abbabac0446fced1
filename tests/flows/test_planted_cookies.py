"""What a cookie that was planted in a browser, or copied from a shared one, is worth: nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.usecases.windows import OpenedWindow, open_window
from policies.vocabulary import WindowPurpose
from tests import recipes
from tests.opponents.school_day import WORDS, SchoolDay, arrived

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page

PLANTED = "p" * 43


def a_window(day: SchoolDay) -> OpenedWindow:
    with day.system.database.writing() as db:
        return open_window(db, day.system, person_id=day.carl.id, opened_by=None, purpose=WindowPurpose.NEW_CODE)


def claimed(day: SchoolDay, browser: Browser) -> Page:
    window = a_window(day)
    page = day.code_page(browser, day.carl.username)
    page = browser.pick_sign(browser.open(page.link("tegn")), window.sign)
    assert page.step == "new-code"
    return page


def shown(page: Page) -> str:
    return " ".join(str(image["src"]).rpartition("/")[2].partition(".")[0] for image in page.soup.select("img"))


def with_cookies(day: SchoolDay, **values: str) -> Browser:
    browser = day.browser()
    for name, value in values.items():
        browser.set_cookie(name.replace("_", "-"), value)
    return browser


def code_ran_out(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        recipes.outgrow(db, day.system, day.bo)


def test_a_claim_takes_no_cookie_that_was_there_before(day: SchoolDay) -> None:
    pupil = with_cookies(day, skolepas_browser=PLANTED, skolepas_window=PLANTED)
    claimed(day, pupil)
    planter = with_cookies(day, skolepas_browser=PLANTED, skolepas_window=PLANTED)
    assert day.code_page(planter, day.carl.username, "/ask?state=mine").step == "pictures"


def test_nor_does_one_copied_before_the_claim_show_the_code_in_the_same_login(day: SchoolDay) -> None:
    pupil = with_cookies(day, skolepas_browser=PLANTED)
    page = claimed(day, pupil)
    planter = with_cookies(day, skolepas_browser=PLANTED)
    seen = planter.open(page.address)
    assert seen.step == "pictures"
    assert pupil.open(page.address).step == "new-code"


def test_the_claiming_browser_goes_on_without_its_old_secret(day: SchoolDay) -> None:
    pupil = day.browser()
    code = shown(claimed(day, pupil))
    pupil.forget("skolepas-browser")
    page = day.code_page(pupil, day.carl.username, "/ask?state=two")
    assert page.step == "new-code"
    assert shown(page) == code


def test_a_shared_tablet_holds_two_pupils_windows(day: SchoolDay) -> None:
    tablet = day.browser()
    code = shown(claimed(day, tablet))
    with day.system.database.writing() as db:
        other = open_window(db, day.system, person_id=day.dina.id, opened_by=None, purpose=WindowPurpose.NEW_CODE)
    page = day.code_page(tablet, day.dina.username, "/ask?state=dina")
    page = tablet.pick_sign(tablet.open(page.link("tegn")), other.sign)
    assert page.step == "new-code"
    assert shown(day.code_page(tablet, day.carl.username, "/ask?state=carl")) == code


def test_the_cookie_goes_when_the_code_is_confirmed(day: SchoolDay) -> None:
    browser = day.browser()
    page = claimed(day, browser)
    assert browser.cookie("skolepas-window")
    code = " ".join(name for name in shown(page).split() if name in day.system.rules.pictures.alphabet)
    arrived(browser.tap(browser.submit(page), code))
    assert browser.cookie("skolepas-window") is None


def test_a_sign_pressed_twice_claims_once(day: SchoolDay, clock: StandingClock) -> None:
    window = a_window(day)
    browser = day.browser()
    page = day.code_page(browser, day.carl.username)
    signs = browser.open(page.link("tegn"))
    browser.pick_sign(signs, window.sign)
    browser.forget("skolepas-window")  # the browser threw the first answer away
    assert browser.pick_sign(signs, window.sign).step == "new-code"
    browser.forget("skolepas-window")
    clock.advance(seconds=11)
    assert browser.pick_sign(signs, window.sign).step == "pictures"


def test_the_cookie_of_a_hand_over_is_closed_and_short(day: SchoolDay) -> None:
    window = a_window(day)
    browser = day.browser()
    page = day.code_page(browser, day.carl.username)
    signs = browser.open(page.link("tegn"))
    fields = [("sign", signs.values("data-sign")[window.sign])]
    answer = browser.post(str(signs.form["action"]), fields, follow=False)
    line = answer.headers["Set-Cookie"]
    assert line.startswith("skolepas-window=")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1800"):
        assert part in line


@pytest.mark.parametrize("window", [PLANTED, "none"])
def test_a_code_in_place_of_one_that_ran_out_is_for_whoever_proved_the_old_one(day: SchoolDay, window: str) -> None:
    code_ran_out(day)
    pupil = with_cookies(day, skolepas_browser=PLANTED, skolepas_window=PLANTED)
    page = pupil.type_code(day.code_page(pupil, day.bo.username), WORDS)
    assert page.step == "new-code"
    planter = with_cookies(day, skolepas_browser=PLANTED, skolepas_window=window)
    assert planter.open(page.address).step == "password"
    confirm = pupil.submit(page)
    assert planter.open(confirm.address).step == "password"
    found = page.soup.select_one(".new-code")
    assert found is not None
    arrived(pupil.type_code(confirm, found.get_text(strip=True)))


def test_what_one_browser_proved_finishes_in_no_other(day: SchoolDay) -> None:
    from idp.store.people import Person  # noqa: PLC0415

    with day.system.database.writing() as db:
        db.get_one(Person, day.bo.id).blocked_at = day.system.now()
    pupil = with_cookies(day, skolepas_browser=PLANTED)
    page = pupil.type_code(day.code_page(pupil, day.bo.username), WORDS)
    assert page.status == 403
    with day.system.database.writing() as db:
        db.get_one(Person, day.bo.id).blocked_at = None
    planter = with_cookies(day, skolepas_browser=PLANTED)
    assert planter.open(page.address).step == "password"
    assert arrived(pupil.open(page.address))["who"] == day.bo.uniid


def test_whoever_went_on_with_the_new_code_loses_it_to_no_second_press(day: SchoolDay) -> None:
    window = a_window(day)
    pupil = with_cookies(day, skolepas_browser=PLANTED)
    page = day.code_page(pupil, day.carl.username)
    signs = pupil.open(page.link("tegn"))
    page = pupil.submit(pupil.pick_sign(signs, window.sign))
    assert page.step == "confirm"
    planter = with_cookies(day, skolepas_browser=PLANTED)
    assert planter.pick_sign(planter.open(signs.address), window.sign).step == "pictures"
    assert day.code_page(pupil, day.carl.username, "/ask?state=mine").step == "new-code"
