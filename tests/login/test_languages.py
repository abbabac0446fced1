from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.web.i18n import is_on_this_site

if TYPE_CHECKING:
    from tests.opponents.browser import Browser, Page
    from tests.opponents.school_day import SchoolDay


def in_english(browser: Browser, page: Page, *typed: tuple[str, str]) -> Page:
    """Press "English" where a username is asked for."""
    button = page.soup.select_one(".languages button[lang=en]")
    assert button is not None
    return browser.post(str(button["formaction"]), typed)


def test_danish_is_spoken_where_nobody_asks_for_anything_else(day: SchoolDay) -> None:
    page = day.browser(languages="").open("/ask")
    assert page.heading == "Log ind"
    assert page.headers["Content-Language"] == "da"
    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in page.headers["Vary"].split(",")}


def test_the_browser_may_ask_for_english(day: SchoolDay) -> None:
    page = day.browser(languages="en-GB,en;q=0.8,da;q=0.5").open("/ask")
    assert page.heading == "Log in"
    assert page.soup.html is not None
    assert page.soup.html["lang"] == "en"


def test_the_service_comes_before_the_browser(day: SchoolDay) -> None:
    assert day.browser().open("/ask?language=fo&language=en-US").heading == "Log in"


def test_a_language_chosen_on_the_page_stays_and_leads_back(day: SchoolDay) -> None:
    browser = day.browser()
    page = browser.open("/ask?language=da")
    chosen = in_english(browser, page)
    assert chosen.path == page.path
    assert chosen.heading == "Log in"
    assert browser.type_username(chosen, day.asta.username).heading.startswith("Tap your 4 pictures")
    assert browser.open("/").headers["Content-Language"] == "en"


def test_the_choice_in_one_login_does_not_outvote_the_next_service(day: SchoolDay) -> None:
    browser = day.browser()
    in_english(browser, browser.open("/ask?language=da&state=one"))
    assert browser.open("/ask?language=da&state=two").headers["Content-Language"] == "da"


def test_what_is_typed_and_said_stays_when_the_language_changes_and_nobody_is_looked_up(day: SchoolDay) -> None:
    browser = day.browser()
    page = in_english(browser, browser.open("/ask"), ("username", " As\0ta "), ("shared", "1"))
    assert (page.step, page.heading) == ("username", "Log in")
    field = page.form.find("input", attrs={"name": "username"})
    assert field is not None
    assert field["value"] == "asta"
    assert page.soup.select("input[name=shared][checked]")
    page = browser.type_username(page, day.asta.username)
    assert page.heading.startswith("Tap your 4 pictures")


def test_the_language_changes_in_the_middle_without_leaving_the_page(day: SchoolDay) -> None:
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    changed = browser.open(page.link("English"))
    assert (changed.address, changed.heading) == (page.address, "Tap your 4 pictures")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "\t//evil.example", "evil", "//["]
)
def test_the_way_back_is_a_page_of_ours(day: SchoolDay, target: str) -> None:
    assert not is_on_this_site(target)
    browser = day.browser()
    answer = day.app.test_client().get("/language/en", query_string={"to": target})
    assert answer.headers["Location"] == "/"
    assert browser.open("/language/xx").status == 404
