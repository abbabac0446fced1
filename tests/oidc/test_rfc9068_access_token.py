"""Access tokens as JWTs, for services that registered them: readable, without personal data, and still revocable."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from joserfc import jwt

from tests.opponents.databases import one_database
from tests.opponents.relying_party import SITE
from tests.recipes import ReleasePackage

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider


@one_database
@pytest.mark.spec("RFC 9068", "2")
def test_the_token_says_for_whom_and_how_long_and_nothing_personal(provider: Provider, clock: StandingClock) -> None:
    provider.another("reading", access_token_format="jwt", package=ReleasePackage.FULL)
    party = provider.party("reading")
    begun, tokens = provider.tokens(party)
    token = jwt.decode(tokens["access_token"], party.keys(), algorithms=["ES256"])
    assert (token.header["typ"], token.header["alg"]) == ("at+jwt", "ES256")
    issued = int(clock.now().timestamp())
    said = token.claims
    assert said.pop("jti")
    assert said.pop("auth_time") == issued
    assert said == {
        "iss": SITE,
        "sub": party.claims(begun, tokens)["sub"],
        "aud": "reading",
        "client_id": "reading",
        "scope": "openid",
        "iat": issued,
        "exp": issued + 300,
        "acr": "EnFaktor",
    }
    assert provider.asta.uniid not in base64.urlsafe_b64decode(tokens["access_token"].split(".")[1] + "==").decode()
    assert party.userinfo(tokens["access_token"]).json()["name"]


@one_database
def test_it_ends_when_it_expires_and_when_the_code_comes_twice(provider: Provider, clock: StandingClock) -> None:
    provider.another("reading", access_token_format="jwt")
    party = provider.party("reading")
    begun, code = provider.code(party)
    token = party.exchange(begun, code).json()["access_token"]
    party.exchange(begun, code)
    assert party.userinfo(token).status_code == 401
    _, tokens = provider.tokens(party)
    clock.advance(seconds=300)
    assert party.userinfo(tokens["access_token"]).status_code == 401


@one_database
def test_nothing_that_was_changed_or_signed_for_another_use_is_an_access_token(provider: Provider) -> None:
    provider.another("reading", access_token_format="jwt")
    party = provider.party("reading")
    _, tokens = provider.tokens(party)
    first, second, third = tokens["access_token"].split(".")
    claims = json.loads(base64.urlsafe_b64decode(second + "=="))
    wider = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "x"}).encode()).rstrip(b"=").decode()
    for wrong in (tokens["id_token"], f"{first}.{wider}.{third}", f"{first}.{second}."):
        assert party.userinfo(wrong).status_code == 401
    # Nor is it an ID Token: as a hint it is refused.
    page = provider.browser().open(f"/oidc/logout?id_token_hint={tokens['access_token']}")
    assert page.status == 400
