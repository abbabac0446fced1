"""Ten megabytes of RelayState."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.opponents.browser import Browser
from tests.opponents.databases import one_database
from tests.opponents.saml_service import SITE, SSO, SamlService
from tests.saml.hostile.bounds import attempted

if TYPE_CHECKING:
    from tests.saml.provider import Provider

STATE = "s" * 10_000_000


@one_database
@pytest.mark.parametrize("kind", ["SAMLRequest", "SAMLResponse"])
@pytest.mark.parametrize("at", [SSO, f"{SITE}/saml/slo", f"{SITE}/saml/upstream/acs"])
def test_megabytes_of_relay_state_are_refused(provider: Provider, at: str, kind: str) -> None:
    service = SamlService()
    provider.register(service)
    fields = service.by_post(service.authn_request(), parameter=kind, relay_state=STATE)
    client = provider.app.test_client()
    assert attempted(lambda: client.post(at, data=dict(fields)).status_code) in {400, 413}


@one_database
@pytest.mark.parametrize("at", [SSO, f"{SITE}/saml/slo"])
def test_as_much_as_an_address_can_hold_is_refused(provider: Provider, at: str) -> None:
    """The HTTP server takes no address of more than 65,534 bytes."""
    service = SamlService()
    provider.register(service)
    address = service.by_redirect(service.authn_request(), at=at, relay_state=STATE[:64_000])
    page = attempted(lambda: Browser(provider.app).open(address))
    assert (page.status, "too-large" in page.body) == (400, True)
