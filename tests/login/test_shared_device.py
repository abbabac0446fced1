"""A tablet that a whole class uses: short sessions, "Is it still you?", and nothing of the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from idp.store.login_sessions import LoginSession
from idp.usecases.sessions import sessions_of
from idp.web.session_cookie import remember_way
from policies.vocabulary import Factor
from tests import recipes
from tests.opponents.school_day import PICTURES, WORDS, SchoolDay, arrived

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page

SHARED = (("shared-asked", "1"), ("shared", "1"))
ALONE = (("shared-asked", "1"),)


def name_given(browser: Browser, page: Page, username: str, *said: tuple[str, str]) -> Page:
    """Type a username and say (or leave unsaid) that others use the device too."""
    return browser.post(str(page.form["action"]), [("username", username), *said])


def logged_in(day: SchoolDay, browser: Browser, ask: str = "/ask?state=one") -> Page:
    """Log Asta in on the class's tablet."""
    page = browser.tap(name_given(browser, browser.open(ask), day.asta.username, *SHARED), PICTURES)
    assert arrived(page)["who"] == day.asta.uniid
    return page


def pressed(browser: Browser, page: Page, answer: str) -> Page:
    assert page.step == "still-you", f"{page.address} {page.heading}"
    return browser.submit(page, ("still", answer))


def test_a_tablet_is_told_once_that_others_use_it_and_may_be_told_otherwise(day: SchoolDay) -> None:
    browser = day.browser()
    page = browser.open("/ask?state=one")
    assert not page.soup.select("input[name=shared][checked]")
    page = name_given(browser, page, day.asta.username, *SHARED)
    page = browser.open(page.address.replace("/pictures", "/username"))
    assert page.soup.select("input[name=shared][checked]")
    name_given(browser, page, day.asta.username, *ALONE)
    assert browser.cookie("skolepas-shared") is None
    assert not browser.open("/ask?state=two").soup.select("input[name=shared][checked]")


def test_a_session_there_ends_with_the_lesson(day: SchoolDay, clock: StandingClock) -> None:
    browser = day.browser()
    logged_in(day, browser)
    rule = day.system.rules.shared_session
    with day.system.database.reading() as db:
        kept = db.execute(select(LoginSession)).scalar_one()
        assert kept.shared_device
        assert (kept.expires_at - kept.created_at).total_seconds() == rule.max_seconds
        assert kept.idle_seconds == rule.idle_seconds
        assert [one.shared for one in sessions_of(db, day.system, day.asta.id)] == [True]
    clock.advance(seconds=rule.idle_seconds)
    assert browser.open("/ask?state=two").step == "username"


def test_a_second_service_waits_for_an_answer_by_name(day: SchoolDay) -> None:
    browser = day.browser()
    logged_in(day, browser)
    page = browser.open("/ask?state=two")
    assert page.heading == "Er du stadig Asta Prøvesen?"
    said = arrived(pressed(browser, page, "yes"))
    assert (said["state"], said["who"], said["as"]) == ("two", day.asta.uniid, "Elev")
    assert len(recorded_sessions(day)) == 1


def test_whoever_says_no_logs_the_one_before_out_and_begins_with_a_name(day: SchoolDay) -> None:
    browser = day.browser()
    logged_in(day, browser)
    page = pressed(browser, browser.open("/ask?state=two"), "no")
    assert (page.step, browser.cookie("skolepas")) == ("username", None)
    field = page.form.find("input", attrs={"name": "username"})
    assert field is not None
    assert field["value"] == ""
    assert recorded_sessions(day) == ["logout"]
    page = browser.type_code(name_given(browser, page, day.bo.username, *SHARED), WORDS)
    assert arrived(page)["who"] == day.bo.uniid


def test_an_answer_about_the_one_before_says_nothing_about_who_is_logged_in_now(day: SchoolDay) -> None:
    browser = day.browser()
    logged_in(day, browser)
    about_asta = browser.open("/ask?state=two")
    page = browser.open("/ask?state=three&again=1&hint=x")
    page = pressed(browser, page, "no") if page.step == "still-you" else page
    page = browser.open(page.address.rpartition("/")[0] + "/username")
    browser.type_code(name_given(browser, page, day.bo.username, *SHARED), WORDS)
    asked_again = pressed(browser, about_asta, "yes")
    assert asked_again.step == "still-you"
    assert arrived(pressed(browser, asked_again, "yes"))["who"] == day.bo.uniid


@pytest.mark.parametrize("answer", ["", "maybe", "YES"])
def test_no_answer_is_no_yes(day: SchoolDay, answer: str) -> None:
    browser = day.browser()
    logged_in(day, browser)
    assert pressed(browser, browser.open("/ask?state=two"), answer).step == "still-you"


def test_a_protected_name_is_never_shown(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        hidden = recipes.a_pupil(db, day.system, day.school, code=PICTURES, first_name="Hemmelig", protected=True)
    browser = day.browser()
    arrived(browser.tap(name_given(browser, browser.open("/ask"), hidden.username, *SHARED), PICTURES))
    page = browser.open("/ask?state=two")
    assert page.heading == "Er du stadig Alias Navn?"
    assert "Hemmelig" not in page.body


def test_silence_is_for_a_service_that_was_told_before(day: SchoolDay) -> None:
    """What the small protocol's service knows is not on record, so it is a new one: it must let a page be shown."""
    browser = day.browser()
    logged_in(day, browser)
    assert arrived(browser.open("/ask?state=two&silent=1"))["error"] == "sign-in:page-needed"


def test_back_after_the_answer_leads_to_no_service_by_itself(day: SchoolDay, clock: StandingClock) -> None:
    browser = day.browser()
    page = name_given(browser, browser.open("/ask?state=one"), day.asta.username, *SHARED)
    arrived(browser.tap(page, PICTURES))
    arrived(browser.tap(page, PICTURES))  # pressed twice
    clock.advance(seconds=15)
    gone = browser.open(page.address)
    assert (gone.status, gone.heading) == (410, "Dette login er slut")
    for personal in ("Asta", day.asta.username, PICTURES.split()[0]):
        assert personal not in gone.body
    assert gone.link("Gå til tjenesten") == "http://localhost:9000/"
    page = browser.open(page.address.rpartition("/")[0] + "/again")
    assert arrived(pressed(browser, page, "yes"))["state"] == "one"


def test_somebody_elses_press_leaves_nothing_typed_or_proven(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        recipes.outgrow(db, day.system, day.asta)
    browser = day.browser()
    page = name_given(browser, browser.open("/ask?state=one"), day.asta.username, *SHARED)
    assert page.soup.select_one(".not-you button") is not None
    page = browser.tap(page, PICTURES)
    assert page.step == "new-code"
    page = browser.post(str(page.soup.select_one(".not-you")["action"]), [])  # type: ignore[index]
    assert page.step == "username"
    assert day.asta.username not in page.body
    assert browser.cookie("skolepas-window") is None
    assert browser.open(page.address.replace("/username", "/new-code")).step == "username"
    page = browser.type_code(name_given(browser, page, day.bo.username, *SHARED), WORDS)
    assert arrived(page)["who"] == day.bo.uniid


def test_not_you_is_small_where_the_device_is_ones_own(day: SchoolDay) -> None:
    page = day.code_page(day.browser(), day.asta.username)
    assert page.soup.select_one(".not-you") is None
    assert page.link("Er det ikke dig?")


def test_logging_out_there_lets_the_browser_forget_its_pages(day: SchoolDay) -> None:
    browser = day.browser()
    logged_in(day, browser)
    page = browser.submit(browser.open("/logout"), follow=False)
    assert page.headers["Clear-Site-Data"] == '"cache"'
    own = day.browser()
    day.log_in(own, "/ask?state=own")
    assert "Clear-Site-Data" not in own.submit(own.open("/logout"), follow=False).headers


def test_a_browser_is_not_told_to_remember_a_username_there(day: SchoolDay) -> None:
    browser = day.browser()
    logged_in(day, browser)
    browser.submit(browser.open("/logout"))
    field = browser.open("/ask?state=two").form.find("input", attrs={"name": "username"})
    assert field is not None
    assert (field["autocomplete"], field["value"]) == ("off", "")


def recorded_sessions(day: SchoolDay) -> list[str | None]:
    """Why each session ended, None for one that lives."""
    with day.system.database.reading() as db:
        return list(db.execute(select(LoginSession.ended_why).order_by(LoginSession.id)).scalars())


def test_a_browser_remembers_the_way_and_nothing_more(day: SchoolDay) -> None:
    with day.app.test_request_context("/"):
        response = day.app.response_class()
        remember_way(response, frozenset({Factor.CARD, Factor.PICTURES}))
        assert response.headers["Set-Cookie"].startswith("skolepas-way=card;")
    for sent, factors, kept in (
        ("card", {Factor.PASSWORD}, "skolepas-way=;"),
        ("card", {Factor.CARD}, ""),
        ("", {Factor.PASSWORD, Factor.PASSKEY}, ""),
        ("", {Factor.PASSKEY}, "skolepas-way=passkey;"),
        ("<script>", {Factor.PASSWORD}, ""),
    ):
        with day.app.test_request_context("/", headers={"Cookie": f"skolepas-way={sent}"}):
            response = day.app.response_class()
            remember_way(response, frozenset(factors))
            assert response.headers.get("Set-Cookie", "").startswith(kept)
            assert bool(response.headers.get("Set-Cookie")) == bool(kept)
