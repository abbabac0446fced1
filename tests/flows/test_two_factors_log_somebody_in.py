"""Logging in with two factors: an app, a passkey, a recovery code; a session that is made stronger; guesses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, text, update

from idp.store.login_sessions import SessionFactor
from idp.usecases.factors import factors_of, remove
from policies.vocabulary import Factor
from tests.opponents.authenticator import Authenticator
from tests.opponents.databases import sqlite_is_long
from tests.opponents.factor_day import TASK, TWO, FactorDay
from tests.opponents.school_day import arrived

ONE = "/ask?level=EnFaktor&state=one"


def test_a_code_from_the_app_is_the_second_factor(factor_day: FactorDay) -> None:
    factor_day.has_app()
    browser = factor_day.day.browser()
    page = factor_day.with_code(browser)
    assert page.step == "second-factor"
    assert arrived(browser.submit(page, ("code", factor_day.app_code())))["level"] == "ToFaktor"


def test_the_second_factor_is_not_asked_for_by_a_service_that_wants_one(factor_day: FactorDay) -> None:
    factor_day.has_app()
    assert arrived(factor_day.with_code(factor_day.day.browser(), ONE))["level"] == "EnFaktor"


def test_a_code_is_used_once_and_a_copy_of_it_is_refused(factor_day: FactorDay) -> None:
    factor_day.has_app()
    code, browser, thief = factor_day.app_code(), factor_day.day.browser(), factor_day.day.browser()
    page, other = factor_day.with_code(browser), factor_day.with_code(thief)
    arrived(browser.submit(page, ("code", code)))
    refused = thief.submit(other, ("code", code))
    assert (refused.step, bool(refused.error)) == ("second-factor", True)


def test_a_code_that_was_right_at_enrolment_is_used_up(factor_day: FactorDay) -> None:
    browser = factor_day.day.browser()
    arrived(factor_day.enrol_app(browser, factor_day.use_pass(browser, factor_day.with_code(browser))))
    other = factor_day.day.browser()
    assert other.submit(factor_day.with_code(other), ("code", factor_day.app_code())).step == "second-factor"


def test_an_app_that_is_far_off_is_repaired_with_two_codes(factor_day: FactorDay) -> None:
    factor_day.has_app()
    factor_day.clock.advance(days=2)
    browser = factor_day.day.browser()
    page = factor_day.with_code(browser)
    assert browser.submit(page, ("code", factor_day.app_code(-60))).error
    page = browser.open(page.link("aldrig rigtig"))
    wrong = browser.submit(page, ("code", factor_day.app_code(-60)), ("next", factor_day.app_code(-58)))
    assert (wrong.step, bool(wrong.error)) == ("clock", True)
    done = browser.submit(page, ("code", factor_day.app_code(-60)), ("next", factor_day.app_code(-59)))
    assert arrived(done)["level"] == "ToFaktor"
    other = factor_day.day.browser()
    arrived(other.submit(factor_day.with_code(other), ("code", factor_day.app_code(-58))))


def test_a_recovery_code_takes_the_place_once(factor_day: FactorDay) -> None:
    factor_day.has_app()
    for expected in ("arrived", "recovery"):
        browser = factor_day.day.browser()
        page = browser.open(factor_day.with_code(browser).link("nødkode"))
        page = browser.submit(page, ("code", factor_day.codes[4].lower()))
        if expected == "arrived":
            assert arrived(page)["level"] == "ToFaktor"
        else:
            assert (page.step, bool(page.error)) == ("recovery", True)
    assert [one["left"] for one in factor_day.events("factor:recovery-code:used")] == [9]


@sqlite_is_long
@pytest.mark.parametrize("typed", ["", "A", "0000-0000-0000", "🦊" * 40, "A" * 5000, "\0"])
def test_what_is_no_recovery_code_is_refused_in_words(factor_day: FactorDay, typed: str) -> None:
    factor_day.has_app()
    browser = factor_day.day.browser()
    page = browser.open(factor_day.with_code(browser).link("nødkode"))
    page = browser.submit(page, ("code", typed))
    assert (page.status, page.step, bool(page.error)) == (200, "recovery", True)


@sqlite_is_long
@pytest.mark.parametrize("typed", ["", "1", "１２３４５６", "🦊" * 40, "9" * 5000, "\0", "-12345"])
def test_what_is_no_code_of_an_app_is_refused_in_words(factor_day: FactorDay, typed: str) -> None:
    factor_day.has_app()
    browser = factor_day.day.browser()
    page = browser.submit(factor_day.with_code(browser), ("code", typed))
    assert (page.status, page.step, bool(page.error)) == (200, "second-factor", True)


def test_a_passkey_logs_somebody_in_who_types_nothing(factor_day: FactorDay) -> None:
    device = Authenticator()
    factor_day.has_passkey(device)
    browser = factor_day.day.browser()
    told = arrived(factor_day.use_passkey(browser, browser.open(TWO), device))
    assert (told["who"], told["level"]) == (factor_day.viggo.uniid, "ToFaktor")


def test_a_passkey_is_the_second_factor_as_well(factor_day: FactorDay) -> None:
    device = Authenticator()
    factor_day.has_passkey(device)
    browser = factor_day.day.browser()
    assert arrived(factor_day.use_passkey(browser, factor_day.with_code(browser), device))["level"] == "ToFaktor"


def test_a_passkey_answers_one_login_once(factor_day: FactorDay) -> None:
    device = Authenticator(counts=False)
    factor_day.has_passkey(device)
    thief, browser = factor_day.day.browser(), factor_day.day.browser()
    page, other = browser.open(TWO), thief.open(TWO)
    form = page.soup.find("form", attrs={"data-passkey": "get"})
    assert form is not None
    answer = device.get(str(form["data-options"]))
    arrived(browser.post(str(form["action"]), [("answer", answer)]))
    refused = thief.post(other.address.replace("username", "passkey"), [("answer", answer)])
    assert (refused.step, bool(refused.error)) == ("username", True)


def test_a_passkey_that_was_refused_is_not_right_the_next_time(factor_day: FactorDay) -> None:
    device = Authenticator(counts=False)
    factor_day.has_passkey(device)
    browser = factor_day.day.browser()
    page = browser.open(TWO)
    form = page.soup.find("form", attrs={"data-passkey": "get"})
    assert form is not None
    answer = device.get(str(form["data-options"]))
    assert browser.post(str(form["action"]), [("answer", "{}")]).error
    assert browser.post(str(form["action"]), [("answer", answer)]).error


def test_a_passkey_of_a_blocked_account_logs_nobody_in(factor_day: FactorDay) -> None:
    device = Authenticator()
    factor_day.has_passkey(device)
    with factor_day.day.system.database.writing() as db:
        db.execute(text("UPDATE person SET blocked_at = :now WHERE id = :id"),
                   {"now": factor_day.day.system.now(), "id": factor_day.viggo.id})  # fmt: skip
    browser = factor_day.day.browser()
    assert factor_day.use_passkey(browser, browser.open(TWO), device).status == 403


def test_guesses_of_second_factors_are_counted_for_the_person_wherever_they_come_from(factor_day: FactorDay) -> None:
    factor_day.has_app()
    for n in range(5):
        browser = factor_day.day.browser(address=f"198.51.100.{n}")
        page = browser.submit(factor_day.with_code(browser), ("code", factor_day.app_code(100 + n)))
    assert "30 sekunder" in page.error
    owner = factor_day.day.browser()
    page = factor_day.with_code(owner)
    assert "sekunder" in page.error
    assert owner.submit(page, ("code", factor_day.app_code())).step == "second-factor"
    recovery = owner.open(page.link("nødkode"))
    assert owner.submit(recovery, ("code", factor_day.codes[0])).step == "recovery"
    factor_day.clock.advance(seconds=31)
    arrived(owner.submit(owner.open(page.address), ("code", factor_day.app_code())))
    assert factor_day.events("login:guesses:blocked")[0]["counter"] == "second-factor"


def test_a_session_is_made_stronger_by_the_second_factor_alone(factor_day: FactorDay) -> None:
    factor_day.has_app()
    browser = factor_day.day.browser()
    told = arrived(factor_day.with_code(browser, ONE))
    cookie = browser.cookie("skolepas")
    page = browser.open(TWO)
    assert page.step == "second-factor"
    stronger = arrived(browser.submit(page, ("code", factor_day.app_code())))
    assert (stronger["level"], stronger["sid"]) == ("ToFaktor", told["sid"])
    assert browser.cookie("skolepas") not in {None, cookie}
    assert arrived(browser.open("/ask?level=ToFaktor&state=three"))["level"] == "ToFaktor"
    browser.set_cookie("skolepas", str(cookie))
    assert browser.open("/ask?state=four").step == "username"


def test_a_second_factor_that_has_run_out_is_asked_for_anew(factor_day: FactorDay) -> None:
    factor_day.has_app()
    browser = factor_day.day.browser()
    first = arrived(browser.submit(factor_day.with_code(browser), ("code", factor_day.app_code())))
    assert arrived(browser.open("/ask?level=ToFaktor&state=again"))["level"] == "ToFaktor"
    with factor_day.day.system.database.writing() as db:
        ends = factor_day.clock.now() + timedelta(minutes=20)
        db.execute(update(SessionFactor).where(SessionFactor.factor == Factor.TOTP).values(expires_at=ends))
    factor_day.clock.advance(minutes=20)
    assert arrived(browser.open("/ask?level=ToFaktor&state=silent&silent"))["error"] == "sign-in:page-needed"
    assert arrived(browser.open("/ask?level=EnFaktor&state=one"))["level"] == "EnFaktor"
    page = browser.open("/ask?level=ToFaktor&state=later")
    assert page.step == "second-factor"
    fresh = arrived(browser.submit(page, ("code", factor_day.app_code())))
    assert (fresh["level"], fresh["sid"]) == ("ToFaktor", first["sid"])


def test_a_session_that_is_not_fresh_enough_is_not_built_upon(factor_day: FactorDay) -> None:
    factor_day.has_app()
    browser = factor_day.day.browser()
    arrived(factor_day.with_code(browser, ONE))
    factor_day.clock.advance(minutes=1)
    assert browser.open(TWO + "&again").step == "username"


def test_somebody_else_may_log_in_where_a_session_was_to_be_made_stronger(factor_day: FactorDay) -> None:
    factor_day.has_app()
    day, browser = factor_day.day, factor_day.day.browser()
    told = arrived(factor_day.with_code(browser, ONE))
    page = browser.open(TWO)
    page = browser.type_username(browser.open(page.address.replace(page.step, "username")), day.bo.username)
    assert arrived(browser.type_code(page, "hest-banan"))["error"] == "sign-in:assurance-not-available"
    assert arrived(browser.open("/ask?state=five"))["sid"] == told["sid"]


def test_in_silence_a_service_that_wants_more_is_told_that_a_page_is_needed(factor_day: FactorDay) -> None:
    factor_day.has_app()
    browser = factor_day.day.browser()
    arrived(factor_day.with_code(browser, ONE))
    assert arrived(browser.open(TWO + "&silent"))["error"] == "sign-in:page-needed"


def test_a_factor_that_is_removed_counts_no_more_in_a_session_or_a_login_under_way(factor_day: FactorDay) -> None:
    factor_day.has_app()
    browser = factor_day.day.browser()
    arrived(browser.submit(factor_day.with_code(browser), ("code", factor_day.app_code())))
    with factor_day.day.system.database.writing() as db:
        app = next(one.id for one in factors_of(db, factor_day.viggo.id) if one.factor is Factor.TOTP)
        remove(db, factor_day.day.system, person_id=factor_day.viggo.id, factor_id=app, removed_by=None, said=True)
    page = browser.open("/ask?level=ToFaktor&state=after")
    assert page.step == "enrol-factor"
    assert arrived(browser.open("/ask?level=EnFaktor&state=after"))["level"] == "EnFaktor"


def test_a_factor_that_is_removed_lets_nothing_more_be_enrolled_in_a_login_under_way(factor_day: FactorDay) -> None:
    factor_day.has_app()
    browser = factor_day.day.browser()
    page = browser.submit(factor_day.with_code(browser, TASK), ("code", factor_day.app_code()))
    assert page.soup.select_one(".choice") is not None
    with factor_day.day.system.database.writing() as db:
        app = next(one.id for one in factors_of(db, factor_day.viggo.id) if one.factor is Factor.TOTP)
        remove(db, factor_day.day.system, person_id=factor_day.viggo.id, factor_id=app, removed_by=None, said=True)
    page = browser.post(page.address, [("what", "app")])
    assert (page.step, page.soup.find("input", attrs={"name": "pass"}) is not None) == ("enrol-factor", True)


HOSTILE_ANSWERS = [
    "",
    "{}",
    "null",
    "[]",
    "\0",
    "🦊",
    '{"response": 1}',
    '{"rawId": "AA", "response": {}}',
    "x" * 20_000,
]


@sqlite_is_long
@pytest.mark.parametrize("answer", HOSTILE_ANSWERS, ids=range(len(HOSTILE_ANSWERS)))
def test_what_is_no_answer_of_a_passkey_is_refused_in_words(factor_day: FactorDay, answer: str) -> None:
    browser = factor_day.day.browser()
    page = browser.open(TWO)
    page = browser.post(page.address.replace("username", "passkey"), [("answer", answer)])
    assert (page.status, page.step, bool(page.error)) == (200, "username", True)


def test_an_ordinary_login_reads_no_second_factors(factor_day: FactorDay) -> None:
    factor_day.has_app()
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(factor_day.day.system.database.engine, "before_cursor_execute", note)
    try:
        browser = factor_day.day.browser()
        arrived(factor_day.with_code(browser, ONE))
        arrived(browser.open("/ask?state=again"))
    finally:
        event.remove(factor_day.day.system.database.engine, "before_cursor_execute", note)
    assert not [one for one in statements if "FROM enrolled_factor" in one]
