"""The administration's session hangs on the login session, and a person ends any of their own sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select, update

from idp.store.affiliations import Affiliation
from idp.store.login_sessions import AdministrationSession, LoginSession, insert_participant
from idp.store.people import Person
from idp.usecases.sessions import end_all_sessions
from policies.vocabulary import Protocol
from tests import recipes

if TYPE_CHECKING:
    from tests.admin_ui.conftest import Whole
    from tests.conftest import StandingClock
    from tests.opponents.browser import Browser, Page


def end(browser: Browser, page: Page, words: str) -> Page:
    """Press the button with these words in the page's main part."""
    for button in page.soup.select("main button"):
        if button.get_text(strip=True) == words:
            form = button.find_parent("form")
            assert form is not None
            hidden = [(str(field["name"]), str(field["value"])) for field in form.find_all("input", type="hidden")]
            return browser.post(str(form["action"]), hidden)
    raise AssertionError(f"no button {words!r}: {page.body}")


def test_it_dies_with_the_login_session(whole: Whole) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    with whole.system.database.writing() as db:
        end_all_sessions(db, whole.system, whole.asta.id, why="new-code")
    assert browser.open("/mit/").path.startswith("/login/")


def test_it_dies_when_the_person_is_blocked(whole: Whole) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    with whole.system.database.writing() as db:
        db.execute(update(Person).where(Person.id == whole.asta.id).values(blocked_at=whole.system.now()))
    assert browser.open("/mit/").path.startswith("/login/")


def test_it_dies_when_the_attachment_one_acts_through_is_over(whole: Whole) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    with whole.system.database.writing() as db:
        attachment = update(Affiliation).where(Affiliation.id == whole.asta.affiliation_id)
        db.execute(attachment.values(valid_to=whole.system.now()))
    assert browser.open("/mit/").path.startswith("/login/")


def test_it_falls_idle_with_the_login_session(whole: Whole, clock: StandingClock) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    clock.advance(days=1)
    assert browser.open("/mit/").path.startswith("/login/")


def test_using_the_administration_keeps_the_login_session_alive(whole: Whole, clock: StandingClock) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    with whole.system.database.reading() as db:
        idle = db.execute(select(LoginSession.idle_seconds)).scalar_one()
    for _ in range(3):
        clock.advance(seconds=idle * 0.6)
        assert browser.open("/mit/").path == "/mit/"


def test_finding_out_who_visits_takes_one_statement_and_writes_nothing(whole: Whole) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    statements: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(whole.system.database.engine, "before_cursor_execute", hear)
    browser.open("/mit/")
    event.remove(whole.system.database.engine, "before_cursor_execute", hear)
    assert len([said for said in statements if "administration_session" in said]) == 1
    assert not [said for said in statements if said.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_only_the_digest_of_the_cookie_is_stored(whole: Whole) -> None:
    browser = whole.browser()
    whole.mit(browser, whole.asta)
    token = browser.cookie("skolepas-administration")
    assert token is not None
    with whole.system.database.reading() as db:
        digest = db.execute(select(AdministrationSession.token_digest)).scalar_one()
    assert token.encode() not in digest
    assert len(digest) == 32


def test_another_browser_is_logged_out_from_here(whole: Whole) -> None:
    here, there = whole.browser(agent="Firefox Windows"), whole.browser(agent="Safari Mac")
    whole.mit(there, whole.viggo)
    page = whole.mit(here, whole.viggo)
    assert len(page.soup.select(".sessions li")) == 2
    after = end(here, page, "Log ud dér")
    assert (after.path, len(after.soup.select(".sessions li"))) == ("/mit/", 1)
    assert there.open("/mit/").path.startswith("/login/")


@pytest.mark.parametrize("button", ["Log ud dér", "Log ud alle andre steder"])
def test_what_nobody_can_log_out_of_from_here_is_named(whole: Whole, button: str) -> None:
    here, there = whole.browser(), whole.browser()
    whole.mit(there, whole.viggo)
    with whole.system.database.writing() as db:
        session_id = db.execute(select(LoginSession.id)).scalar_one()
        about = {"protocol": Protocol.OIDC, "subject": "x", "first_told_at": whole.system.now()}
        for client_id, registered in {"silent": {}, "told": {"backchannel_logout_uri": "https://a.example/x"}}.items():
            service_id = recipes.a_service(db, whole.system, client_id=client_id, **registered)
            insert_participant(
                db, {**about, "session_id": session_id, "service_id": service_id, "session_index": client_id}
            )
    after = end(here, whole.mit(here, whole.viggo), button)
    assert "logge dig ud herfra: Tjenesten silent." in after.body


def test_all_others_are_logged_out_at_once(whole: Whole) -> None:
    here, others = whole.browser(), [whole.browser() for _ in range(2)]
    for other in others:
        whole.mit(other, whole.viggo)
    after = end(here, whole.mit(here, whole.viggo), "Log ud alle andre steder")
    assert "2 andre steder" in after.body
    assert after.path == "/mit/"
    assert [other.open("/mit/").path.startswith("/login/") for other in others] == [True, True]


def test_nobody_ends_another_persons_session(whole: Whole) -> None:
    asta, viggo = whole.browser(), whole.browser()
    page = whole.mit(asta, whole.asta)
    whole.mit(viggo, whole.viggo)
    with whole.system.database.reading() as db:
        of_viggo = db.execute(select(LoginSession.id).where(LoginSession.person_id == whole.viggo.id)).scalar_one()
    token = _csrf_token(whole, asta, page)
    after = asta.post(f"/mit/sessions/{of_viggo}/end", [("csrf_token", token)])
    assert "allerede logget ud" in after.body
    assert viggo.open("/mit/").path == "/mit/"


@pytest.mark.parametrize("address", ["/mit/sessions/1/end", "/mit/sessions/end-others"])
def test_a_form_without_its_token_does_nothing(whole: Whole, address: str) -> None:
    here, there = whole.browser(), whole.browser()
    whole.mit(there, whole.viggo)
    whole.mit(here, whole.viggo)
    assert here.post(address, []).status == 400
    assert here.post(address, [("csrf_token", "made up")]).status == 400
    assert there.open("/mit/").path == "/mit/"


def test_logging_out_ends_both_sessions_and_says_so(whole: Whole) -> None:
    browser = whole.browser()
    page = whole.mit(browser, whole.asta)
    after = end(browser, page, "Log ud")
    assert (after.path, after.heading) == ("/administration/signed-out", "Du er logget ud")
    with whole.system.database.reading() as db:
        assert db.execute(select(LoginSession.ended_at)).scalar_one() is not None
    assert browser.cookie("skolepas-administration") is None
    assert browser.open("/mit/").path.startswith("/login/")


def _csrf_token(whole: Whole, browser: Browser, page: Page) -> str:
    """Return a token that the browser could have: one stands on the page as soon as there is another session."""
    other = whole.browser()
    whole.mit(other, whole.asta)
    page = browser.open(page.address)
    field = page.soup.select_one("main input[name=csrf_token]")
    assert field is not None
    return str(field["value"])
