"""A service that asks in silence (prompt=none) on a shared device: only one that was told of the session is answered."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import update

from idp.store.people import SchoolRecord
from idp.usecases.client_metadata_members import DEVICE_CODE
from idp.usecases.device_authorizations import begin
from idp.usecases.sessions import ProvenFactor, begin_session
from policies.vocabulary import Factor
from tests.opponents.relying_party import told

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider
    from tests.opponents.browser import Browser


def on_a_tablet(provider: Provider) -> Browser:
    """A browser in which Asta logged in on a shared device."""
    browser = provider.browser()
    with provider.system.database.writing() as db:
        factors = [ProvenFactor(Factor.PICTURES, provider.system.now())]
        begun = begin_session(
            db, provider.system, person_id=provider.asta.id, factors=factors, browser="Safari, iPad", shared=True
        )
    browser.set_cookie("skolepas", begun.token)
    return browser


def shown_by_a_board(provider: Provider) -> str:
    """The code on a board that waits to be logged in."""
    service_id = provider.another("tavlen", confidential=False, grant_types=[DEVICE_CODE])
    with provider.system.database.writing() as db:
        return begin(db, provider.system, service_id=service_id, scope="openid", acr_values=None).user_code


def test_silence_keeps_what_a_service_has_and_gives_a_new_one_nothing(provider: Provider) -> None:
    provider.another("talkongen")
    party, other = provider.party(), provider.party("talkongen")
    browser = on_a_tablet(provider)
    assert provider.ask(browser, party, prompt="none")[1]["error"] == "account_selection_required"
    begun = party.begin()
    page = browser.open(begun.address)
    assert page.step == "still-you"
    page = browser.submit(page, ("still", "yes"))
    assert party.exchange(begun, told(page.address)["code"]).status_code == 200
    assert "code" in provider.ask(browser, party, prompt="none")[1]
    assert provider.ask(browser, other, prompt="none")[1]["error"] == "account_selection_required"


def test_select_account_asks_for_a_name_again_whoever_is_logged_in(provider: Provider, clock: StandingClock) -> None:
    browser = on_a_tablet(provider)
    clock.advance(seconds=1)
    assert browser.open(provider.party().begin(prompt="select_account").address).step == "username"


def test_what_a_service_is_allowed_is_asked_of_whoever_holds_the_tablet(provider: Provider) -> None:
    provider.another("spillet", needs_consent=True)
    with provider.system.database.writing() as db:
        db.execute(
            update(SchoolRecord).where(SchoolRecord.person_id == provider.asta.id).values(birth_date=date(2012, 1, 1))
        )
    browser, party = on_a_tablet(provider), provider.party("spillet")
    before = browser.cookie("skolepas")
    page = browser.submit(browser.open(party.begin().address), ("still", "yes"))
    assert page.step == "consent"
    begun = party.begin()
    assert "code" in told(browser.submit(page, ("answer", "allow")).address)
    assert browser.cookie("skolepas") != before
    page = browser.submit(browser.open(begun.address), ("still", "yes"))
    assert party.exchange(begun, told(page.address)["code"]).status_code == 200


def test_a_screen_is_logged_in_as_whoever_holds_the_tablet(provider: Provider) -> None:
    browser, code = on_a_tablet(provider), shown_by_a_board(provider)
    page = browser.post("/device", [("user_code", code)])
    assert page.step == "still-you"
    page = browser.submit(page, ("still", "yes"))
    assert page.step == "other-screen"
    assert browser.submit(page, ("answer", "allow")).path == "/device/allowed"


def test_somebody_else_at_the_tablet_logs_in_before_the_screen_is(provider: Provider) -> None:
    browser, code = on_a_tablet(provider), shown_by_a_board(provider)
    page = browser.submit(browser.post("/device", [("user_code", code)]), ("still", "no"))
    assert page.step == "username"
    assert browser.post(page.address.replace("username", "other-screen"), [("answer", "allow")]).step == "username"
