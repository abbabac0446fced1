"""A session that one protocol made serves the other, and a logout reaches the services of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from admin_ui.cli.worker import senders_of
from idp.usecases import logout_notices
from tests.opponents.browser import Browser
from tests.opponents.relying_party import RelyingParty, told
from tests.opponents.saml_service import SITE
from tests.recipes import SECRET, a_service
from tests.saml.asking import PORTAL, SUCCESS
from tests.saml.provider import a_provider

if TYPE_CHECKING:
    from idp.usecases.system import System
    from tests.saml.provider import Provider

SAML = PORTAL.but(signs=True, logout=(("HTTP-Redirect", "https://portal.example/slo"),))


def prepared(system: System) -> tuple[Provider, RelyingParty]:
    provider = a_provider(system)
    provider.register(SAML)
    with system.database.writing() as db:
        a_service(db, system, client_id="oidc", backchannel_logout_uri="https://oidc.example/logout")
    return provider, RelyingParty(system, provider.app, client_id="oidc", secret=SECRET)


def log_in(provider: Provider, browser: Browser, address: str) -> object:
    page = browser.type_username(browser.open(address), provider.asta.username)
    return browser.tap(page, provider.asta.code or "")


def test_logged_in_by_openid_a_pupil_is_known_to_saml(system: System) -> None:
    provider, party = prepared(system)
    browser = Browser(provider.app)
    log_in(provider, browser, party.begin().address)
    assert provider.asked(SAML, browser=browser, IsPassive="true").status == SUCCESS


def test_logged_in_by_saml_a_pupil_is_known_to_openid(system: System) -> None:
    provider, party = prepared(system)
    browser = Browser(provider.app)
    log_in(provider, browser, SAML.by_redirect(SAML.authn_request()))
    assert "code" in told(browser.open(party.begin(prompt="none").address).address)


def test_a_saml_service_that_logs_out_has_the_openid_one_told(system: System) -> None:
    provider, party = prepared(system)
    browser = Browser(provider.app)
    begun = party.begin()
    page = browser.type_username(browser.open(begun.address), provider.asta.username)
    page = browser.tap(page, provider.asta.code or "")
    party.redeem(begun, page.address)
    said = provider.asked(SAML, browser=browser).assertion
    assert said is not None
    assert said.name_id is not None
    message = SAML.logout_request(said.name_id.value, now=system.now(), destination=f"{SITE}/saml/slo")
    page = browser.open(SAML.by_redirect(message, at=f"{SITE}/saml/slo"))
    with system.database.reading() as db:
        waiting = [one for one in logout_notices.participants(db, system, [1]) if one.has_back_channel]
    assert [one.identifier for one in waiting] == ["oidc"]
    assert logout_notices.KIND in senders_of(system)
    assert page.address.startswith("https://portal.example/slo?SAMLResponse=")


def test_an_openid_service_that_logs_out_goes_by_way_of_the_saml_one(system: System) -> None:
    provider, party = prepared(system)
    browser = Browser(provider.app)
    begun = party.begin()
    page = browser.type_username(browser.open(begun.address), provider.asta.username)
    page = browser.tap(page, provider.asta.code or "")
    tokens = party.redeem(begun, page.address)
    provider.asked(SAML, browser=browser)
    page = browser.open(
        f"/oidc/logout?id_token_hint={tokens['id_token']}&post_logout_redirect_uri=http://localhost:9000/"
    )
    link = page.soup.select_one("a[data-next]")
    assert link is not None
    without = page.soup.select_one("form[data-without]")
    assert without is not None
    fields = [(str(field["name"]), str(field["value"])) for field in without.find_all("input")]
    page = browser.post("/saml/slo/on", fields)
    assert page.path == "/oidc/logout"
    assert "http://localhost:9000/" in page.body
