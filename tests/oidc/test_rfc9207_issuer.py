"""The answer that a browser carries to the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.oidc.rfc9207_issuer import with_parameters
from tests.opponents.relying_party import SITE, told

if TYPE_CHECKING:
    from tests.oidc.conftest import Provider


@pytest.mark.spec("RFC 9207", "2")
def test_code_and_error_carry_the_issuer_and_the_state_as_it_came(provider: Provider) -> None:
    party = provider.party()
    state = "a b&c=d+e%20f/æ?#"
    for more in ({}, {"response_mode": "fragment"}):
        address = party.client.create_authorization_url(
            party.metadata["authorization_endpoint"], state=state, code_verifier="x" * 43, **more
        )[0]
        page = provider.logged_in().open(address)
        assert (told(page.address)["iss"], told(page.address)["state"]) == (SITE, state)


@pytest.mark.spec("RFC 9700", "4.12")
def test_the_browser_is_sent_with_303_and_tells_nobody_where_it_was(provider: Provider) -> None:
    page = provider.logged_in().open(provider.party().begin().address)
    assert page.trail[-1][1] == 303
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("address", "joined"),
    [
        ("https://a.dk/cb", "https://a.dk/cb?code=1"),
        ("https://a.dk/cb?x=y", "https://a.dk/cb?x=y&code=1"),
        ("https://a.dk/cb?", "https://a.dk/cb?code=1"),
        ("https://a.dk", "https://a.dk?code=1"),
    ],
)
def test_a_registered_query_is_kept(address: str, joined: str) -> None:
    assert with_parameters(address, {"code": "1", "state": None}) == joined
