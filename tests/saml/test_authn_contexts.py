"""What a request asks of the login: that it be fresh, silent, and of some level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policies.vocabulary import Factor
from tests.opponents.browser import Browser
from tests.opponents.databases import postgresql_is_long
from tests.saml.asking import PORTAL, SUCCESS, contexts, second

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.saml.provider import Provider

pytestmark = postgresql_is_long


@pytest.mark.spec("saml2int", "SDP-IDP07")
def test_force_authn_asks_for_the_code_again_and_says_when(provider: Provider, clock: StandingClock) -> None:
    provider.register(PORTAL)
    browser = provider.logged_in()
    clock.advance(minutes=10)
    page = browser.open(PORTAL.by_redirect(PORTAL.authn_request(now=clock.now(), ForceAuthn="true")))
    assert page.soup.select_one("input[name=SAMLResponse]") is None
    clock.advance(minutes=1)
    page = browser.type_username(page, provider.asta.username)
    said = provider.response(PORTAL, browser.tap(page, provider.asta.code or "")).assertion
    assert said is not None
    assert said.authn_instant == "2026-11-23T08:11:00Z"


def test_is_passive_shows_nobody_a_page(provider: Provider, clock: StandingClock) -> None:
    provider.register(PORTAL)
    assert second(provider.asked(PORTAL, browser=Browser(provider.app), IsPassive="true")) == "NoPassive"
    assert provider.asked(PORTAL, IsPassive="true").status == SUCCESS
    browser = provider.logged_in()
    clock.advance(seconds=1)
    assert second(provider.asked(PORTAL, browser=browser, IsPassive="1", ForceAuthn="1")) == "NoPassive"


UNILOGIN = "dk:unilogin:loa:"
MFA = "https://refeds.org/profile/mfa"
TWO = (Factor.PASSWORD, Factor.TOTP)
ADULT = (Factor.PASSWORD, Factor.ADULT)


@pytest.mark.spec("SAML Core", "3.3.2.2.1")
@pytest.mark.parametrize(
    ("asked", "factors", "told"),
    [
        (contexts(), (), "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"),
        (contexts(f"{UNILOGIN}EnFaktor"), (), f"{UNILOGIN}EnFaktor"),
        (contexts(f"{UNILOGIN}EnFaktor"), TWO, f"{UNILOGIN}EnFaktor"),
        (contexts(f"{UNILOGIN}ToFaktor", f"{UNILOGIN}EnFaktor"), (), f"{UNILOGIN}EnFaktor"),
        (contexts(f"{UNILOGIN}ToFaktor", f"{UNILOGIN}EnFaktor"), TWO, f"{UNILOGIN}ToFaktor"),
        (contexts(f"{UNILOGIN}EnFaktor", comparison="minimum"), TWO, f"{UNILOGIN}ToFaktor"),
        (contexts(f"{UNILOGIN}EnFaktor", comparison="better"), TWO, f"{UNILOGIN}ToFaktor"),
        (contexts(f"{UNILOGIN}EnFaktor", comparison="better"), ADULT, f"{UNILOGIN}VoksenVerificeret"),
        (contexts(f"{UNILOGIN}EnFaktor", comparison="maximum"), TWO, f"{UNILOGIN}EnFaktor"),
        (contexts(f"{UNILOGIN}VoksenVerificeret", f"{UNILOGIN}ToFaktor"), ADULT, f"{UNILOGIN}VoksenVerificeret"),
        (contexts(MFA, "urn:unknown"), TWO, MFA),
        (
            contexts("urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"),
            (),
            "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
        ),
    ],
)
def test_the_level_is_told_in_the_words_that_were_asked(
    provider: Provider, asked: str, factors: tuple[Factor, ...], told: str
) -> None:
    provider.register(PORTAL)
    inside = asked if "ClassRef" in asked else ""
    said = provider.asked(PORTAL, inside, provider.logged_in(None, *factors), IsPassive="true").assertion
    assert said is not None
    assert said.context_class == told


@pytest.mark.parametrize(
    ("asked", "factors"),
    [
        (contexts(f"{UNILOGIN}ToFaktor"), ()),
        (contexts(f"{UNILOGIN}ToFaktor"), ADULT),
        (contexts(f"{UNILOGIN}VoksenVerificeret"), TWO),
        (contexts(f"{UNILOGIN}ToFaktor", comparison="better"), TWO),
        (contexts("urn:unknown"), ()),
        (contexts("https://data.gov.dk/concept/core/nsis/loa/Low"), ()),
        (contexts("https://data.gov.dk/eid/Professional"), ()),
        (
            "<samlp:RequestedAuthnContext><saml:AuthnContextDeclRef>urn:x</saml:AuthnContextDeclRef></samlp:RequestedAuthnContext>",
            (),
        ),
    ],
)
def test_a_level_that_cannot_be_met_in_silence_is_answered_with_a_status(
    provider: Provider, asked: str, factors: tuple[Factor, ...]
) -> None:
    provider.register(PORTAL)
    read = provider.asked(PORTAL, asked, provider.logged_in(None, *factors), IsPassive="true")
    assert second(read) in {"NoAuthnContext", "NoPassive"}


def test_an_adults_word_answers_two_factors_only_where_that_was_registered(provider: Provider) -> None:
    provider.register(PORTAL, decided={"accepts_adult_as_two": True})
    said = provider.asked(PORTAL, contexts(f"{UNILOGIN}ToFaktor"), provider.logged_in(None, *ADULT)).assertion
    assert said is not None
    assert said.context_class == f"{UNILOGIN}VoksenVerificeret"


def test_an_nsis_level_is_told_where_one_was_notified(provider: Provider) -> None:
    notified = provider.but(nsis_notified="Substantial")
    notified.register(PORTAL)
    nsis = "https://data.gov.dk/concept/core/nsis/loa/"
    said = notified.asked(
        PORTAL, contexts(f"{nsis}Low", comparison="minimum"), notified.logged_in(None, *TWO)
    ).assertion
    assert said is not None
    assert said.context_class == f"{nsis}Substantial"
