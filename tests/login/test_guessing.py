"""Decisions 13 and 14: wrong codes slow down, nobody is told who exists, and nobody locks a pupil's own tablet."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from idp.usecases.guesses import network_of
from tests.opponents.databases import postgresql_is_long
from tests.opponents.school_day import OTHERS, PICTURES, WORDS, SchoolDay, a_day, arrived

if TYPE_CHECKING:
    from idp.usecases.system import System
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page

FREE = 5


def guess(day: SchoolDay, browser: Browser, name: str, ask: str = "/ask?state=guess") -> Page:
    page = day.code_page(browser, name, ask)
    if page.step == "pictures":
        return browser.tap(page, OTHERS)
    return browser.type_code(page, "wrong-words")


def words_only(page: Page, name: str) -> str:
    """The page without what differs from one look to the next: values, the handle, and the typed name."""
    body = re.sub(r'value="[A-Za-z0-9_=-]{24}"', "", page.body)
    return re.sub(r"/login/[A-Za-z0-9_-]+", "", body).replace(name, "")


def test_a_name_that_nobody_has_gets_the_same_page_and_the_same_words(day: SchoolDay) -> None:
    browser = day.browser()
    unknown = [guess(day, browser, f"nobody{n:02}", f"/ask?state={n}") for n in range(12)]
    known = {
        "pictures": (guess(day, day.browser(), day.asta.username), day.asta.username),
        "password": (guess(day, day.browser(), day.bo.username), day.bo.username),
    }
    assert {page.step for page in unknown} == {"pictures", "password"}
    for n, page in enumerate(unknown):
        like, name = known[page.step]
        assert words_only(page, f"nobody{n:02}") == words_only(like, name)


def test_a_name_that_nobody_can_have_is_asked_for_again(day: SchoolDay) -> None:
    browser = day.browser()
    assert browser.type_username(browser.open("/ask"), "as\0ta").step == "username"
    assert browser.type_username(browser.open("/ask"), "ß" * 400).step in {"pictures", "password"}


def test_a_name_that_nobody_has_keeps_its_kind_of_page(day: SchoolDay) -> None:
    kinds = {day.code_page(day.browser(), "nobody99", f"/ask?state={n}").step for n in range(3)}
    assert len(kinds) == 1


def test_failures_slow_further_tries_down_and_the_delay_grows(day: SchoolDay, clock: StandingClock) -> None:
    browser = day.browser()
    for _ in range(FREE):
        page = guess(day, browser, day.asta.username)
    assert "15 sekunder" in page.error
    page = browser.tap(page, PICTURES)
    assert "15 sekunder" in page.error
    clock.advance(seconds=15)
    page = guess(day, browser, day.asta.username)
    assert "30 sekunder" in page.error
    clock.advance(seconds=30)
    assert arrived(browser.tap(browser.open(page.address), PICTURES))["who"] == day.asta.uniid


def test_a_name_that_nobody_has_is_slowed_down_like_others(day: SchoolDay) -> None:
    browser = day.browser()
    for _ in range(FREE):
        page = guess(day, browser, "nobody99")
    assert "15 sekunder" in page.error


@postgresql_is_long
def test_strangers_do_not_lock_the_tablet_that_the_pupil_uses(day: SchoolDay, clock: StandingClock) -> None:
    tablet = day.browser()
    day.log_in(tablet)
    stranger = day.browser(address="198.51.100.9")
    for _ in range(200):
        page = guess(day, stranger, day.asta.username)
        clock.advance(minutes=6)
        if "Spørg din lærer" in page.error:
            break
    assert page.error == "Der har været for mange forsøg i dag. Spørg din lærer om hjælp."
    day.log_in(tablet, "/ask?state=two&again=1")


def test_the_tablet_has_a_budget_of_its_own_that_a_right_code_clears(day: SchoolDay, clock: StandingClock) -> None:
    tablet = day.browser()
    day.log_in(tablet)
    for _ in range(3):
        clock.advance(seconds=1)
        for _ in range(FREE - 1):
            guess(day, tablet, day.asta.username, "/ask?state=two&again=1")
        day.log_in(tablet, "/ask?state=two&again=1")


def test_a_shared_tablet_knows_several_pupils(day: SchoolDay, clock: StandingClock) -> None:
    tablet = day.browser()
    day.log_in(tablet)
    clock.advance(seconds=1)
    page = tablet.type_code(day.code_page(tablet, day.bo.username, "/ask?state=bo&again=1"), WORDS)
    assert arrived(page)["who"] == day.bo.uniid
    assert len(str(tablet.cookie("skolepas-devices")).split(".")) == 2
    clock.advance(seconds=1)
    day.log_in(tablet, "/ask?state=asta&again=1")
    assert len(str(tablet.cookie("skolepas-devices")).split(".")) == 2


def test_a_right_code_from_a_stranger_does_not_count_as_a_failure(day: SchoolDay) -> None:
    for n in range(FREE + 2):
        day.log_in(day.browser(), f"/ask?state={n}")


def test_a_spray_over_many_names_from_one_network_must_wait(system: System) -> None:
    rules = system.rules
    patience = replace(rules.lockout.network, free_failures=8)
    day = a_day(replace(system, rules=replace(rules, lockout=replace(rules.lockout, network=patience))))
    browser = day.browser(address="203.0.113.5")
    for n in range(8):
        page = guess(day, browser, f"nobody{n}")
    assert page.error.startswith("Rigtig mange koder var forkerte her.")
    assert day.log_in(day.browser(address="203.0.113.6"))


def test_a_network_is_an_ipv4_address_or_a_64_of_ipv6() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert network_of("::ffff:192.0.2.7") == network_of("192.0.2.7") == "192.0.2.7"
