from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from idp.errors import Refused
from idp.usecases.windows import OpenedWindow, open_window
from policies.vocabulary import Reason, WindowPurpose
from tests import recipes
from tests.opponents.school_day import PICTURES, SchoolDay, arrived

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page

NOT_OPENED = "Det tegn åbnede ikke noget. Bed din lærer om at vise dig et nyt tegn."


def a_window(day: SchoolDay, person_id: int, opened_by: int | None = None) -> OpenedWindow:
    with day.system.database.writing() as db:
        return open_window(db, day.system, person_id=person_id, opened_by=opened_by, purpose=WindowPurpose.NEW_CODE)


def another(day: SchoolDay, window: OpenedWindow) -> str:
    return next(sign for sign in day.system.rules.window.signs if sign != window.sign)


def sign_page(day: SchoolDay, browser: Browser, name: str, ask: str = "/ask?state=one") -> Page:
    page = day.code_page(browser, name, ask)
    return browser.open(page.link("tegn"))


def shown_pictures(page: Page) -> str:
    sources = [str(image["src"]) for image in page.soup.select(".new-pictures img")]
    return " ".join(source.rpartition("/")[2].partition(".")[0] for source in sources)


def test_the_right_sign_shows_a_new_code_that_is_tapped_once_and_then_works(day: SchoolDay) -> None:
    window = a_window(day, day.carl.id)
    browser = day.browser()
    page = browser.pick_sign(sign_page(day, browser, day.carl.username), window.sign)
    assert page.step == "new-code"
    code = shown_pictures(page)
    assert len(code.split()) == 4
    page = browser.submit(page)
    assert page.step == "confirm"
    assert arrived(browser.tap(page, code))["who"] == day.carl.uniid
    elsewhere = day.browser()
    page = elsewhere.tap(day.code_page(elsewhere, day.carl.username), code)
    assert arrived(page)["who"] == day.carl.uniid


def test_an_older_pupil_gets_words(day: SchoolDay) -> None:
    window = a_window(day, day.dina.id)
    browser = day.browser()
    page = browser.pick_sign(sign_page(day, browser, day.dina.username), window.sign)
    shown = page.soup.select_one(".new-code")
    assert shown is not None
    page = browser.type_code(browser.submit(page), shown.get_text(strip=True))
    assert arrived(page)["who"] == day.dina.uniid


def test_a_new_code_ends_the_sessions_of_the_old_one_and_the_old_code(day: SchoolDay) -> None:
    at_home = day.browser()
    day.log_in(at_home)
    window = a_window(day, day.asta.id)
    browser = day.browser()
    page = browser.pick_sign(sign_page(day, browser, day.asta.username), window.sign)
    code = shown_pictures(page)
    arrived(browser.tap(browser.submit(page), code))
    page = at_home.open("/ask?state=two")
    assert page.step == "username"
    page = at_home.tap(at_home.type_username(page, day.asta.username), PICTURES)
    assert page.error


def test_until_it_is_confirmed_the_old_code_stays(day: SchoolDay) -> None:
    window = a_window(day, day.asta.id)
    claiming = day.browser()
    claiming.pick_sign(sign_page(day, claiming, day.asta.username), window.sign)
    day.log_in(day.browser())


def test_a_wrong_tap_shows_the_same_code_again(day: SchoolDay) -> None:
    window = a_window(day, day.carl.id)
    browser = day.browser()
    page = browser.pick_sign(sign_page(day, browser, day.carl.username), window.sign)
    code = shown_pictures(page)
    page = browser.tap(browser.submit(page), " ".join(reversed(code.split())))
    assert page.step == "new-code"
    assert page.error == "Det var ikke koden, som den blev vist. Se på den en gang til."
    assert shown_pictures(page) == code


def test_one_wrong_sign_closes_the_window(day: SchoolDay) -> None:
    window = a_window(day, day.carl.id)
    guesser, carl = day.browser(), day.browser()
    page = guesser.pick_sign(sign_page(day, guesser, day.carl.username), another(day, window))
    assert (page.step, page.error) == ("pictures", NOT_OPENED)
    page = carl.pick_sign(sign_page(day, carl, day.carl.username), window.sign)
    assert (page.step, page.error) == ("pictures", NOT_OPENED)


@pytest.mark.parametrize("name", ["known without a window", "nobody"])
def test_a_name_without_a_window_meets_the_same_pages_and_words(day: SchoolDay, name: str) -> None:
    typed = day.bo.username if name == "known without a window" else "nobody99"
    browser = day.browser()
    page = sign_page(day, browser, typed)
    assert page.step == "sign"
    assert len(page.values("data-sign")) >= 9
    page = browser.pick_sign(page, day.system.rules.window.signs[0])
    assert page.step in {"password", "pictures"}
    assert page.error == NOT_OPENED


def test_only_the_first_browser_with_the_right_sign_gets_the_code(day: SchoolDay) -> None:
    window = a_window(day, day.carl.id)
    first, second = day.browser(), day.browser()
    page = first.pick_sign(sign_page(day, first, day.carl.username), window.sign)
    late = second.pick_sign(sign_page(day, second, day.carl.username), window.sign)
    assert (late.step, late.error) == ("pictures", NOT_OPENED)
    wrong = day.browser()
    wrong.pick_sign(sign_page(day, wrong, day.carl.username), another(day, window))
    arrived(first.tap(first.submit(page), shown_pictures(page)))


def test_the_claiming_browser_may_reload_go_back_and_begin_again(day: SchoolDay) -> None:
    window = a_window(day, day.carl.id)
    browser = day.browser()
    page = browser.pick_sign(sign_page(day, browser, day.carl.username), window.sign)
    code = shown_pictures(page)
    assert shown_pictures(browser.open(page.address)) == code
    confirm = browser.submit(page)
    assert shown_pictures(browser.open(page.address)) == code
    page = day.code_page(browser, day.carl.username, "/ask?state=two")
    assert page.step == "new-code"
    assert shown_pictures(page) == code
    assert arrived(browser.tap(confirm, code))["state"] == "one"


def test_a_window_lapses_by_the_clock(day: SchoolDay, clock: StandingClock) -> None:
    window = a_window(day, day.carl.id)
    browser = day.browser()
    page = sign_page(day, browser, day.carl.username)
    clock.advance(seconds=day.system.rules.window.activation_seconds)
    page = browser.pick_sign(page, window.sign)
    assert (page.step, page.error) == ("pictures", NOT_OPENED)


def test_a_claimed_window_lapses_too_and_leads_back_to_the_code_page(day: SchoolDay, clock: StandingClock) -> None:
    window = a_window(day, day.carl.id)
    browser = day.browser()
    page = browser.pick_sign(sign_page(day, browser, day.carl.username), window.sign)
    code = shown_pictures(page)
    page = browser.submit(page)
    clock.advance(seconds=day.system.rules.window.claimed_seconds)
    page = browser.tap(page, code)
    assert (page.step, page.error) == ("pictures", NOT_OPENED)


def test_a_confirmed_window_is_used_up(day: SchoolDay) -> None:
    window = a_window(day, day.carl.id)
    browser = day.browser()
    page = browser.pick_sign(sign_page(day, browser, day.carl.username), window.sign)
    arrived(browser.tap(browser.submit(page), shown_pictures(page)))
    late = day.browser()
    assert late.pick_sign(sign_page(day, late, day.carl.username), window.sign).error == NOT_OPENED


def test_opening_a_new_window_closes_the_one_before(day: SchoolDay) -> None:
    first = a_window(day, day.carl.id)
    second = a_window(day, day.carl.id)
    browser = day.browser()
    page = browser.pick_sign(sign_page(day, browser, day.carl.username), second.sign)
    assert page.step == "new-code"
    assert first.id != second.id


def test_a_teacher_opens_a_window_for_a_pupil_of_the_own_class_only(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        own, other = (recipes.a_class(db, day.system, day.school, code) for code in ("1a", "1b"))
        teacher = recipes.a_teacher(db, day.system, day.school, of=own)
        mine = recipes.a_pupil(db, day.system, day.school, group=own)
        not_mine = recipes.a_pupil(db, day.system, day.school, group=other)
    assert a_window(day, mine.id, teacher.id).sign in day.system.rules.window.signs
    with pytest.raises(Refused) as refused:
        a_window(day, not_mine.id, teacher.id)
    assert refused.value.reason is Reason.NOT_YOUR_PUPIL
    with pytest.raises(Refused) as refused:
        a_window(day, mine.id, mine.id)
    assert refused.value.reason is Reason.NOT_FOR_YOURSELF


def test_of_many_browsers_at_once_one_gets_the_code(day: SchoolDay) -> None:
    window = a_window(day, day.carl.id)
    browsers = [day.browser() for _ in range(5)]
    pages = [sign_page(day, browser, day.carl.username) for browser in browsers]
    with ThreadPoolExecutor(5) as at_once:
        answers = at_once.map(lambda browser, page: browser.pick_sign(page, window.sign).step, browsers, pages)
        assert sorted(answers) == ["new-code", "pictures", "pictures", "pictures", "pictures"]
