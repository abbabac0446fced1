"""Web Browser SSO: a service asks, a person is logged in, the service is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from idp.store.services import Service
from policies.vocabulary import Factor, ReleasePackage
from tests import recipes
from tests.opponents.browser import Browser
from tests.opponents.databases import postgresql_is_long
from tests.opponents.saml_service import IDP, REDIRECT, SSO
from tests.saml.asking import PORTAL, SUCCESS, contexts, second

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.saml.provider import Provider


@pytest.mark.spec("SAML Profiles", "4.1.3")
def test_a_pupil_logs_in_at_a_service_and_the_service_is_told(provider: Provider) -> None:
    provider.register(PORTAL)
    browser = Browser(provider.app)
    request = PORTAL.authn_request(identifier="_asked")
    page = browser.open(PORTAL.by_redirect(request, relay_state="to & fro=æ"))
    page = browser.type_username(page, provider.asta.username)
    page = browser.tap(page, provider.asta.code or "")
    read, state = PORTAL.read(page, provider.certificates())
    assert state == "to & fro=æ"
    assert (read.status, read.in_response_to, read.destination) == (
        SUCCESS,
        "_asked",
        PORTAL.consumer,
    )
    said = read.assertion
    assert said is not None
    assert (said.issuer, said.audiences, said.recipient, said.in_response_to) == (
        IDP,
        (PORTAL.entity_id,),
        PORTAL.consumer,
        "_asked",
    )
    assert said.signed
    assert said.attributes["dk:unilogin:uniid"] == (provider.asta.uniid,)


def test_a_posted_request_comes_by_a_get_of_ours_so_that_cookies_are_sent(provider: Provider) -> None:
    provider.register(PORTAL.but(signs=True))
    service = PORTAL.but(signs=True)
    browser = provider.logged_in()
    page = browser.post(SSO, service.by_post(service.authn_request(), relay_state="x"))
    assert [status for _, status in page.trail] == [303]
    read, state = service.read(page, provider.certificates())
    assert (read.status, state) == (SUCCESS, "x")


# ── Where the answer goes ──


@postgresql_is_long
def test_the_answer_goes_to_an_address_of_the_metadata_by_url_by_index_or_by_default(provider: Provider) -> None:
    service = PORTAL.but(consumers=("https://portal.example/acs", "https://portal.example/acs?b=2"))
    provider.register(service)
    for said, where in (
        ({}, service.consumers[0]),
        ({"AssertionConsumerServiceURL": service.consumers[1]}, service.consumers[1]),
        ({"AssertionConsumerServiceIndex": "1"}, service.consumers[1]),
    ):
        assert provider.asked(service, **said).destination == where


@postgresql_is_long
@pytest.mark.spec("saml2int", "SDP-IDP06")
@pytest.mark.parametrize(
    "said",
    [
        {"AssertionConsumerServiceURL": "https://portal.example/acs/"},
        {"AssertionConsumerServiceURL": "https://portal.example/ACS"},
        {"AssertionConsumerServiceURL": "https://portal.example:443/acs"},
        {"AssertionConsumerServiceURL": "https://portal.example/acs?x"},
        {"AssertionConsumerServiceURL": "https://user@portal.example/acs"},
        {"AssertionConsumerServiceURL": "http://portal.example/acs"},
        {"AssertionConsumerServiceURL": "https://attacker.example/"},
        {"AssertionConsumerServiceIndex": "7"},
        {"AssertionConsumerServiceURL": "https://portal.example/acs", "AssertionConsumerServiceIndex": "0"},
    ],
)
def test_nobody_is_sent_to_an_address_that_the_metadata_does_not_name(provider: Provider, said: dict[str, str]) -> None:
    provider.register(PORTAL)
    page = provider.logged_in().open(PORTAL.by_redirect(PORTAL.authn_request(**said)))
    assert (page.status, "consumer-unknown" in page.body) == (400, True)
    assert "SAMLResponse" not in page.body


# ── Whose request it is ──


@postgresql_is_long
@pytest.mark.parametrize(
    ("about", "rule"),
    [
        ({"destination": "https://elsewhere.example/sso"}, "destination-wrong"),
        ({"destination": None}, "destination-missing"),
        ({"IssueInstant": "2026-11-23T07:54:00Z"}, "instant-off"),
        ({"IssueInstant": "2026-11-23T08:06:00Z"}, "instant-off"),
        ({"IssueInstant": "2026-11-23T08:00:00"}, "instant-wrong"),
        ({"Version": "1.1"}, "version-unknown"),
        ({"identifier": "not an id"}, "id-wrong"),
        ({"issuer": "https://nobody.example"}, "issuer-unknown"),
    ],
)
def test_a_request_that_is_not_in_order_is_shown_to_the_person(
    provider: Provider, about: dict[str, Any], rule: str
) -> None:
    service = PORTAL.but(signs=True)
    provider.register(service)
    page = provider.logged_in().open(service.by_redirect(service.authn_request(**about)))
    assert (page.status, rule in page.body) == (400, True), page.body


@postgresql_is_long
@pytest.mark.spec("saml2int", "SDP-G01")
def test_a_clock_may_be_four_minutes_off(provider: Provider) -> None:
    provider.register(PORTAL)
    for instant in ("2026-11-23T07:56:00Z", "2026-11-23T08:04:00.5Z"):
        assert provider.asked(PORTAL, IssueInstant=instant).status == SUCCESS


@postgresql_is_long
@pytest.mark.spec("saml2int", "SDP-IDP04")
def test_a_service_that_signs_is_never_believed_without_a_signature(provider: Provider) -> None:
    service = PORTAL.but(signs=True)
    provider.register(service)
    held = PORTAL.but(
        entity_id="https://held.example/saml", signs=False, logout=(("HTTP-Redirect", "https://held.example/slo"),)
    )
    provider.register(held, require_signed_requests=True)
    oio = held.but(entity_id="https://oio.example/saml")
    provider.register(oio, profile="oiosaml", encrypt_assertion=False)
    browser = provider.logged_in()
    for one in (service, held, oio):
        page = browser.open(one.by_redirect(one.authn_request(), signed=False))
        assert (page.status, "signature-missing" in page.body) == (400, True)
        page = browser.post(SSO, one.by_post(one.authn_request(), signed=False))
        assert (page.status, "signature-missing" in page.body) == (400, True)
        assert browser.open(one.by_redirect(one.authn_request(), signed=True)).status == 200


@postgresql_is_long
@pytest.mark.spec("saml2int", "SDP-IDP05")
def test_a_signature_that_nobody_demanded_must_be_good_all_the_same(provider: Provider) -> None:
    service = PORTAL.but(logout=(("HTTP-Redirect", "https://portal.example/slo"),))
    provider.register(service)
    browser = provider.logged_in()
    good = service.by_redirect(service.authn_request(), signed=True)
    assert "signature-wrong" in browser.open(good.replace("&Signature=", "&Signature=AAAA")).body
    assert (
        "signature-wrong"
        in browser.open(service.by_redirect(service.authn_request(), signed=False) + "&SigAlg=x&Signature=AAAA").body
    )
    assert browser.open(good).status == 200


@pytest.mark.spec("SAML Core", "1.3.4")
def test_a_request_counts_once(provider: Provider) -> None:
    provider.register(PORTAL, initiate_login_uri="https://portal.example/begin")
    address = PORTAL.by_redirect(PORTAL.authn_request())
    browser = provider.logged_in()
    assert browser.open(address).status == 200
    again = browser.open(address)
    assert again.status == 410
    assert again.link("Gå til tjenesten") == "https://portal.example/begin"


def test_a_request_resumes_the_login_that_it_began_in_the_same_browser_alone(provider: Provider) -> None:
    provider.register(PORTAL)
    address = PORTAL.by_redirect(PORTAL.authn_request())
    browser = Browser(provider.app)
    begun = browser.open(address)
    assert browser.open(address).path == begun.path
    assert Browser(provider.app).open(address).status == 410


def test_so_does_one_that_was_posted_and_is_posted_again(provider: Provider) -> None:
    """Somebody goes back to the service's page, which sends itself."""
    provider.register(PORTAL)
    fields = PORTAL.by_post(PORTAL.authn_request(), relay_state="here")
    browser = Browser(provider.app)
    begun = browser.post(SSO, fields)
    assert begun.step == "username"
    assert browser.post(SSO, fields).path == begun.path
    assert Browser(provider.app).post(SSO, fields).status == 410
    assert browser.post(SSO, [*fields[:1], ("RelayState", "another")]).status == 410


# ── What is read over, and what is told besides ──


@postgresql_is_long
def test_scoping_conditions_and_extensions_are_read_over(provider: Provider) -> None:
    provider.register(PORTAL)
    inside = (
        '<samlp:Extensions><x xmlns="urn:example">y</x></samlp:Extensions>'
        '<saml:Conditions NotBefore="2026-11-23T07:00:00Z"/>'
        '<samlp:Scoping ProxyCount="0"><samlp:RequesterID>https://hub.example</samlp:RequesterID></samlp:Scoping>'
    )
    assert (
        provider.asked(
            PORTAL, inside, ProviderName="Portalen", Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified"
        ).status
        == SUCCESS
    )


@postgresql_is_long
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"ProtocolBinding": REDIRECT}, "UnsupportedBinding"),
        ({"ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"}, "UnsupportedBinding"),
        ({"AttributeConsumingServiceIndex": "3"}, ""),
    ],
)
def test_what_we_do_not_do_is_answered_with_a_status(provider: Provider, said: dict[str, str], told: str) -> None:
    provider.register(PORTAL)
    assert second(provider.asked(PORTAL, **said)) == told


def test_without_an_agreement_no_attribute_leaves(provider: Provider) -> None:
    provider.register(PORTAL, package=None)
    said = provider.asked(PORTAL).assertion
    assert said is not None
    assert "dk:unilogin:uniid" not in said.attributes


def test_an_assertion_is_encrypted_where_the_service_can_read_it(provider: Provider) -> None:
    service = PORTAL.but(encrypted=True)
    provider.register(service)
    said = provider.asked(service).assertion
    assert said is not None
    assert said.encrypted


@postgresql_is_long
def test_a_service_that_must_get_it_encrypted_and_cannot_gets_none(provider: Provider) -> None:
    """None is registered so; this one has been written before that was looked at."""
    provider.register(PORTAL)
    with provider.system.database.writing() as db:
        row = db.execute(select(Service).where(Service.identifier == PORTAL.entity_id)).scalar_one()
        row.registration = {**row.registration, "options": {"encrypt_assertion": True}}
    read = provider.asked(PORTAL)
    assert (read.status, read.assertion) == ("urn:oasis:names:tc:SAML:2.0:status:Responder", None)


def test_a_missing_licence_leads_where_the_service_says_or_is_told(provider: Provider) -> None:
    provider.register(PORTAL, decided={"requires_licence": True})
    assert second(provider.asked(PORTAL)) == "RequestDenied"
    sold = PORTAL.but(entity_id="https://sold.example/saml")
    provider.register(sold, decided={"requires_licence": True, "missing_licence_url": "https://sold.example/buy"})
    page = provider.logged_in().open(sold.by_redirect(sold.authn_request()))
    assert page.address == "https://sold.example/buy"
    begun = Browser(provider.app).open(sold.by_redirect(sold.authn_request()))
    assert (
        "https://sold.example" in begun.headers["Content-Security-Policy"]
    )  # the answer to a form may lead there, too


def test_a_login_that_begins_here_is_for_services_that_want_it(provider: Provider) -> None:
    provider.register(PORTAL)
    opened = PORTAL.but(entity_id="https://open.example/saml")
    provider.register(opened, idp_initiated=True, idp_initiated_relay_state="/start")
    browser = provider.logged_in()
    assert "unasked" in browser.open(f"/saml/start?entity={PORTAL.entity_id}").body
    assert browser.open("/saml/start?entity=nobody").status == 400
    page = browser.open(f"/saml/start?entity={opened.entity_id}")
    read, state = opened.read(page, provider.certificates())
    assert (read.status, read.in_response_to, state) == (SUCCESS, None, "/start")


def test_a_disabled_service_and_one_whose_metadata_is_over_get_nobody(provider: Provider, clock: StandingClock) -> None:
    over = PORTAL.but(entity_id="https://over.example/saml")
    document = over.metadata(validUntil="2026-11-23T09:00:00Z")
    service_id = provider.register(PORTAL)
    provider.register(over, document=document)
    browser = provider.logged_in()
    assert provider.asked(over).status == SUCCESS
    with provider.system.database.writing() as db:
        db.execute(update(Service).where(Service.id == service_id).values(disabled_at=clock.now()))
    page = browser.open(PORTAL.by_redirect(PORTAL.authn_request()))
    assert (page.status, "service-disabled" in page.body) == (403, True)
    clock.advance(hours=1)
    page = browser.open(over.by_redirect(over.authn_request(now=clock.now())))
    assert (page.status, "metadata-over" in page.body) == (403, True)


@postgresql_is_long
def test_a_teacher_comes_to_a_public_service_as_a_professional(provider: Provider) -> None:
    notified = provider.but(nsis_notified="Low")
    service = PORTAL.but(signs=True, encrypted=True)
    notified.register(service, profile="oiosaml", package=ReleasePackage.SMALL)
    with provider.system.database.writing() as db:
        viggo = recipes.a_teacher(db, provider.system, provider.school, code="rolig hest 47")
    nsis, kind = "https://data.gov.dk/concept/core/nsis/loa/Low", "https://data.gov.dk/eid/"
    asked = contexts(nsis, f"{kind}Person", comparison="minimum")
    said = notified.asked(service, asked).assertion
    assert said is not None
    assert said.name_id is not None
    assert said.name_id.value.startswith("https://data.gov.dk/model/core/eid/person/uuid/")
    assert second(notified.asked(service, asked, notified.logged_in(viggo, Factor.PASSWORD))) == "NoAuthnContext"
