"""Introspection: a service asks about its own tokens, a resource server about access tokens, and nobody learns more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from idp.store.people import Person
from idp.store.services import Service
from tests.oidc.test_rfc6749_6_refresh import REGISTERED, log_the_person_out, refreshed, refreshing, tokens_of
from tests.opponents.databases import one_database
from tests.opponents.key_holder import KeyHolder
from tests.opponents.relying_party import SITE
from tests.recipes import SECRET, ReleasePackage

if TYPE_CHECKING:
    import httpx

    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider
    from tests.opponents.relying_party import RelyingParty

pytestmark = one_database


def asked(party: RelyingParty, token: str, **more: str) -> httpx.Response:
    return party.http.post(
        "/oidc/introspect", data={"token": token, **more}, auth=(party.client_id, party.secret or "")
    )


def told(party: RelyingParty, token: str, **more: str) -> dict[str, Any]:
    answer = asked(party, token, **more)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    said: dict[str, Any] = answer.json()
    return said


@pytest.mark.spec("RFC 7662", "2.2")
def test_a_service_reads_in_its_own_token_what_userinfo_tells(provider: Provider, clock: StandingClock) -> None:
    party = provider.party()
    begun, tokens = provider.tokens(party)
    said, id_token = told(party, tokens["access_token"]), party.claims(begun, tokens)
    issued = int(clock.now().timestamp())
    userinfo = party.userinfo(tokens["access_token"]).json()
    assert {name: said[name] for name in userinfo} == userinfo
    assert {name: said[name] for name in ("sub", "acr", "amr", "auth_time", "sid", "iss")} == {
        name: id_token[name] for name in ("sub", "acr", "amr", "auth_time", "sid", "iss")
    }
    protocol = {"active": True, "client_id": "laeringsportalen", "aud": "laeringsportalen", "scope": "openid"}
    protocol |= {"token_type": "Bearer", "iat": issued, "exp": issued + 300, "iss": SITE}
    assert {name: said[name] for name in protocol} == protocol


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "id_token", "x"])
def test_a_hint_is_no_more_than_a_hint(provider: Provider, hint: str) -> None:
    party = refreshing(provider)
    _, tokens = tokens_of(provider, party)
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert told(party, token, token_type_hint=hint)["active"] is True


def test_a_refresh_token_is_told_of_without_the_person(provider: Provider, clock: StandingClock) -> None:
    party = refreshing(provider)
    _, tokens = tokens_of(provider, party)
    said = told(party, tokens["refresh_token"])
    assert (said["active"], said["scope"], "uniid" in said, "token_type" in said) == (True, "openid", False, False)
    assert said["exp"] == int(clock.now().timestamp()) + 1800
    refreshed(party, tokens["refresh_token"])
    assert told(party, tokens["refresh_token"]) == {"active": False}


def test_a_resource_server_hears_of_the_token_and_knows_the_person_by_its_own_name(provider: Provider) -> None:
    provider.another("resource", may_introspect=True, package=ReleasePackage.FULL)
    with provider.system.database.writing() as db:
        db.execute(update(Service).where(Service.identifier == "resource").values(sector="elsewhere.example"))
    party, resource = refreshing(provider), provider.party("resource")
    begun, tokens = tokens_of(provider, party)
    said = told(resource, tokens["access_token"])
    assert set(said) == {"active", "iss", "aud", "client_id", "sub", "scope", "token_type", "iat", "exp"}
    assert (said["client_id"], said["scope"]) == ("refreshing", "openid")
    assert said["sub"] != party.claims(begun, tokens)["sub"]
    own = provider.party("resource")
    assert said["sub"] == own.claims(*provider.tokens(own))["sub"]
    assert told(resource, tokens["refresh_token"]) == {"active": False}


@pytest.mark.spec("RFC 7662", "2.2")
def test_everything_else_is_inactive_and_no_more_is_said(provider: Provider, clock: StandingClock) -> None:
    provider.another("curious")
    party, curious = refreshing(provider), provider.party("curious")
    begun, tokens = tokens_of(provider, party)
    assert told(curious, tokens["access_token"]) == {"active": False}
    assert told(curious, tokens["refresh_token"]) == {"active": False}
    _, code = provider.code(party)
    for junk in ("x" * 43, code, tokens["id_token"], "ÆØÅ", " "):
        assert told(party, junk) == {"active": False}, junk
    clock.advance(seconds=300)
    assert told(party, tokens["access_token"]) == {"active": False}
    clock.advance(seconds=1500)
    assert told(party, tokens["refresh_token"]) == {"active": False}
    _, tokens = tokens_of(provider, party)
    log_the_person_out(provider)
    assert told(party, tokens["access_token"]) == told(party, tokens["refresh_token"]) == {"active": False}
    _, tokens = tokens_of(provider, party)
    with provider.system.database.writing() as db:
        db.execute(update(Person).values(blocked_at=clock.now()))
    assert told(party, tokens["access_token"]) == told(party, tokens["refresh_token"]) == {"active": False}
    assert begun


@pytest.mark.spec("RFC 7662", "2.1")
def test_who_does_not_prove_who_it_is_may_not_ask(provider: Provider, clock: StandingClock) -> None:
    provider.another("public", confidential=False, **REGISTERED)
    party, holder = refreshing(provider), KeyHolder(clock)
    provider.another("keyed", token_endpoint_auth_method="private_key_jwt", jwks=holder.jwks, may_introspect=True)
    _, tokens = tokens_of(provider, party)
    http, form = party.http, {"token": tokens["access_token"]}
    refused = [
        http.post("/oidc/introspect", data=form),
        http.post("/oidc/introspect", data=form, auth=("refreshing", "wrong")),
        http.post("/oidc/introspect", data=form, headers={"Authorization": f"Bearer {tokens['access_token']}"}),
        http.post("/oidc/introspect", data={**form, "client_id": "public"}),
    ]
    assert [(answer.status_code, answer.json()["error"]) for answer in refused] == [(401, "invalid_client")] * 4
    nothing = http.post("/oidc/introspect", auth=("refreshing", SECRET), data={"x": "y"})
    assert (nothing.status_code, nothing.json()["error"]) == (400, "invalid_request")
    twice = http.post(
        "/oidc/introspect",
        auth=("refreshing", SECRET),
        content=b"token=a&token=b",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")
    assert http.get("/oidc/introspect").status_code == 405
    shown = holder.shows("keyed")
    assert http.post("/oidc/introspect", data={**form, **shown}).json()["active"] is True
    assert http.post("/oidc/introspect", data={**form, **shown}).status_code == 401


def test_a_token_that_is_bound_to_a_key_says_to_which(provider: Provider, clock: StandingClock) -> None:
    party, holder = provider.party(), KeyHolder(clock)
    begun, code = provider.code(party)
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": party.redirect_uri,
        "code_verifier": begun.verifier,
    }  # fmt: skip
    nonce = None
    for _ in range(2):
        headers = {"DPoP": holder.proof(nonce=nonce)}
        answer = party.http.post("/oidc/token", data=form, headers=headers, auth=(party.client_id, SECRET))
        nonce = answer.headers["DPoP-Nonce"]
    said = told(party, answer.json()["access_token"])
    assert (said["token_type"], said["cnf"]) == ("DPoP", {"jkt": holder.jkt})
