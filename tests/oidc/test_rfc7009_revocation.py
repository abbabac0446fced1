"""Revocation: a service gives its own tokens back, and nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oidc.test_rfc6749_6_refresh import REGISTERED, refreshed, refreshing, tokens_of
from tests.opponents.databases import one_database

if TYPE_CHECKING:
    import httpx

    from tests.oidc.conftest import Provider
    from tests.opponents.relying_party import RelyingParty


def revoked(party: RelyingParty, token: str, **more: str) -> httpx.Response:
    auth = None if party.secret is None else (party.client_id, party.secret)
    named = {"client_id": party.client_id} if party.secret is None else {}
    return party.http.post("/oidc/revoke", data={"token": token, **named, **more}, auth=auth)


@one_database
@pytest.mark.spec("RFC 7009", "2.1")
@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "refresh_token"}, {"token_type_hint": "x"}], ids=str)
def test_an_access_token_goes_alone(provider: Provider, hint: dict[str, str]) -> None:
    party = refreshing(provider)
    _, tokens = tokens_of(provider, party)
    answer = revoked(party, tokens["access_token"], **hint)
    assert (answer.status_code, answer.text, answer.headers["Cache-Control"]) == (200, "", "no-store")
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert refreshed(party, tokens["refresh_token"]).status_code == 200


@pytest.mark.spec("RFC 7009", "2.1")
@pytest.mark.parametrize("used", [False, True])
def test_a_refresh_token_takes_its_family_along(provider: Provider, *, used: bool) -> None:
    party = refreshing(provider)
    _, tokens = tokens_of(provider, party)
    later = refreshed(party, tokens["refresh_token"]).json() if used else tokens
    assert revoked(party, tokens["refresh_token"], token_type_hint="refresh_token").status_code == 200
    assert party.userinfo(later["access_token"]).status_code == 401
    assert refreshed(party, later["refresh_token"]).json()["error"] == "invalid_grant"


@one_database
@pytest.mark.spec("RFC 7009", "2.2")
def test_what_we_do_not_know_is_no_fault(provider: Provider) -> None:
    party = refreshing(provider)
    _, tokens = tokens_of(provider, party)
    _, code = provider.code(party)
    for junk in ("x" * 43, "ÆØÅ", code, tokens["id_token"]):
        assert revoked(party, junk).status_code == 200
    for _ in range(2):
        assert revoked(party, tokens["access_token"]).status_code == 200
    assert refreshed(party, tokens["refresh_token"]).status_code == 200


@one_database
@pytest.mark.spec("RFC 7009", "2.1")
def test_a_token_of_another_is_refused_and_lives(provider: Provider) -> None:
    party, thief = refreshing(provider), refreshing(provider, "thief")
    _, tokens = tokens_of(provider, party)
    for token in (tokens["access_token"], tokens["refresh_token"]):
        answer = revoked(thief, token)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    wrong = party.http.post("/oidc/revoke", data={"token": tokens["access_token"]}, auth=("refreshing", "wrong"))
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    nothing = party.http.post("/oidc/revoke", data={"x": "y"}, auth=("refreshing", party.secret or ""))
    assert (nothing.status_code, nothing.json()["error"]) == (400, "invalid_request")
    assert party.http.get("/oidc/revoke").status_code == 405
    assert party.userinfo(tokens["access_token"]).status_code == 200
    assert refreshed(party, tokens["refresh_token"]).status_code == 200


@one_database
@pytest.mark.spec("RFC 7009", "2.1")
def test_a_public_client_gives_its_own_back_by_its_id(provider: Provider) -> None:
    provider.another("public", confidential=False, **REGISTERED)
    party = provider.party("public", secret=None, method="none")
    begun, code = provider.code(party)
    tokens = party.exchange(begun, code, client_id="public").json()
    assert revoked(party, tokens["refresh_token"]).status_code == 200
    assert party.userinfo(tokens["access_token"]).status_code == 401
