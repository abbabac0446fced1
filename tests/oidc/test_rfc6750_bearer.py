"""How an access token may be carried to userinfo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.opponents.databases import one_database

if TYPE_CHECKING:
    from tests.oidc.conftest import Provider

pytestmark = one_database


@pytest.mark.spec("RFC 6750", "2.1")
@pytest.mark.spec("RFC 6750", "2.2")
def test_a_token_comes_in_the_header_or_in_a_form(provider: Provider) -> None:
    party = provider.party()
    token = provider.tokens(party)[1]["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    answers = [
        party.http.get("/oidc/userinfo", headers=header),
        party.http.get("/oidc/userinfo", headers={"Authorization": f"bearer {token}"}),
        party.http.post("/oidc/userinfo", headers=header),
        party.http.post("/oidc/userinfo", data={"access_token": token}),
    ]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].headers["Cache-Control"] == "no-store"


@pytest.mark.spec("RFC 6750", "2.3")
def test_a_token_in_the_address_or_in_two_places_is_refused(provider: Provider) -> None:
    party = provider.party()
    token = provider.tokens(party)[1]["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    twice = f"access_token={token}&access_token={token}".encode()
    answers = [
        party.http.get(f"/oidc/userinfo?access_token={token}"),
        party.http.post("/oidc/userinfo", headers=header, data={"access_token": token}),
        party.http.post("/oidc/userinfo", headers=form, content=twice),
    ]
    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [(400, "invalid_request")] * 3


@pytest.mark.spec("RFC 6750", "3.1")
def test_no_token_gets_a_bare_challenge_and_a_bad_one_its_reason(provider: Provider) -> None:
    http = provider.party().http
    for headers in ({}, {"Authorization": "Basic eA=="}):
        answer = http.get("/oidc/userinfo", headers=headers)
        bearer, key = answer.headers.get_list("WWW-Authenticate")
        assert (answer.status_code, bearer) == (401, 'Bearer realm="userinfo"')
        assert key == 'DPoP realm="userinfo", algs="RS256 PS256 ES256 EdDSA"'
    for token in ("x" * 43, "", "a b", 'x", realm="y'):
        answer = http.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, token
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    _, code = provider.code()
    assert http.get("/oidc/userinfo", headers={"Authorization": f"Bearer {code}"}).status_code == 401
