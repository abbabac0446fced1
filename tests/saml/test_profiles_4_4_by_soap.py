"""Single logout from machine to machine: a service's server tells us, and our worker tells a service's server."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

import pytest
from lxml import etree

from admin_ui.cli.worker import drain, senders_of
from idp.outside.fetch import Fetcher
from idp.saml.profiles_4_4_by_soap import enveloped
from idp.settings import FetchSettings
from idp.usecases.logout import Standing, farewell
from tests.opponents.browser import Browser
from tests.opponents.saml_reader import read_message
from tests.opponents.saml_service import SITE, SamlService, key_pair, signed_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import StandingClock
    from tests.opponents.browser import Page
    from tests.opponents.saml_reader import ReadAssertion, ReadMessage
    from tests.saml.provider import Provider

SOAP = f"{SITE}/saml/slo/soap"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
MACHINE = SamlService(
    entity_id="https://machine.example/saml",
    consumers=("https://machine.example/acs",),
    logout=(("SOAP", "https://machine.example/soap"),),
    keys=key_pair("machine"),
)
BROWSERS = SamlService(signs=True, logout=(("HTTP-Redirect", "https://portal.example/slo"),))


@dataclass
class SoapService:
    """A service's logout address, on a socket of its own. ``status`` is what it answers; ``keys`` sign that, None leaves it unsigned."""

    clock: StandingClock
    status: str = SUCCESS
    signed: bool = True
    certificates: tuple[bytes, ...] = ()
    came: list[ReadMessage] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                envelope = etree.fromstring(self.rfile.read(int(self.headers["Content-Length"])))
                message = etree.tostring(envelope[0][0], method="c14n", exclusive=True)
                service.came.append(read_message(message, certificates=service.certificates))
                answer = MACHINE.logout_response(
                    service.came[-1].id, now=service.clock.now(), destination=SITE, status=service.status
                )
                answer = answer.replace(f' Destination="{SITE}"', "")
                body = enveloped((signed_by(MACHINE.keys, answer) if service.signed else answer).encode())
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}/soap"


@pytest.fixture
def machine(clock: StandingClock) -> Iterator[SoapService]:
    with SoapService(clock) as running:
        yield running


def told(provider: Provider, browser: Browser, service: SamlService) -> ReadAssertion:
    said = provider.asked(service, browser=browser).assertion
    assert said is not None
    return said


def request_about(provider: Provider, service: SamlService, said: ReadAssertion) -> str:
    assert said.name_id is not None
    return service.logout_request(
        said.name_id.value, now=provider.system.now(), destination=SOAP, indexes=[said.session_index or ""]
    )


def answered(provider: Provider, page: Page) -> ReadMessage:
    envelope = etree.fromstring(page.body.encode())
    message = etree.tostring(envelope[0][0], method="c14n", exclusive=True)
    read = read_message(message, certificates=provider.certificates())
    assert read.signed
    return read


def is_logged_in(provider: Provider, browser: Browser, service: SamlService) -> bool:
    page = browser.open(service.by_redirect(service.authn_request(now=provider.system.now())))
    return page.soup.select_one("input[name=SAMLResponse]") is not None


def test_a_services_machine_ends_the_session_and_is_told_the_truth(provider: Provider) -> None:
    provider.register(MACHINE)
    provider.register(BROWSERS)
    browser = provider.logged_in()
    said = told(provider, browser, MACHINE)
    body = enveloped(signed_by(MACHINE.keys, request_about(provider, MACHINE, said)).encode())
    elsewhere = Browser(provider.app)
    read = answered(provider, elsewhere.send(SOAP, body, "text/xml"))
    assert (read.status, read.second_status) == (SUCCESS, None)
    assert not is_logged_in(provider, browser, BROWSERS)
    assert elsewhere.send(SOAP, body, "text/xml").status == 500  # it counts once


def test_a_service_that_only_a_browser_can_tell_makes_it_partial(provider: Provider) -> None:
    provider.register(MACHINE)
    provider.register(BROWSERS)
    browser = provider.logged_in()
    said = told(provider, browser, MACHINE)
    told(provider, browser, BROWSERS)
    body = enveloped(signed_by(MACHINE.keys, request_about(provider, MACHINE, said)).encode())
    read = answered(provider, Browser(provider.app).send(SOAP, body, "text/xml"))
    assert (read.second_status or "").endswith("PartialLogout")


def test_an_envelope_that_nobody_signed_or_that_is_none_is_a_fault(provider: Provider) -> None:
    provider.register(MACHINE)
    browser = provider.logged_in()
    said = told(provider, browser, MACHINE)
    unsigned = enveloped(request_about(provider, MACHINE, said).encode())
    stranger = enveloped(signed_by(key_pair("stranger"), request_about(provider, MACHINE, said)).encode())
    for body in (unsigned, stranger, b"nothing", enveloped(b""), b"x" * 70_000):
        page = Browser(provider.app).send(SOAP, body, "text/xml")
        assert (page.status, "faultstring" in page.body) == (500, True)
    assert is_logged_in(provider, browser, MACHINE)


@pytest.mark.parametrize(
    ("status", "signed", "standing"),
    [
        (SUCCESS, True, Standing.TOLD),
        ("urn:oasis:names:tc:SAML:2.0:status:Responder", True, Standing.BEING_TOLD),
        (SUCCESS, False, Standing.BEING_TOLD),
    ],
)
def test_the_worker_tells_a_services_machine_and_believes_a_signed_answer_alone(
    provider: Provider,
    machine: SoapService,
    status: str,
    signed: bool,  # noqa: FBT001
    standing: Standing,
) -> None:
    machine.status, machine.signed, machine.certificates = status, signed, provider.certificates()
    service = MACHINE.but(logout=(("SOAP", machine.address),))
    provider.register(service)
    system = replace(provider.system, fetcher=Fetcher(FetchSettings(private_networks=True)))
    browser = provider.logged_in()
    said = told(provider, browser, service)
    browser.submit(browser.open("/logout"))
    assert drain(system, senders_of(system)) == 1
    (came,) = machine.came
    assert came.name_id is not None
    assert said.name_id is not None
    assert (came.name_id.value, came.session_indexes) == (said.name_id.value, (said.session_index,))
    with system.database.reading() as db:
        (left,) = farewell(db, system, 1).services
    assert left.standing is standing
