"""What an old code proved counts no longer once the account has another code, or none that may be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from idp.login.steps import code as code_step
from idp.outside.hashing import CodeHasher
from idp.store.credentials import Code
from idp.store.people import Person
from idp.usecases.windows import open_window
from policies.vocabulary import WindowPurpose
from tests import recipes
from tests.opponents.school_day import WORDS, SchoolDay, arrived

if TYPE_CHECKING:
    from idp.login.dispatch import Position
    from idp.outside.hashing import Verification, Verifier
    from idp.usecases.system import System
    from tests.conftest import StandingClock
    from tests.opponents.browser import Page


def code_of(page: Page) -> str:
    found = page.soup.select_one(".new-code")
    assert found is not None
    return found.get_text(strip=True)


def gets_a_new_code(day: SchoolDay) -> str:
    """Let Bo pick the sign of a window and take a new code in a browser of his own."""
    with day.system.database.writing() as db:
        window = open_window(db, day.system, person_id=day.bo.id, opened_by=None, purpose=WindowPurpose.NEW_CODE)
    browser = day.browser()
    page = day.code_page(browser, day.bo.username)
    page = browser.pick_sign(browser.open(page.link("tegn")), window.sign)
    code = code_of(page)
    arrived(browser.type_code(browser.submit(page), code))
    return code


@pytest.mark.parametrize("seen", [False, True])
def test_a_login_begun_with_a_code_that_ran_out_does_not_replace_the_one_that_came_after(
    day: SchoolDay, clock: StandingClock, *, seen: bool
) -> None:
    with day.system.database.writing() as db:
        recipes.outgrow(db, day.system, day.bo)
    stranger = day.browser()
    page = stranger.type_code(day.code_page(stranger, day.bo.username), WORDS)
    offered = code_of(page)
    if seen:
        page = stranger.submit(page)
    clock.advance(minutes=1)
    code = gets_a_new_code(day)
    assert stranger.open(page.address).step == "password"
    after = stranger.type_code(page, offered) if seen else stranger.submit(page)
    assert after.step == "password"
    friend = day.browser()
    assert arrived(friend.type_code(day.code_page(friend, day.bo.username), code))["who"] == day.bo.uniid


@pytest.mark.parametrize("how", ["replaced", "suspended"])
def test_what_was_proven_while_an_account_was_blocked_is_worth_nothing_without_that_code(
    day: SchoolDay, clock: StandingClock, how: str
) -> None:
    with day.system.database.writing() as db:
        db.get_one(Person, day.bo.id).blocked_at = day.system.now()
    stranger = day.browser()
    page = stranger.type_code(day.code_page(stranger, day.bo.username), WORDS)
    assert page.status == 403
    clock.advance(minutes=1)
    with day.system.database.writing() as db:
        db.get_one(Person, day.bo.id).blocked_at = None
        if how == "suspended":
            db.execute(select(Code).where(Code.person_id == day.bo.id)).scalar_one().suspended_at = day.system.now()
    if how == "replaced":
        gets_a_new_code(day)
    assert stranger.open(page.address).step == "password"


def test_an_old_code_logs_nobody_in_that_was_replaced_while_it_was_checked(
    day: SchoolDay, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = code_step.check

    def checked_slowly(system: System, at: Position, typed: str) -> tuple[Verification, Verifier | None]:
        found = check(system, at, typed)
        clock.advance(seconds=1)
        gets_a_new_code(day)
        return found

    stranger = day.browser()
    page = day.code_page(stranger, day.bo.username)
    monkeypatch.setattr(code_step, "check", checked_slowly)
    assert stranger.type_code(page, WORDS).step == "password"


def test_nor_is_one_replaced_by_a_login_that_was_just_about_to(
    day: SchoolDay, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with day.system.database.writing() as db:
        recipes.outgrow(db, day.system, day.bo)
    stranger = day.browser()
    page = stranger.type_code(day.code_page(stranger, day.bo.username), WORDS)
    offered, kept = code_of(page), []
    confirm = stranger.submit(page)
    make = CodeHasher.verifier_of

    def made_slowly(hasher: CodeHasher, code: str) -> Verifier:
        if code == offered and not kept:
            clock.advance(seconds=1)
            kept.append(gets_a_new_code(day))
        return make(hasher, code)

    monkeypatch.setattr(CodeHasher, "verifier_of", made_slowly)
    assert stranger.type_code(confirm, offered).step == "password"
    friend = day.browser()
    assert arrived(friend.type_code(day.code_page(friend, day.bo.username), kept[0]))["who"] == day.bo.uniid
