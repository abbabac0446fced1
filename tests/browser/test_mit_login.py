"""Mit login: who I am, where I am logged in, and out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.journeys import give_code, give_username, log_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Opener
    from tests.browser.demonstration import Demonstration


def test_mit_login_asks_who_i_am_and_then_tells_it(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["fifth-grader"]
    page.goto("/mit/")
    give_username(page, pupil.username)
    give_code(page, pupil.code)
    expect(page).to_have_url(re.compile("/mit/$"))
    expect(page.locator("main")).to_contain_text(pupil.username)
    expect(page.locator("main")).to_contain_text("Nordlysskolen")


def test_whoever_is_logged_in_at_a_service_is_not_asked_again(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["fifth-grader"]
    log_in(page, pupil)
    page.goto("/mit/")
    expect(page.locator("main")).to_contain_text(pupil.username)


def test_logging_out_of_mit_login_logs_out_here(page: Page, demo: Demonstration) -> None:
    pupil = demo.personas["teacher"]
    log_in(page, pupil)
    page.goto("/mit/")
    page.get_by_role("button", name="Log ud", exact=True).first.click()
    page.wait_for_url("**/administration/signed-out")  # by way of the page that tells the services
    expect(page.locator("main")).not_to_contain_text(pupil.username)
    page.goto("/mit/")
    expect(page.locator("[name=username]")).to_be_visible()


def test_another_browser_is_logged_out_from_here(opened: Opener, demo: Demonstration) -> None:
    leader = demo.personas["leader"]
    here, there = opened(), opened()
    log_in(here, leader)
    here.goto("/mit/")
    everywhere_else = here.get_by_role("button", name="Log ud alle andre steder")
    if everywhere_else.is_visible():  # other tests log the same person in
        everywhere_else.click()
    expect(here.locator(".sessions li")).to_have_count(1)
    log_in(there, leader)
    here.reload()
    expect(here.locator(".sessions li")).to_have_count(2)
    here.get_by_role("button", name="Log ud dér").click()
    expect(here.locator(".sessions li")).to_have_count(1)
    there.goto("/mit/")
    expect(there.locator("[name=username]")).to_be_visible()


def test_mit_login_speaks_english_to_those_who_choose_it(page: Page, demo: Demonstration) -> None:
    log_in(page, demo.personas["fifth-grader"])
    page.goto("/mit/")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("main")).to_contain_text("Who I am")
