"""A service that asks in silence (prompt=none) on a shared device: only one that was told of the session is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
