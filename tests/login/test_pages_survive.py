"""Reload, back, a second tab, a lost cookie: each login page is a look at stored state, and none is a dead end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.store.affiliations import Affiliation
from idp.store.people import Person
from idp.store.services import Service
from tests.opponents.databases import postgresql_is_long
from tests.opponents.school_day import OTHERS, PICTURES, WORDS, SchoolDay, arrived

if TYPE_CHECKING:
    from tests.conftest import StandingClock


def test_a_reload_shows_the_same_step(day: SchoolDay) -> None:
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    assert browser.open(page.address).step == "pictures"


def test_going_back_to_the_username_shows_what_was_typed_and_takes_another(day: SchoolDay) -> None:
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    back = browser.open(page.link("Er det ikke dig?"))
    field = back.form.find("input", attrs={"name": "username"})
    assert field is not None
    assert field["value"] == day.asta.username
    page = browser.type_username(back, day.bo.username)
    assert arrived(browser.type_code(page, WORDS))["who"] == day.bo.uniid


def test_the_same_request_in_the_same_browser_resumes(day: SchoolDay) -> None:
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    assert browser.open("/ask?state=one").address == page.address


def test_two_tabs_with_logins_of_their_own_do_not_collide(day: SchoolDay) -> None:
    browser = day.browser()
    one = day.code_page(browser, day.asta.username, "/ask?state=one")
    two = day.code_page(browser, day.bo.username, "/ask?state=two")
    assert one.address != two.address
    told = arrived(browser.tap(one, PICTURES))
    assert (told["state"], told["who"], told["as"]) == ("one", day.asta.uniid, "Elev")
    assert arrived(browser.type_code(two, WORDS))["state"] == "two"


def test_two_tabs_of_one_login_both_hold_pictures_that_work(day: SchoolDay) -> None:
    browser = day.browser()
    first = day.code_page(browser, day.asta.username)
    second = browser.open(first.address)
    assert first.values("data-picture") != second.values("data-picture")
    assert browser.tap(second, OTHERS).error
    assert arrived(browser.tap(first, PICTURES))["who"] == day.asta.uniid


def test_no_picture_has_the_same_value_on_two_pages(day: SchoolDay) -> None:
    browser = day.browser()
    first = day.code_page(browser, day.asta.username)
    second = browser.open(first.address)
    assert not set(first.values("data-picture").values()) & set(second.values("data-picture").values())


def test_a_form_recorded_in_another_login_means_nothing(day: SchoolDay) -> None:
    recorded = day.code_page(day.browser(), day.asta.username).values("data-picture")
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    page = browser.submit(page, *[("picture", recorded[name]) for name in PICTURES.split()])
    assert (page.step, page.error) == ("pictures", "Vi fik ingen kode. Prøv igen.")


def test_values_of_two_pages_cannot_be_mixed(day: SchoolDay) -> None:
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    one, two = page.values("data-picture"), browser.open(page.address).values("data-picture")
    house, sun, cat, key = PICTURES.split()
    page = browser.submit(page, *[("picture", value) for value in (one[house], one[sun], two[cat], two[key])])
    assert (page.step, page.error) == ("pictures", "Vi fik ingen kode. Prøv igen.")


def test_a_form_of_an_earlier_step_shows_the_current_one(day: SchoolDay) -> None:
    browser = day.browser()
    old = day.code_page(browser, day.asta.username)
    browser.type_username(browser.open(old.link("Er det ikke dig?")), day.bo.username)
    page = browser.tap(old, PICTURES)
    assert page.step == "password"


def test_an_empty_username_shows_the_page_again(day: SchoolDay) -> None:
    browser = day.browser()
    assert browser.type_username(browser.open("/ask"), "  ").step == "username"


def test_a_code_sent_twice_leads_to_the_service_twice(day: SchoolDay) -> None:
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    told = arrived(browser.tap(page, PICTURES))
    assert arrived(browser.open(page.address)) == told
    assert arrived(browser.tap(page, PICTURES)) == told


@pytest.mark.parametrize("logged_out", [False, True])
def test_back_after_the_login_leads_to_where_the_service_begins(
    day: SchoolDay, clock: StandingClock, *, logged_out: bool
) -> None:
    """The service has taken the answer and would not know its old request any more."""
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    arrived(browser.tap(page, PICTURES))
    if logged_out:
        browser.forget("skolepas")
    clock.advance(seconds=15)
    gone = browser.open(page.address)
    assert (gone.status, gone.heading) == (410, "Dette login er slut")
    assert [str(way["href"]) for way in gone.soup.select(".ways-on a")] == ["http://localhost:9000/"]


def test_a_finished_login_of_a_service_that_begins_nowhere_begins_again_here(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        service = db.get_one(Service, day.service_id)
        service.registration = {**service.registration, "client_uri": None}
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    browser.tap(page, PICTURES)
    browser.forget("skolepas")
    page = browser.open(browser.open(page.address).link("Log ind igen"))
    page = browser.tap(browser.type_username(page, day.asta.username), PICTURES)
    assert arrived(page)["state"] == "one"


def test_an_expired_login_offers_to_begin_again(day: SchoolDay, clock: StandingClock) -> None:
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    clock.advance(seconds=day.system.settings.login.attempt_seconds)
    gone = browser.tap(page, PICTURES)
    assert gone.status == 410
    assert gone.link("Gå til tjenesten") == "http://localhost:9000/"
    assert browser.open(gone.link("Log ind igen")).step == "username"


def test_another_browser_cannot_go_on_with_a_login(day: SchoolDay) -> None:
    page = day.code_page(day.browser(), day.asta.username)
    other = day.browser()
    other.open("/ask?state=own")
    for shown in (other.open(page.address), other.tap(page, PICTURES)):
        assert shown.status == 403
        assert shown.link("Gå til tjenesten") == "http://localhost:9000/"
        assert shown.soup.select_one(".reference") is not None


def test_a_lost_cookie_leads_on(day: SchoolDay) -> None:
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    browser.forget("skolepas-browser")
    shown = browser.tap(page, PICTURES)
    assert shown.status == 403
    assert shown.link("Gå til tjenesten")


def test_a_handle_that_nobody_has_leads_to_the_front_page(day: SchoolDay) -> None:
    shown = day.browser().open("/login/nothing/pictures")
    assert shown.status == 410
    assert day.browser().open(shown.link("Gå til forsiden")).status == 200


def test_a_blocked_account_is_told_only_after_a_right_code(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        db.get_one(Person, day.asta.id).blocked_at = day.system.now()
    browser = day.browser()
    page = browser.tap(day.code_page(browser, day.asta.username), OTHERS)
    assert page.step == "pictures"
    page = browser.tap(page, PICTURES)
    assert (page.status, page.heading) == (403, "Din konto er spærret")
    assert browser.open(page.address).status == 403
    page = browser.open(page.link("Log ind som en anden"))
    page = browser.type_code(browser.type_username(page, day.bo.username), WORDS)
    assert arrived(page)["who"] == day.bo.uniid


def test_who_is_at_no_school_now_is_told_so_after_a_right_code(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        db.get_one(Affiliation, day.asta.affiliation_id).valid_to = day.system.now()
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    assert page.step == "pictures"
    page = browser.tap(page, PICTURES)
    assert (page.status, page.heading) == (403, "Du hører ikke til på en skole nu")
    assert len(page.soup.select(".help li")) == 3
    assert page.soup.select_one(".reference") is not None
    assert browser.open(page.link("Log ind som en anden")).step == "username"
    assert browser.cookie("skolepas") is None


def test_an_attachment_that_ends_ends_the_session_that_acts_through_it(day: SchoolDay) -> None:
    browser = day.browser()
    day.log_in(browser)
    with day.system.database.writing() as db:
        db.get_one(Affiliation, day.asta.affiliation_id).valid_to = day.system.now()
    assert "error=" in browser.open("/ask?silent=1").address


def test_a_service_that_is_disabled_meanwhile_gets_nobody(day: SchoolDay) -> None:
    browser = day.browser()
    page = day.code_page(browser, day.asta.username)
    with day.system.database.writing() as db:
        db.get_one(Service, day.service_id).disabled_at = day.system.now()
    page = browser.tap(page, PICTURES)
    assert (page.status, page.heading) == (403, "Tjenesten er ikke åben her")


def test_a_blocked_account_that_is_opened_again_goes_on_by_a_reload(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        db.get_one(Person, day.asta.id).blocked_at = day.system.now()
    browser = day.browser()
    page = browser.tap(day.code_page(browser, day.asta.username), PICTURES)
    with day.system.database.writing() as db:
        db.get_one(Person, day.asta.id).blocked_at = None
    assert arrived(browser.open(page.address))["who"] == day.asta.uniid


@postgresql_is_long
@pytest.mark.parametrize("typed", ["", "   ", "\t", "a\0b"])
def test_a_username_that_was_not_typed_is_asked_for_again_in_words(day: SchoolDay, typed: str) -> None:
    browser = day.browser()
    page = browser.type_username(browser.open("/ask?state=one"), typed)
    assert (page.step, page.error) == ("username", "Skriv dit brugernavn.")
    field = page.form.find("input", attrs={"name": "username"})
    assert field is not None
    assert "error" in str(field["aria-describedby"]).split()
    page = browser.type_username(page, day.asta.username)
    assert (page.step, page.error) == ("pictures", "")
