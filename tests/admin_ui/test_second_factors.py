"""Power over others asks for a second factor; Mit login lists and removes them; an administrator gives a one-time pass."""

from __future__ import annotations

from base64 import b32decode
from typing import TYPE_CHECKING

import pytest

from idp.outside.one_time_codes import code_at, step_at
from idp.usecases.passes import issue_pass
from tests import recipes
from tests.admin_ui.office import CODE, an_office, form, told

if TYPE_CHECKING:
    from tests.admin_ui.conftest import Whole
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page


@pytest.fixture
def sonja(whole: Whole) -> recipes.Someone:
    with whole.system.database.writing() as db:
        return recipes.an_administrator(db, whole.system, whole.school, code=CODE)


def a_pass(whole: Whole, someone: recipes.Someone) -> str:
    with whole.system.database.writing() as db:
        return issue_pass(db, whole.system, person_id=someone.id, issued_by=None).text


def enrols_an_app(whole: Whole, browser: Browser, page: Page, someone: recipes.Someone) -> tuple[Page, bytes]:
    """From the page that asks for a pass, through the recovery codes."""
    page = browser.submit(page, ("pass", a_pass(whole, someone)))
    page = browser.post(page.address, [("what", "app")])
    shown = page.soup.select_one(".by-hand")
    assert shown is not None, page.body
    seed = b32decode(shown.get_text().replace(" ", ""))
    page = browser.submit(page, ("code", code_of(whole, seed)))
    assert page.step == "recovery-codes", page.error
    return browser.submit(page), seed


def code_of(whole: Whole, seed: bytes) -> str:
    return code_at(seed, step_at(whole.system.now()))


def test_power_over_others_is_reached_by_the_second_factor_alone(
    whole: Whole, sonja: recipes.Someone, clock: StandingClock
) -> None:
    browser = whole.browser()
    whole.mit(browser, sonja)
    page = browser.open("/brugeradministration/")
    assert page.step == "enrol-factor"
    page, seed = enrols_an_app(whole, browser, page, sonja)
    assert (page.status, "Asta" in page.body) == (200, True)
    clock.advance(minutes=1)
    other = whole.browser()
    whole.mit(other, sonja)
    page = other.open(f"/brugeradministration/{whole.school.number}/people/{whole.asta.id}")
    assert page.step == "second-factor"
    page = other.submit(page, ("code", code_of(whole, seed)))
    assert page.path.endswith(f"/people/{whole.asta.id}")
    assert other.open("/mit/").soup.select(".sessions li")


def test_whoever_has_no_second_factor_and_no_pass_is_told_what_to_do(whole: Whole, sonja: recipes.Someone) -> None:
    browser = whole.browser()
    whole.mit(browser, sonja)
    page = browser.open("/brugeradministration/")
    page = browser.post(page.address.replace(page.step, "cancel"), [])
    assert (page.status, page.heading) == (403, "Det kræver en ekstra faktor")
    assert browser.open("/mit/").heading == "Sonja Kontorsen"
    assert browser.open(page.link("Jeg har et pas")).step == "username"


def test_a_form_that_gives_power_is_refused_without_the_second_factor(whole: Whole, sonja: recipes.Someone) -> None:
    browser = whole.browser()
    whole.mit(browser, sonja)
    answer = browser.post(f"/brugeradministration/{whole.school.number}/people/{whole.viggo.id}/pass", [])
    assert answer.status in {400, 403}


def test_mit_login_adds_lists_and_removes(whole: Whole, sonja: recipes.Someone, clock: StandingClock) -> None:
    browser = whole.browser()
    page = whole.mit(browser, sonja)
    assert "ikke noget ud over din kode" in told(page)
    page = browser.type_username(browser.open(page.link("Tilføj en adgangsnøgle")), sonja.username)
    page, seed = enrols_an_app(whole, browser, whole.give_code(browser, page, sonja), sonja)
    assert page.path == "/mit/"
    assert "App med engangskoder" in told(page)
    assert "10 tilbage" in told(page)
    page = browser.open(page.link("Fjern"))
    assert "din sidste" in told(page)
    page = browser.submit(page)
    assert "ikke noget ud over din kode" in told(page)
    assert browser.open("/brugeradministration/").step == "enrol-factor"
    assert len(seed) == 20


def test_removing_asks_for_the_second_factor_first(whole: Whole, sonja: recipes.Someone, clock: StandingClock) -> None:
    browser = whole.browser()
    page = browser.type_username(browser.open(whole.mit(browser, sonja).link("Tilføj en adgangsnøgle")), sonja.username)
    enrols_an_app(whole, browser, whole.give_code(browser, page, sonja), sonja)
    thief = whole.browser()
    page = thief.open(whole.mit(thief, sonja).link("Fjern"))
    assert page.step == "second-factor"
    assert "App med engangskoder" in told(thief.open("/mit/"))


def test_an_administrator_gives_a_colleague_a_pass_that_is_shown_once(whole: Whole) -> None:
    office = an_office(whole)
    page = office.act(whole.viggo, "pass")
    shown = page.soup.select_one("h2.exact")
    assert shown is not None, page.body
    assert (page.headers["Cache-Control"], page.heading) == ("no-store", "Engangspas")
    assert shown.get_text() not in office.see(whole.viggo).body
    browser = whole.browser()
    page = browser.type_username(
        browser.open(whole.mit(browser, whole.viggo).link("Tilføj en adgangsnøgle")), whole.viggo.username
    )
    page = whole.give_code(browser, page, whole.viggo)
    assert browser.submit(page, ("pass", shown.get_text())).soup.find("input", attrs={"name": "pass"}) is None


def test_nobody_is_offered_a_pass_for_themself_or_for_a_young_pupil(whole: Whole) -> None:
    office = an_office(whole)
    assert "engangspas" not in told(office.see(office.sonja))
    assert "engangspas" not in told(office.see(whole.asta))
    token = form(office.see(whole.viggo), "pass").find("input", attrs={"name": "csrf_token"})
    assert token is not None
    refused = office.browser.post(f"{office.of(office.sonja)}/pass", [("csrf_token", str(token["value"]))])
    assert (refused.status, refused.soup.select_one("h2.exact")) == (403, None)
