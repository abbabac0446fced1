"""Who may ask at the token endpoint."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

import pytest

from tests.opponents.databases import one_database
from tests.recipes import SECRET

if TYPE_CHECKING:
    from tests.oidc.conftest import Provider

pytestmark = one_database


def basic(client_id: str, secret: str, scheme: str = "Basic") -> str:
    return f"{scheme} {base64.b64encode(f'{client_id}:{secret}'.encode()).decode()}"


def form(provider: Provider, **more: str) -> dict[str, str]:
    begun, code = provider.code()
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "http://localhost:9000/callback",
        "code_verifier": begun.verifier,
        **more,
    }


@pytest.mark.spec("RFC 6749", "2.3.1")
def test_the_secret_in_the_header_may_be_form_encoded(provider: Provider) -> None:
    http = provider.party().http
    for scheme in ("Basic", "basic"):
        header = basic("laeringsportalen", quote_plus(SECRET), scheme)
        assert http.post("/oidc/token", data=form(provider), headers={"Authorization": header}).status_code == 200


@pytest.mark.spec("RFC 6749", "5.2")
def test_everything_but_the_right_secret_is_invalid_client(provider: Provider) -> None:
    http = provider.party().http
    headers = [
        basic("laeringsportalen", "wrong"),
        basic("laeringsportalen", ""),
        basic("nobody", SECRET),
        basic("", SECRET),
        basic("%00", SECRET),
        basic("laeringsportalen", "%00"),
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Bearer " + SECRET,
        basic("laeringsportalen", SECRET) + ", Basic x",
    ]
    for header in headers:
        answer = http.post("/oidc/token", data=form(provider), headers={"Authorization": header})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), header
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    for more in ({}, {"client_id": "laeringsportalen"}, {"client_id": "laeringsportalen", "client_secret": SECRET}):
        answer = http.post("/oidc/token", data=form(provider, **more))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), more


def test_two_ways_at_once_are_refused(provider: Provider) -> None:
    http = provider.party().http
    header = {"Authorization": basic("laeringsportalen", SECRET)}
    for more in ({"client_secret": SECRET}, {"client_id": "another"}):
        assert (
            http.post("/oidc/token", data=form(provider, **more), headers=header).json()["error"] == "invalid_request"
        )
    assert (
        http.post("/oidc/token", data=form(provider, client_id="laeringsportalen"), headers=header).status_code == 200
    )


def test_a_wrong_secret_does_not_use_the_code_up(provider: Provider) -> None:
    http, asked = provider.party().http, form(provider)
    for secret, status in (("wrong", 401), (SECRET, 200)):
        header = {"Authorization": basic("laeringsportalen", secret)}
        assert http.post("/oidc/token", data=asked, headers=header).status_code == status


def test_a_client_that_registered_the_body_uses_the_body(provider: Provider) -> None:
    provider.another("posting", token_endpoint_auth_method="client_secret_post")
    party = provider.party("posting", method="client_secret_post")
    begun, code = provider.code(party)
    assert party.exchange(begun, code).status_code == 401
    answer = party.exchange(begun, code, client_id="posting", client_secret=SECRET)
    assert answer.status_code == 200


def test_a_public_client_has_its_verifier_alone(provider: Provider) -> None:
    provider.another("public", confidential=False)
    party = provider.party("public", secret=None, method="none")
    begun, code = provider.code(party)
    assert party.exchange(begun, code, client_id="public", client_secret="guess").status_code == 401
    assert party.exchange(begun, code, client_id="public", code_verifier=None).json()["error"] == "invalid_grant"
    assert party.exchange(begun, code, client_id="public").status_code == 200
