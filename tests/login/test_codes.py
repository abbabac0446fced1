"""What is kept of a code, when it must be replaced, what overload does, and what a login costs."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from sqlalchemy import event, select, text

from admin_ui.cli import Operator
from admin_ui.cli.codes import codes
from idp.keyring import NamedKeys
from idp.outside.hashing import CodeHasher
from idp.store.credentials import Code
from idp.usecases.codes import derived_code
from idp.usecases.known_about import shows
from policies.rules import WordList
from policies.vocabulary import Level, Stage
from tests import recipes
from tests.opponents.databases import postgresql_is_long
from tests.opponents.school_day import OTHERS, PICTURES, WORDS, SchoolDay, arrived

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from idp.usecases.system import System
    from tests.opponents.browser import Page


def operator(system: System, *, allowed: bool, arguments: list[str]) -> Result:
    login = replace(system.settings.login, allow_code_issue=allowed)
    there = replace(system, settings=replace(system.settings, login=login))
    return CliRunner().invoke(codes, arguments, obj=Operator(None, there))


def test_issuing_codes_is_off_by_default(day: SchoolDay) -> None:
    answer = operator(day.system, allowed=False, arguments=["issue", day.carl.username])
    assert answer.exit_code == 2
    assert "login.allow_code_issue is off" in answer.stderr
    assert answer.stdout == ""


def test_an_issued_picture_code_works(day: SchoolDay) -> None:
    answer = operator(day.system, allowed=True, arguments=["issue", day.carl.username, "--json"])
    issued = json.loads(answer.stdout)
    assert (issued["username"], issued["kind"]) == (day.carl.username, "pictures")
    browser = day.browser()
    page = browser.tap(day.code_page(browser, day.carl.username), " ".join(issued["pictures"]))
    assert arrived(page)["who"] == day.carl.uniid


def test_an_issued_text_code_works_and_replaces_the_old_one(day: SchoolDay) -> None:
    issued = json.loads(operator(day.system, allowed=True, arguments=["issue", day.bo.username, "--json"]).stdout)
    browser = day.browser()
    page = browser.type_code(day.code_page(browser, day.bo.username), WORDS)
    assert page.error
    assert arrived(browser.type_code(page, issued["code"]))["who"] == day.bo.uniid


def test_an_issued_code_is_on_record_without_the_code(day: SchoolDay) -> None:
    issued = json.loads(operator(day.system, allowed=True, arguments=["issue", day.bo.username, "--json"]).stdout)
    with day.system.database.reading() as db:
        rows = db.execute(text("SELECT event, facts FROM audit_event")).all()
    assert "code:code:issued-by-operator" in [row.event for row in rows]
    assert issued["code"] not in repr(rows)


def test_nobody_gets_no_code_and_no_window(day: SchoolDay) -> None:
    for command in ("issue", "open-window"):
        answer = operator(day.system, allowed=True, arguments=[command, "nobody99"])
        assert (answer.exit_code, answer.stderr) == (2, "skolepas: Nobody has the username nobody99.\n")


def test_the_operator_reads_the_sign_in_both_languages(day: SchoolDay) -> None:
    opened = json.loads(
        operator(day.system, allowed=False, arguments=["open-window", day.carl.username, "--json"]).stdout
    )
    said = operator(day.system, allowed=False, arguments=["open-window", day.carl.username])
    assert opened["sign"] in day.system.rules.window.signs
    assert opened["da"]
    assert opened["en"]
    assert said.stdout.startswith("Sign: ")
    assert said.stdout.endswith("until 09:05:00.\n")


def test_a_right_code_is_kept_anew_under_the_pepper_of_today(day: SchoolDay) -> None:
    keyring = day.system.keyring
    pepper = NamedKeys({**keyring.pepper.keys, "2": b"2" * 32})
    hasher = CodeHasher(day.system.settings.hashing, pepper)
    newer = replace(day.system, keyring=replace(keyring, pepper=pepper), hasher=hasher)
    day.app.extensions["skolepas"] = replace(day.app.extensions["skolepas"], system=newer)
    day.log_in(day.browser())
    with day.system.database.reading() as db:
        assert db.execute(select(Code.pepper).where(Code.person_id == day.asta.id)).scalar_one() == "2"
    day.log_in(day.browser())


def test_a_code_that_has_run_out_is_replaced_after_it_was_proven(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        recipes.outgrow(db, day.system, day.bo)
    browser = day.browser()
    page = browser.type_code(day.code_page(browser, day.bo.username), "wrong-words")
    assert page.step == "password"
    page = browser.type_code(page, WORDS)
    assert page.step == "new-code"
    shown = page.soup.select_one(".new-code")
    assert shown is not None
    code = shown.get_text(strip=True)
    assert code != WORDS
    assert arrived(browser.type_code(browser.submit(page), code))["who"] == day.bo.uniid
    elsewhere = day.browser()
    assert elsewhere.type_code(day.code_page(elsewhere, day.bo.username), WORDS).error


def test_no_code_is_kept_anywhere_whole_or_in_part(day: SchoolDay) -> None:
    browser = day.browser()
    page = browser.tap(day.code_page(browser, day.asta.username), OTHERS)
    browser.tap(page, PICTURES)
    with day.system.database.reading() as db:
        tables = ("login_attempt", "code", "guesses", "audit_event", "audit_text", "login_session")
        kept = repr([db.execute(text(f"SELECT * FROM {table}")).all() for table in tables])  # noqa: S608
    assert not [name for name in PICTURES.split() if f"'{name}" in kept or f"{name} " in kept]


def test_a_login_takes_few_statements(day: SchoolDay) -> None:
    browser = day.browser()
    day.code_page(day.browser(), day.asta.username)  # the kinds of codes have been counted
    statements: list[str] = []

    def count(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "ROLLBACK")):
            statements.append(statement)

    def spent(step: Callable[[], Page]) -> tuple[Page, int]:
        statements.clear()
        return step(), len(statements)

    event.listen(day.system.database.engine, "before_cursor_execute", count)
    try:
        page, to_come = spent(lambda: browser.open("/ask?state=one", follow=False))
        page, to_see = spent(lambda: browser.open(page.address))
        page, to_name = spent(lambda: browser.submit(page, ("username", day.asta.username), follow=False))
        page, to_ask = spent(lambda: browser.open(page.address))
        page, to_log_in = spent(lambda: browser.tap(page, PICTURES))
    finally:
        event.remove(day.system.database.engine, "before_cursor_execute", count)
    assert arrived(page)["who"] == day.asta.uniid
    found = {"come": to_come, "see": to_see, "name": to_name, "ask": to_ask, "log in": to_log_in}
    budget = {"come": 4, "see": 2, "name": 7, "ask": 4, "log in": 18}
    assert {step: number for step, number in found.items() if number > budget[step]} == {}


def test_many_tries_at_once_are_many_tries(day: SchoolDay) -> None:
    browsers = [day.browser() for _ in range(8)]
    pages = [day.code_page(browser, day.asta.username, f"/ask?state={n}") for n, browser in enumerate(browsers)]
    with ThreadPoolExecutor(8) as at_once:
        answers = list(at_once.map(lambda browser, page: browser.tap(page, OTHERS), browsers, pages))
    with day.system.database.reading() as db:
        failures = db.execute(text("SELECT failures FROM guesses WHERE scope = 'name'")).scalar_one()
    assert failures == 5
    assert len(answers) == 8


@postgresql_is_long
@pytest.mark.parametrize("sent", [[], [("picture", "x")], [("picture", "é" * 24)] * 4, [("picture1", "a" * 24)]])
def test_a_form_that_is_not_filled_in_shows_the_page_again(day: SchoolDay, sent: list[tuple[str, str]]) -> None:
    browser = day.browser()
    page = browser.submit(day.code_page(browser, day.asta.username), *sent)
    assert (page.status, page.step, page.error) == (200, "pictures", "Vi fik ingen kode. Prøv igen.")


def test_nobody_is_given_the_own_name_in_a_code(day: SchoolDay) -> None:
    few = replace(day.system.rules, words=WordList(("rose", "kano", "hest")))
    system = replace(day.system, rules=few)
    with system.database.writing() as db:
        rose = recipes.a_pupil(db, system, day.school, first_name="Rose", level=Level.G8)
        unless = shows(db, few, rose.id)
        codes = [
            derived_code(system, Stage.UDSKOLING, bound_to=f"window:{number}", secret="x", unless=unless).text
            for number in range(30)
        ]
    assert {code[:-2] for code in codes} == {"Kano-Hest", "Hest-Kano"}
