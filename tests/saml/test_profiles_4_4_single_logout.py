"""Single logout: a session ends at every service that was told of it, and whoever asked is told the truth."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

import pytest

from idp.usecases import outbox
from idp.usecases.logout_notices import SAML_KIND
from tests.opponents.browser import Browser
from tests.opponents.databases import postgresql_is_long
from tests.opponents.saml_reader import read_message, read_query
from tests.opponents.saml_service import SITE, SamlService, key_pair

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.opponents.browser import Page
    from tests.opponents.saml_reader import ReadAssertion, ReadMessage
    from tests.saml.provider import Provider

SLO = f"{SITE}/saml/slo"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
PARTIAL = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout"


def a_service_called(name: str, binding: str = "HTTP-Redirect") -> SamlService:
    return SamlService(
        entity_id=f"https://{name}.example/saml",
        consumers=(f"https://{name}.example/acs",),
        logout=((binding, f"https://{name}.example/slo"),),
        signs=True,
        keys=key_pair(name),
    )


PORTAL, MATHS, MUSIC = (a_service_called(name) for name in ("portal", "maths", "music"))


def logs_in(provider: Provider, browser: Browser, *services: SamlService) -> list[ReadAssertion]:
    told = [provider.asked(service, browser=browser).assertion for service in services]
    return [one for one in told if one is not None]


def request_about(provider: Provider, service: SamlService, told: ReadAssertion, **about: str) -> str:
    """The LogoutRequest of a service about whom it was told of."""
    assert told.name_id is not None
    return service.logout_request(
        told.name_id.value,
        now=provider.system.now(),
        destination=SLO,
        indexes=[told.session_index or ""],
        name_format=told.name_id.format or "",
        **about,
    )


def asks(provider: Provider, service: SamlService, told: ReadAssertion, **about: str) -> str:
    """The address by which a service asks that."""
    return service.by_redirect(request_about(provider, service, told, **about), at=SLO, relay_state="back")


def asked_next(provider: Provider, page: Page) -> tuple[str, ReadMessage]:
    """The address of the service that a page leads to, and the verified request that it carries."""
    link = page.soup.select_one("a[data-next]")
    assert link is not None, (page.address, page.heading, page.body)
    read = read_query(str(link["href"]), certificates=provider.certificates())
    assert read.signed
    return read.address, read_message(read.message)


def says_done(
    provider: Provider, browser: Browser, service: SamlService, request: ReadMessage, status: str = SUCCESS
) -> Page:
    message = service.logout_response(request.id, now=provider.system.now(), destination=SLO, status=status)
    return browser.open(service.by_redirect(message, at=SLO, parameter="SAMLResponse"))


def answered(provider: Provider, page: Page, service: SamlService) -> ReadMessage:
    """The verified LogoutResponse that a page brought back to the one who asked."""
    assert page.address.startswith(service.logout[0][1]), (page.address, page.heading, page.body)
    read = read_query(page.address, certificates=provider.certificates())
    assert (read.parameter, read.signed, read.relay_state) == ("SAMLResponse", True, "back")
    return read_message(read.message)


def is_logged_in(provider: Provider, browser: Browser) -> bool:
    page = browser.open(PORTAL.by_redirect(PORTAL.authn_request(now=provider.system.now())))
    return page.soup.select_one("input[name=SAMLResponse]") is not None


@pytest.mark.spec("SAML Profiles", "4.4")
def test_logging_out_at_one_service_logs_out_of_all_three_and_says_so(provider: Provider) -> None:
    for service in (PORTAL, MATHS, MUSIC):
        provider.register(service)
    browser = provider.logged_in()
    told = logs_in(provider, browser, PORTAL, MATHS, MUSIC)
    page = browser.open(asks(provider, PORTAL, told[0], identifier="_bye"))
    for service, one in zip((MATHS, MUSIC), told[1:], strict=True):
        address, request = asked_next(provider, page)
        assert address == service.logout[0][1]
        assert request.name_id is not None
        assert one.name_id is not None
        assert request.name_id.value == one.name_id.value
        assert request.session_indexes == (one.session_index,)
        page = says_done(provider, browser, service, request)
    response = answered(provider, page, PORTAL)
    assert (response.status, response.second_status, response.in_response_to) == (SUCCESS, None, "_bye")
    assert not is_logged_in(provider, browser)


def test_a_dead_service_holds_nobody_up_and_is_not_said_to_be_told(provider: Provider) -> None:
    for service in (PORTAL, MATHS, MUSIC):
        provider.register(service)
    browser = provider.logged_in()
    told = logs_in(provider, browser, PORTAL, MATHS, MUSIC)
    page = browser.open(asks(provider, PORTAL, told[0]))
    assert asked_next(provider, page)[0] == MATHS.logout[0][1]
    assert "connect-src https://maths.example" in page.headers["Content-Security-Policy"]
    again = browser.open(page.address)  # Back, from where nobody answered
    assert asked_next(provider, again)[0] == MATHS.logout[0][1]
    without = next(form for form in again.soup.find_all("form") if form.has_attr("data-without"))
    fields = [(str(field["name"]), str(field["value"])) for field in without.find_all("input")]
    page = browser.post(str(without["action"]), fields)
    address, request = asked_next(provider, page)
    assert address == MUSIC.logout[0][1]
    page = says_done(provider, browser, MUSIC, request)
    assert "maths.example" in page.body  # the person must close it, and reads so first
    link = page.soup.select_one("a.go")
    assert link is not None
    assert not link.has_attr("data-go-on")
    response = answered(provider, browser.open(str(link["href"])), PORTAL)
    assert (response.status, response.second_status) == (SUCCESS, PARTIAL)
    page = browser.open(str(link["href"]))
    assert page.address.startswith(SITE)


@postgresql_is_long
def test_a_service_that_says_it_failed_makes_the_logout_partial(provider: Provider) -> None:
    for service in (PORTAL, MATHS):
        provider.register(service)
    browser = provider.logged_in()
    told = logs_in(provider, browser, PORTAL, MATHS)
    page = browser.open(asks(provider, PORTAL, told[0]))
    failed = "urn:oasis:names:tc:SAML:2.0:status:Responder"
    page = says_done(provider, browser, MATHS, asked_next(provider, page)[1], failed)
    link = page.soup.select_one("a.go")
    assert link is not None
    assert answered(provider, browser.open(str(link["href"])), PORTAL).second_status == PARTIAL


def test_logging_out_here_goes_by_way_of_the_services_and_comes_back(provider: Provider) -> None:
    provider.register(MATHS)
    browser = provider.logged_in()
    logs_in(provider, browser, MATHS)
    page = browser.submit(browser.open("/logout"))
    address, request = asked_next(provider, page)
    assert address == MATHS.logout[0][1]
    page = says_done(provider, browser, MATHS, request)
    assert page.path == "/logout"
    assert "told" in str(page.soup.select_one(".left-services"))


@postgresql_is_long
def test_a_service_that_takes_posts_is_posted_to(provider: Provider) -> None:
    posted = a_service_called("posted", "HTTP-POST")
    provider.register(posted)
    browser = provider.logged_in()
    logs_in(provider, browser, posted)
    page = browser.submit(browser.open("/logout"))
    form = page.soup.select_one("form[data-next]")
    assert form is not None
    assert form["action"] == posted.logout[0][1]
    message = form.select_one("input[name=SAMLRequest]")
    assert message is not None
    request = read_message(b64decode(str(message["value"])), certificates=provider.certificates())
    assert request.signed
    answer = posted.logout_response(request.id, now=provider.system.now(), destination=SLO)
    page = browser.post(SLO, posted.by_post(answer, parameter="SAMLResponse"))
    assert page.path == "/logout"


@pytest.mark.spec("saml2int", "SDP-IDP28")
@pytest.mark.parametrize(("profile", "by_redirect"), [("saml2int", True), ("plain", False)])
def test_a_service_of_a_federation_is_answered_by_redirect_however_it_asked(
    provider: Provider, profile: str, *, by_redirect: bool
) -> None:
    both = PORTAL.but(
        encrypted=True,
        logout=(("HTTP-Redirect", "https://portal.example/slo"), ("HTTP-POST", "https://portal.example/posted")),
    )
    provider.register(both, profile=profile)
    browser = provider.logged_in()
    (told,) = logs_in(provider, browser, both)
    message = request_about(provider, both, told)
    page = browser.post(SLO, both.by_post(message, relay_state="back"))
    if by_redirect:
        assert answered(provider, page, both).status == SUCCESS
    else:
        assert page.form["action"] == "https://portal.example/posted"
    assert not is_logged_in(provider, browser)


def test_the_session_has_ended_before_anybody_is_told(provider: Provider) -> None:
    provider.register(PORTAL)
    provider.register(MATHS)
    browser = provider.logged_in()
    told = logs_in(provider, browser, PORTAL, MATHS)
    elsewhere = Browser(provider.app)  # POST from another site brings no cookie, and a signed request needs none
    elsewhere.open(asks(provider, PORTAL, told[0]))
    assert not is_logged_in(provider, browser)


@postgresql_is_long
@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"signed": False}, "signature-missing"),
        ({"destination": "https://elsewhere.example/slo"}, "destination-wrong"),
        ({"destination": None}, "destination-missing"),
        ({"NotOnOrAfter": "2026-11-23T07:59:00Z"}, "too-late"),
        ({"IssueInstant": "2026-11-23T07:50:00Z"}, "instant-off"),
        ({"Version": "1.1"}, "version-unknown"),
    ],
)
def test_a_request_that_is_not_in_order_ends_nothing(
    provider: Provider, wrong: dict[str, str | None], rule: str
) -> None:
    provider.register(PORTAL)
    browser = provider.logged_in()
    (told,) = logs_in(provider, browser, PORTAL)
    assert told.name_id is not None
    about = {"now": provider.system.now(), "destination": SLO, **{k: v for k, v in wrong.items() if k != "signed"}}
    message = PORTAL.logout_request(told.name_id.value, **about)  # type: ignore[arg-type]
    page = browser.open(PORTAL.by_redirect(message, at=SLO, signed=wrong.get("signed") is not False))
    assert (page.status, rule in page.body) == (400, True), page.body
    assert is_logged_in(provider, browser)


def test_a_request_of_another_service_or_about_nobody_ends_nothing(provider: Provider) -> None:
    for service in (PORTAL, MATHS):
        provider.register(service)
    browser = provider.logged_in()
    (told,) = logs_in(provider, browser, PORTAL)
    page = browser.open(asks(provider, MATHS, told))
    response = answered(provider, page, MATHS)
    assert response.second_status == "urn:oasis:names:tc:SAML:2.0:status:UnknownPrincipal"
    assert is_logged_in(provider, browser)


def test_a_request_counts_once(provider: Provider) -> None:
    provider.register(PORTAL)
    browser = provider.logged_in()
    (told,) = logs_in(provider, browser, PORTAL)
    address = asks(provider, PORTAL, told)
    assert browser.open(address).address.startswith(PORTAL.logout[0][1])
    assert browser.open(address).status == 410


@postgresql_is_long
def test_an_answer_that_nobody_asked_for_or_that_another_gives_is_refused(provider: Provider) -> None:
    for service in (PORTAL, MATHS, MUSIC):
        provider.register(service)
    browser = provider.logged_in()
    logs_in(provider, browser, MATHS, MUSIC)
    page = browser.submit(browser.open("/logout"))
    _, request = asked_next(provider, page)
    message = MATHS.logout_response("_nobody.1", now=provider.system.now(), destination=SLO)
    page = browser.open(MATHS.by_redirect(message, at=SLO, parameter="SAMLResponse"))
    assert (page.status, "unsolicited" in page.body) == (400, True)
    page = says_done(provider, browser, MUSIC, request)
    assert (page.status, "issuer-wrong" in page.body) == (400, True)
    unsigned = MATHS.logout_response(request.id, now=provider.system.now(), destination=SLO)
    page = browser.open(MATHS.by_redirect(unsigned, at=SLO, parameter="SAMLResponse", signed=False))
    assert (page.status, "signature-missing" in page.body) == (400, True)


def test_a_logout_lasts_ten_minutes(provider: Provider, clock: StandingClock) -> None:
    provider.register(MATHS)
    browser = provider.logged_in()
    logs_in(provider, browser, MATHS)
    page = browser.submit(browser.open("/logout"))
    clock.advance(minutes=11)
    assert browser.open(page.address).soup.select_one("[data-next]") is None


def test_a_service_with_a_machine_to_tell_is_told_by_the_worker(provider: Provider) -> None:
    machine = a_service_called("machine", "SOAP")
    provider.register(machine)
    browser = provider.logged_in()
    logs_in(provider, browser, machine)
    page = browser.submit(browser.open("/logout"))
    assert page.path == "/logout"
    assert "being-told" in str(page.soup.select_one(".left-services"))
    with provider.system.database.writing() as db:
        (message,) = outbox.take(db, provider.system, {SAML_KIND})
    assert list(message.payload) == ["participant"]
