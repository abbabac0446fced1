"""Mit login sends a person who wants a new code through a login of its own, and takes them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.vocabulary import Task

if TYPE_CHECKING:
    from tests.admin_ui.conftest import Whole
    from tests.opponents.browser import Browser, Page


def shown(page: Page) -> str:
    words = page.soup.select_one(".new-code")
    assert words is not None, page.body
    return words.get_text(strip=True)


def asked_for_a_new_code(whole: Whole, browser: Browser) -> Page:
    page = browser.open(whole.mit(browser, whole.viggo).link("Få en ny kode"))
    assert page.step == "username"
    assert page.form.find("input", attrs={"name": "username", "value": whole.viggo.username})
    return browser.type_username(page, whole.viggo.username)


def test_the_old_code_is_proven_the_new_one_repeated_and_the_person_is_back(whole: Whole) -> None:
    browser = whole.browser()
    page = whole.give_code(browser, asked_for_a_new_code(whole, browser), whole.viggo)
    code = shown(page)
    page = browser.type_code(browser.submit(page), code)
    assert page.path == "/mit/"
    assert page.heading == "Viggo Lærersen"
    elsewhere = whole.browser()
    page = elsewhere.type_username(elsewhere.open("/mit/"), whole.viggo.username)
    assert elsewhere.type_code(page, "hest-banan").error
    assert elsewhere.type_code(page, code).path == "/mit/"


def test_without_the_old_code_there_is_no_new_one(whole: Whole) -> None:
    browser = whole.browser()
    page = browser.type_code(asked_for_a_new_code(whole, browser), "hest-banan2")
    assert page.step == "password"
    assert page.error
    assert browser.open(page.address.replace("password", "new-code")).step == "password"


def test_whoever_changes_their_mind_keeps_the_old_code(whole: Whole) -> None:
    browser = whole.browser()
    whole.give_code(browser, asked_for_a_new_code(whole, browser), whole.viggo)
    assert browser.open("/mit/").heading == "Viggo Lærersen"
    elsewhere = whole.browser()
    assert whole.mit(elsewhere, whole.viggo).heading == "Viggo Lærersen"


def test_a_task_that_nobody_knows_is_an_ordinary_login(whole: Whole) -> None:
    browser = whole.browser()
    assert [task.value for task in Task] == ["new-code", "enrol-factor"]
    page = browser.type_username(browser.open("/administration/sign-in?task=take-over"), whole.viggo.username)
    assert whole.give_code(browser, page, whole.viggo).path == "/mit/"
