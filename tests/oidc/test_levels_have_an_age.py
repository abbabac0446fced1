"""A level runs out with the factor that gave it: who asks later is told what holds then, and since when."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from idp.store.services import Service
from idp.usecases.sessions import ProvenFactor, begin_session
from policies.vocabulary import Factor
from tests.opponents.databases import one_database
from tests.opponents.relying_party import CALLBACK, told

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider
    from tests.opponents.browser import Browser


def vouched_for(provider: Provider, *, for_minutes: int) -> Browser:
    """A browser whose pupil logged in ten minutes ago, and for whom an adult vouched just now, for so many minutes."""
    now = provider.system.now()
    factors = [
        ProvenFactor(Factor.ADULT, now, now + timedelta(minutes=for_minutes)),
        ProvenFactor(Factor.PICTURES, now - timedelta(minutes=10)),
    ]
    with provider.system.database.writing() as db:
        begun = begin_session(db, provider.system, person_id=provider.asta.id, factors=factors, browser="Safari, iPad")
    browser = provider.browser()
    browser.set_cookie("skolepas", begun.token)
    return browser


def claims_of(provider: Provider, browser: Browser, **asked: str) -> dict[str, Any]:
    party = provider.party()
    begun, answer = provider.ask(browser, party, **asked)
    return dict(party.claims(begun, party.redeem(begun, f"{CALLBACK}?code={answer['code']}&state={begun.state}")))


def test_an_adults_word_runs_out_and_the_pupil_stays_logged_in(provider: Provider, clock: StandingClock) -> None:
    browser, begun_at = vouched_for(provider, for_minutes=30), int(clock.now().timestamp())
    claims = claims_of(provider, browser, acr_values="VoksenVerificeret")
    assert (claims["acr"], claims["auth_time"]) == ("VoksenVerificeret", begun_at)
    clock.advance(minutes=30)
    asked = {"acr_values": "VoksenVerificeret"}
    later = told(browser.open(provider.party().begin(**asked, prompt="none").address).address)
    assert later["error"] == "interaction_required"
    assert not browser.open(provider.party().begin(**asked).address).address.startswith(CALLBACK)
    claims = claims_of(provider, browser)
    assert (claims["acr"], claims["amr"], claims["auth_time"]) == ("EnFaktor", ["pwd"], begun_at - 600)
    # Fresh is then only what has been proven since.
    assert provider.ask(browser, provider.party(), max_age="2399", prompt="none")[1]["error"] == "login_required"
    assert "code" in provider.ask(browser, provider.party(), max_age="2400", prompt="none")[1]


def test_an_adults_word_is_not_told_by_a_refresh_token_when_it_has_run_out(
    provider: Provider, clock: StandingClock
) -> None:
    provider.another("refreshing", grant_types=["authorization_code", "refresh_token"], may_introspect=True)
    browser, party = vouched_for(provider, for_minutes=30), provider.party("refreshing")
    begun, answer = provider.ask(browser, party, acr_values="VoksenVerificeret")
    tokens, levels = party.redeem(begun, f"{CALLBACK}?code={answer['code']}&state={begun.state}"), []
    begun.nonce = ""
    for minutes in (0, 29, 1):
        clock.advance(minutes=minutes)
        tokens = party.post_token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()
        claims = party.claims(begun, tokens)
        levels.append((claims["acr"], "adult" in claims["amr"]))
    assert levels == [("VoksenVerificeret", True), ("VoksenVerificeret", True), ("EnFaktor", False)]


@one_database
@pytest.mark.parametrize("asked", ["VoksenVerificeret", "VoksenVerificeret EnFaktor"])
def test_a_level_among_others_is_told_as_it_is_now(provider: Provider, clock: StandingClock, asked: str) -> None:
    browser = vouched_for(provider, for_minutes=30)
    clock.advance(minutes=30)
    page = browser.open(provider.party().begin(acr_values=asked).address)
    assert page.address.startswith(CALLBACK) is ("EnFaktor" in asked)


@pytest.mark.parametrize("asked", ["VoksenVerificeret ToFaktor", "ToFaktor VoksenVerificeret"])
def test_either_of_two_levels_that_a_request_names_will_do(provider: Provider, asked: str) -> None:
    levels = json.dumps({"id_token": {"acr": {"essential": True, "values": asked.split()}}})
    vouched, holder = vouched_for(provider, for_minutes=30), provider.logged_in(factor=Factor.PASSKEY)
    for request in ({"acr_values": asked}, {"claims": levels}):
        assert claims_of(provider, vouched, **request)["acr"] == "VoksenVerificeret"
        assert claims_of(provider, holder, **request)["acr"] == "ToFaktor"


def test_a_registered_minimum_of_two_factors_is_not_lowered_by_naming_an_adults_word(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        db.execute(update(Service).values(least_assurance="ToFaktor"))
    asked = {"acr_values": "VoksenVerificeret ToFaktor", "prompt": "none"}
    _, answer = provider.ask(vouched_for(provider, for_minutes=30), provider.party(), **asked)
    assert "code" not in answer


NSIS = "https://data.gov.dk/concept/core/nsis/loa"


@pytest.mark.parametrize(("notified", "levels"), [("Low", ["Low"]), ("Substantial", ["Low", "Substantial"])])
def test_nsis_levels_are_promised_and_told_up_to_the_one_that_was_notified(
    provider: Provider, notified: str, levels: list[str]
) -> None:
    provider = provider.notified(notified)
    metadata = provider.party().metadata
    assert [level for level in metadata["acr_values_supported"] if "nsis" in level] == [
        f"{NSIS}/{one}" for one in levels
    ]
    assert NSIS in metadata["claims_supported"]
    with_code, with_passkey = provider.logged_in(), provider.logged_in(factor=Factor.PASSKEY)
    low = claims_of(provider, with_code, acr_values=f"{NSIS}/Low")
    assert (low["acr"], low[NSIS], low["unilogin_loa"]) == (f"{NSIS}/Low", "Low", "EnFaktor")
    asked = {"acr_values": f"{NSIS}/Substantial", "prompt": "none"}
    if notified == "Substantial":
        high = claims_of(provider, with_passkey, **asked)
        assert (high["acr"], high[NSIS], high["unilogin_loa"]) == (f"{NSIS}/Substantial", "Substantial", "ToFaktor")
        assert "code" not in provider.ask(with_code, provider.party(), **asked)[1]
    else:
        assert claims_of(provider, with_passkey)[NSIS] == "Low"
        answer = provider.ask(with_passkey, provider.party(), **asked)[1]
        assert answer["error"] == "unmet_authentication_requirements"
