"""Decision 16: when many log in at once, people wait before they are asked for the code, in the order in which they came."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from idp.outside.hashing import CodeHasher
from idp.outside.login_queue import LoginQueue
from tests.conftest import START
from tests.opponents.school_day import PICTURES, WORDS, SchoolDay, a_day, arrived

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from idp.usecases.system import System
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page

LONGEST = 60


@pytest.fixture
def busy(system: System) -> SchoolDay:
    """A day on which a hash takes five seconds, so that turns come six seconds apart."""
    queue = LoginQueue(lambda: 5.0, longest_seconds=LONGEST)
    return a_day(replace(system, queue=queue))


def is_waiting(page: Page) -> bool:
    asks = page.soup.find("form") is not None
    assert asks is (page.status == 200), page.body
    return page.status == 503


def ask(day: SchoolDay, name: str, browser: Browser | None = None, ask: str = "/ask?state=one") -> Page:
    return day.code_page(browser or day.browser(), name, ask)


def test_who_comes_first_is_asked_at_once_and_the_others_in_their_order(busy: SchoolDay, clock: StandingClock) -> None:
    browsers = [busy.browser() for _ in range(4)]
    pages = [ask(busy, busy.bo.username, browser) for browser in browsers]
    assert [is_waiting(page) for page in pages] == [False, True, True, True]
    for turn in range(1, 4):
        clock.advance(seconds=6)
        again = [browser.open(page.address) for browser, page in zip(browsers, pages, strict=True)]
        assert [is_waiting(page) for page in again] == [place > turn for place in range(4)]


def test_the_page_says_how_long_and_asks_again_by_itself(busy: SchoolDay) -> None:
    for _ in range(9):
        ask(busy, busy.asta.username)
    browser = busy.browser()
    page = ask(busy, busy.asta.username, browser)
    assert page.status == 503
    assert 54 <= int(page.headers["Retry-After"]) <= 57
    refresh = page.soup.find("meta", attrs={"http-equiv": "refresh"})
    assert refresh is not None
    assert str(refresh["content"]).startswith(f"{page.headers['Retry-After']}; url=/login/")
    assert "om mindre end et minut" in page.body
    assert "om cirka 1 minut, klokken 09.01" in ask(busy, busy.asta.username).body


def test_reloading_going_back_and_typing_the_name_again_change_nothing(busy: SchoolDay, clock: StandingClock) -> None:
    ask(busy, busy.asta.username)
    browser = busy.browser()
    page = ask(busy, busy.bo.username, browser)
    for _ in range(5):
        assert is_waiting(browser.open(page.address))
        assert is_waiting(ask(busy, busy.bo.username, browser))
        assert is_waiting(ask(busy, busy.dina.username, browser))
    clock.advance(seconds=6)
    assert arrived(browser.type_code(ask(busy, busy.bo.username, browser), WORDS))["who"] == busy.bo.uniid


def test_a_second_tab_waits_for_a_turn_of_its_own(busy: SchoolDay, clock: StandingClock) -> None:
    browser = busy.browser()
    assert not is_waiting(ask(busy, busy.bo.username, browser))
    second = ask(busy, busy.bo.username, browser, "/ask?state=two")
    assert is_waiting(second)
    clock.advance(seconds=6)
    assert not is_waiting(browser.open(second.address))


def test_a_turn_that_has_come_is_kept_for_who_takes_their_time(busy: SchoolDay, clock: StandingClock) -> None:
    ask(busy, busy.asta.username)
    browser = busy.browser()
    page = ask(busy, busy.bo.username, browser)
    clock.advance(minutes=20)
    for _ in range(5):
        ask(busy, busy.asta.username)
    assert arrived(browser.type_code(browser.open(page.address), WORDS))["who"] == busy.bo.uniid


def test_no_code_is_looked_at_before_its_turn_and_none_is_kept(
    busy: SchoolDay, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = []
    check = CodeHasher.check
    monkeypatch.setattr(CodeHasher, "check", lambda *given: looked_at.append(given[2]) or check(*given))
    early = busy.browser()
    form = ask(busy, busy.bo.username, early)
    late = busy.browser()
    page = ask(busy, busy.bo.username, late)
    assert late.post(page.address, [("password", WORDS)]).status == 503
    assert looked_at == []
    with busy.system.database.reading() as db:
        kept = repr(db.execute(text("SELECT * FROM login_attempt")).all())
        assert db.execute(text("SELECT count(*) FROM guesses")).scalar_one() == 0
    assert WORDS not in kept
    clock.advance(seconds=6)
    assert not is_waiting(late.open(page.address))
    early.type_code(form, WORDS)
    assert looked_at == [WORDS]


def test_a_name_that_nobody_has_waits_like_any_other(busy: SchoolDay, clock: StandingClock) -> None:
    names = [busy.bo.username, "nobody99", busy.bo.username, "nobody98"]
    browsers = [busy.browser() for _ in names]
    pages = [ask(busy, name, browser) for name, browser in zip(names, browsers, strict=True)]
    assert [is_waiting(page) for page in pages] == [False, True, True, True]
    waits = [int(page.headers["Retry-After"]) for page in pages[1:]]
    assert [wait // 6 for wait in waits] == [1, 2, 3]
    clock.advance(seconds=18)
    assert not any(is_waiting(browser.open(page.address)) for browser, page in zip(browsers, pages, strict=True))


def test_a_full_queue_says_so_and_has_a_place_again_later(busy: SchoolDay, clock: StandingClock) -> None:
    browser = busy.browser()
    while (page := ask(busy, busy.bo.username)).step != "username":
        pass
    page = ask(busy, busy.bo.username, browser)
    assert (page.status, page.step) == (503, "username")
    assert page.error.startswith("Så mange logger ind lige nu, at køen er fuld.")
    clock.advance(seconds=6)
    assert is_waiting(browser.type_username(page, busy.bo.username))


def test_a_second_try_is_asked_for_at_once_but_those_behind_it_wait_for_it(
    busy: SchoolDay, clock: StandingClock
) -> None:
    browser = busy.browser()
    page = browser.type_code(ask(busy, busy.bo.username, browser), "wrong-words")
    clock.advance(seconds=6)
    assert page.step == "password"
    assert arrived(browser.type_code(page, WORDS))["who"] == busy.bo.uniid
    assert is_waiting(ask(busy, busy.bo.username))


def test_another_name_after_a_code_was_looked_at_needs_a_turn_of_its_own(busy: SchoolDay) -> None:
    browser = busy.browser()
    browser.type_code(ask(busy, busy.bo.username, browser), "wrong-words")
    assert is_waiting(ask(busy, busy.dina.username, browser))


def test_who_is_in_already_notices_nothing(busy: SchoolDay) -> None:
    browser = busy.browser()
    busy.log_in(browser)
    for _ in range(3):
        assert is_waiting(ask(busy, busy.bo.username))
    assert arrived(browser.open("/ask?state=two"))["who"] == busy.asta.uniid


@contextmanager
def full(hasher: CodeHasher) -> Iterator[None]:
    """Take every place in the line of codes that wait to be hashed."""
    hasher._room.acquire()
    try:
        yield
    finally:
        hasher._room.release()


def test_a_code_that_finds_no_room_is_typed_again_and_costs_no_try(system: System) -> None:
    hasher = CodeHasher(replace(system.settings.hashing, queue=1), system.keyring.pepper)
    day = a_day(replace(system, hasher=hasher))
    browser = day.browser()
    page = ask(day, day.asta.username, browser)
    with full(hasher):
        for _ in range(10):
            busy = browser.tap(page, PICTURES)
            assert busy.status == 503
            assert "din blev ikke set på" in busy.body
    assert arrived(browser.tap(page, PICTURES))["who"] == day.asta.uniid


def wait(due: object) -> timedelta:
    assert isinstance(due, type(START))
    return due - START


def test_the_queue_moves_on_at_the_pace_of_hashes_and_not_beyond_its_bound() -> None:
    pace = [1.0]
    queue = LoginQueue(lambda: pace[0], longest_seconds=10)
    waits = [wait(queue.turn(START)).total_seconds() for _ in range(3)]
    assert waits == [0, 1.2, 2.4]
    pace[0] = 5.0
    assert wait(queue.turn(START)).total_seconds() == pytest.approx(3.6)
    assert wait(queue.turn(START)).total_seconds() == pytest.approx(9.6)
    assert queue.turn(START) is None


@pytest.mark.parametrize("back", [1, 15, 24 * 3600])
def test_a_clock_that_is_set_back_lets_nobody_wait_for_it(clock: StandingClock, back: int) -> None:
    queue = LoginQueue(lambda: 1.0, longest_seconds=10)
    queue.turn(clock.now())
    clock.advance(seconds=-back)
    due = queue.turn(clock.now())
    assert due is not None
    assert (due - clock.now()).total_seconds() == pytest.approx(1.2)  # the turn that was given, and no more
