"""Logins that were begun and left: what is proven in them dies with the session, the card or the code it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from idp.errors import HashingBusy
from idp.outside.login_queue import MOST_UNUSED, LoginQueue
from idp.store.attempts import close_attempts_of
from idp.usecases.guesses import line_of
from tests.conftest import START
from tests.opponents.school_day import PICTURES, WORDS, SchoolDay, arrived

if TYPE_CHECKING:
    from tests.conftest import StandingClock


def test_who_logs_out_leaves_no_login_half_done_for_the_next(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        db.execute(text("UPDATE affiliation SET level = '7' WHERE person_id = :bo"), {"bo": day.bo.id})
    browser = day.browser()
    parked = browser.type_code(day.code_page(browser, day.bo.username, "/ask?state=parked"), WORDS)
    assert parked.step == "code-ends"
    day.log_in(browser, "/ask?state=two")
    browser.submit(browser.open("/logout"))
    assert browser.submit(parked, ("when", "later")).step == "password"


@pytest.mark.parametrize("answer", ["[" * 16_000, '{"a":' * 3_000, "[" * 999])
def test_an_answer_of_lists_thousands_deep_is_a_wrong_passkey(day: SchoolDay, answer: str) -> None:
    browser = day.browser()
    page = browser.open("/ask?state=one")
    sent = browser.post(page.address.replace("username", "passkey"), [("answer", answer)])
    assert sent.status < 500
    assert arrived(browser.tap(day.code_page(browser, day.asta.username), PICTURES))["who"] == day.asta.uniid


def test_turns_that_one_network_takes_and_does_not_use_keep_nobody_else_waiting(clock: StandingClock) -> None:
    queue = LoginQueue(lambda: 0.03, longest_seconds=600)
    for _ in range(20_000):
        assert queue.turn(START, "one script") is not None
    elsewhere = queue.turn(START, "a school")
    assert elsewhere is not None
    assert (elsewhere - START).total_seconds() < MOST_UNUSED * 0.03 * 1.3


def test_a_school_that_uses_its_turns_may_take_as_many_as_it_has_pupils(clock: StandingClock) -> None:
    queue = LoginQueue(lambda: 1.0, longest_seconds=1e9)
    for _ in range(3 * MOST_UNUSED):
        queue.turn(START, "a school")
        queue.used("a school")
    waits = queue.turn(START, "elsewhere")
    assert waits is not None
    assert (waits - START).total_seconds() > 3 * MOST_UNUSED


def test_one_line_is_one_address_or_what_one_subscriber_is_given_of_the_new_kind() -> None:
    assert line_of("192.0.2.7") == "192.0.2.7"
    assert line_of("2001:db8:1:2::3") == line_of("2001:db8:1:ff::9") == "2001:db8:1::/48"
    assert line_of("::ffff:192.0.2.7") == "192.0.2.7"
    assert line_of("nonsense") == "unknown"


def test_logging_out_everywhere_else_ends_the_logins_that_wait_after_the_code(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        db.execute(text("UPDATE affiliation SET level = '7' WHERE person_id = :bo"), {"bo": day.bo.id})
    stranger = day.browser()
    parked = stranger.type_code(day.code_page(stranger, day.bo.username), WORDS)
    assert parked.step == "code-ends"
    somebody = day.browser()
    waiting = day.code_page(somebody, day.bo.username)
    with day.system.database.writing() as db:
        close_attempts_of(db, [day.bo.id], day.system.now())
    assert stranger.submit(parked, ("when", "later")).status == 410
    assert somebody.open(waiting.address).status == 200


def test_whoever_chooses_codes_all_day_leaves_the_gate_to_those_who_log_in(day: SchoolDay) -> None:
    hasher = day.system.hasher
    with hasher.aside(), hasher.aside():
        with pytest.raises(HashingBusy), hasher.aside():
            pass
        day.log_in(day.browser())
    with hasher.aside():
        pass
