"""Web Browser SSO: a service asks, a person is logged in, the service is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.opponents.browser import Browser
from tests.opponents.saml_service import IDP, SSO, SamlService

if TYPE_CHECKING:
    from tests.saml.provider import Provider

PORTAL = SamlService()


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
        "urn:oasis:names:tc:SAML:2.0:status:Success",
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
    assert (read.status, state) == ("urn:oasis:names:tc:SAML:2.0:status:Success", "x")
