"""An adult's approval reaches the service in the ID Token and in the assertion, and is gone two hours later."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from idp.saml.canonical import instant
from idp.usecases import step_up
from policies.step_up import AnsweredAs
from tests import recipes
from tests.opponents.browser import Browser
from tests.opponents.relying_party import RelyingParty
from tests.recipes import SECRET, a_service
from tests.saml.asking import PORTAL, SUCCESS, contexts
from tests.saml.provider import a_provider

if TYPE_CHECKING:
    from idp.usecases.system import System
    from tests.conftest import StandingClock
    from tests.opponents.browser import Page
    from tests.saml.provider import Provider

LEVEL = "dk:unilogin:loa:VoksenVerificeret"


def approve(provider: Provider) -> None:
    """A teacher says yes to everybody who waits."""
    system = provider.system
    with system.database.writing() as db:
        teacher = recipes.a_teacher(db, system, recipes.a_school(db, system))
        adult = step_up.Adult(person_id=teacher.id, answered_as=AnsweredAs.TEACHER, address="192.0.2.7")
        among = [provider.asta.id]
        ids = [one.id for one in step_up.waiting_among(db, system, among, address=adult.address)]
        assert step_up.approve(db, system, ids, among=among, by=adult, each_by_itself=True).done


def waits(provider: Provider, browser: Browser, address: str) -> Page:
    page = browser.open(address)
    if page.step == "username":
        page = browser.tap(browser.type_username(page, provider.asta.username), provider.asta.code or "")
    assert page.step == "step-up"
    return page


def test_the_id_token_names_the_level_for_two_hours(system: System, clock: StandingClock) -> None:
    provider = a_provider(system)
    with system.database.writing() as db:
        a_service(db, system, client_id="oidc")
    party, browser = RelyingParty(system, provider.app, client_id="oidc", secret=SECRET), Browser(provider.app)
    begun = party.begin(acr_values="VoksenVerificeret")
    page = waits(provider, browser, begun.address)
    approve(provider)
    claims = party.claims(begun, party.redeem(begun, browser.open(page.address).address))
    assert claims["acr"] == "VoksenVerificeret"
    clock.advance(minutes=50)
    silent = party.begin(acr_values="VoksenVerificeret", prompt="none")
    claims = party.claims(silent, party.redeem(silent, browser.open(silent.address).address))
    assert claims["acr"] == "VoksenVerificeret"
    clock.advance(minutes=50)
    browser.open(party.begin().address)  # the session is in use
    clock.advance(minutes=21)
    plain = party.begin()
    assert party.claims(plain, party.redeem(plain, browser.open(plain.address).address))["acr"] == "EnFaktor"
    waits(provider, browser, party.begin(acr_values="VoksenVerificeret").address)


def test_the_assertion_names_the_level_for_two_hours(system: System, clock: StandingClock) -> None:
    provider = a_provider(system)
    provider.register(PORTAL)
    browser = Browser(provider.app)
    page = waits(provider, browser, PORTAL.by_redirect(PORTAL.authn_request(contexts(LEVEL), now=system.now())))
    approve(provider)
    said = provider.response(PORTAL, browser.open(page.address))
    assert said.assertion is not None
    assert (said.status, said.assertion.context_class) == (SUCCESS, LEVEL)
    until = instant(clock.now() + timedelta(hours=2))
    assert said.assertion.session_not_on_or_after == until  # then the service asks again
    clock.advance(minutes=50)
    again = provider.asked(PORTAL, contexts(LEVEL), browser).assertion
    plain = provider.asked(PORTAL, browser=browser).assertion  # asks for no more than a code, and keeps the pupil
    assert again is not None
    assert plain is not None
    assert (again.session_not_on_or_after, plain.session_not_on_or_after) == (until, None)
    assert provider.asked(PORTAL, contexts(LEVEL), browser, IsPassive="true").status == SUCCESS
    clock.advance(minutes=50)
    assert provider.asked(PORTAL, browser=browser, IsPassive="true").status == SUCCESS
    clock.advance(minutes=21)
    assert provider.asked(PORTAL, contexts(LEVEL), browser, IsPassive="true").status != SUCCESS
    assert provider.asked(PORTAL, browser=browser, IsPassive="true").status == SUCCESS
