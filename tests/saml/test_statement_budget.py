"""What a single sign-on with a live session costs: at most one RSA signature and eight SQL statements, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from idp.outside.xml_signing import XmlSigner
from tests.oidc.test_statement_budget import Ledger
from tests.opponents.saml_service import SSO, SamlService

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.saml.provider import Provider

MOST_STATEMENTS = 8
SERVICE = SamlService(signs=True, encrypted=True)


@pytest.mark.parametrize("options", [{}, {"profile": "unilogin"}, {"profile": "saml2int"}])
def test_a_single_sign_on_costs_eight_statements_and_one_signature(
    provider: Provider, clock: StandingClock, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    provider.register(SERVICE, **options)
    browser = provider.logged_in()
    provider.asked(SERVICE, browser=browser)
    clock.advance(seconds=90)  # so that the session notes it was seen
    signed = []
    sign = XmlSigner.sign
    monkeypatch.setattr(XmlSigner, "sign", lambda self, what: (signed.append(what), sign(self, what))[1])
    address = SERVICE.by_redirect(SERVICE.authn_request(now=clock.now()))
    with Ledger(provider.system.database.engine) as ledger:
        page = browser.open(address)
    assert page.status == 200, page.body
    assert len(ledger.statements) <= MOST_STATEMENTS, "\n".join(ledger.statements)
    assert len(signed) == 1


def test_a_posted_request_costs_the_same_and_its_keeping(provider: Provider, clock: StandingClock) -> None:
    provider.register(SERVICE)
    browser = provider.logged_in()
    provider.asked(SERVICE, browser=browser)
    fields = SERVICE.by_post(SERVICE.authn_request(now=clock.now()))
    with Ledger(provider.system.database.engine) as ledger:
        browser.post(SSO, fields)
    assert len(ledger.statements) <= MOST_STATEMENTS + 4, "\n".join(ledger.statements)
