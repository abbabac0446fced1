"""Decision 64: when the queue is long, who comes from a service without a session waits outside, at no cost to who is in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from idp.app import create_app
from idp.outside.login_queue import LoginQueue
from tests.oidc.test_statement_budget import Ledger
from tests.opponents.browser import Browser

if TYPE_CHECKING:
    from idp.usecases.system import System
    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider
    from tests.opponents.browser import Page

LONGEST = 60


@pytest.fixture
def system(system: System) -> System:
    """A hash takes five seconds, so that turns come six seconds apart."""
    return replace(system, queue=LoginQueue(lambda: 5.0, longest_seconds=LONGEST))


@pytest.fixture
def crowded(provider: Provider) -> Provider:
    """One login is under way, so that whoever comes now waits."""
    provider.system.queue.turn(provider.system.now())
    return provider


def come(provider: Provider, browser: Browser | None = None, **parameters: str) -> Page:
    return (browser or provider.browser()).open(provider.party().begin(**parameters).address)


def waits(page: Page) -> bool:
    return page.status == 503


def test_who_comes_while_others_wait_is_kept_outside_without_a_statement(crowded: Provider) -> None:
    come(crowded)  # the page is rendered once
    with Ledger(crowded.system.database.engine) as ledger:
        page = come(crowded)
    assert waits(page)
    assert ledger.statements == []
    assert page.heading == "Du er i kø"
    assert 12 <= int(page.headers["Retry-After"]) <= 15
    refresh = page.soup.find("meta", attrs={"http-equiv": "refresh"})
    assert refresh is not None
    assert refresh["content"] == page.headers["Retry-After"]
    assert page.headers["Cache-Control"] == "no-store"
    with crowded.system.database.reading() as db:
        assert db.execute(text("SELECT count(*) FROM login_attempt")).scalar_one() == 0


def test_they_come_in_in_their_order_and_wait_no_second_time(crowded: Provider, clock: StandingClock) -> None:
    browsers = [crowded.browser() for _ in range(3)]
    pages = [come(crowded, browser) for browser in browsers]
    assert all(map(waits, pages))
    for turn in range(1, 4):
        clock.advance(seconds=6)
        pages = [browser.open(page.address) for browser, page in zip(browsers, pages, strict=True)]
        assert [waits(page) for page in pages] == [place >= turn for place in range(3)]
    page = browsers[0].type_username(pages[0], crowded.asta.username)
    assert (page.status, page.step) == (200, "pictures")
    assert crowded.system.queue.ahead(clock.now()).total_seconds() <= 6


def test_asking_early_costs_nobody_a_place(crowded: Provider, clock: StandingClock) -> None:
    first, second = crowded.browser(), crowded.browser()
    page, behind = come(crowded, first), come(crowded, second)
    for _ in range(5):
        assert waits(first.open(page.address))
    clock.advance(seconds=12)
    assert not waits(second.open(behind.address))


def test_who_is_in_already_notices_nothing(crowded: Provider) -> None:
    _, answer = crowded.ask(crowded.logged_in(), crowded.party())
    assert answer["code"]


def test_a_silent_request_is_answered_at_once(crowded: Provider) -> None:
    _, answer = crowded.ask(crowded.browser(), crowded.party(), prompt="none")
    assert answer["error"] == "login_required"


def test_nobody_waits_while_the_queue_is_short(provider: Provider) -> None:
    assert come(provider).step == "username"
    assert come(provider).step == "username"


@pytest.mark.parametrize("spoil", ["in another browser", "written by hand", "of no year", "of yesterday"])
def test_a_ticket_is_worth_nothing(crowded: Provider, clock: StandingClock, spoil: str) -> None:
    owner, other = crowded.browser(), crowded.browser()
    come(crowded, owner)
    come(crowded, other)
    ticket = owner.cookie("skolepas-turn") or ""
    clock.advance(**({"days": 1} if spoil == "of yesterday" else {"seconds": 6}))
    crowded.system.queue.turn(clock.now())
    crowded.system.queue.turn(clock.now())
    if spoil == "in another browser":
        other.set_cookie("skolepas-turn", ticket)
    elif spoil == "written by hand":
        other.set_cookie("skolepas-turn", f"{int(clock.now().timestamp()) - 1}.{'0' * 32}")
    elif spoil == "of no year":
        other.set_cookie("skolepas-turn", f"{'9' * 12}.{'0' * 32}")
    else:
        other = owner
    assert waits(come(crowded, other))


def test_a_ticket_is_given_back_at_the_door(crowded: Provider, clock: StandingClock) -> None:
    browser = crowded.browser()
    page = come(crowded, browser)
    clock.advance(seconds=6)
    assert browser.open(page.address).step == "username"
    assert browser.cookie("skolepas-turn") is None


def test_who_finds_no_place_is_told_to_come_back(crowded: Provider) -> None:
    pages = [come(crowded) for _ in range(LONGEST // 6 + 2)]
    assert all(map(waits, pages))
    assert "køen er fuld" in pages[-1].body
    assert 60 <= int(pages[-1].headers["Retry-After"]) < 120


def test_the_page_speaks_the_language_of_its_reader(crowded: Provider) -> None:
    assert come(crowded).heading == "Du er i kø"
    english = Browser(create_app(crowded.system), languages="en")
    assert come(crowded, english).heading == "You are in the queue"
