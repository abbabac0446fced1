"""What a service asks for narrows what is agreed: by scopes at userinfo, by the claims parameter where that says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.opponents.databases import one_database
from tests.recipes import ReleasePackage

if TYPE_CHECKING:
    from tests.oidc.conftest import Provider

pytestmark = one_database

STANDARD = {"name", "given_name", "family_name", "birthdate", "email"}
NAMES = {"name", "given_name", "family_name"}  # the pupil of the tests has neither birthday nor address on record
OWN = {"sub", "uniid", "aktoer_gruppe", "unilogin_loa", "loa", "spec_ver", "institution_ids", "has_license", "trin"}


def told(provider: Provider, package: ReleasePackage, **parameters: str) -> tuple[set[str], set[str], dict[str, Any]]:
    """The names of the person's claims in the ID Token and at userinfo, and the tokens."""
    provider.another(
        "asking", package=package, scope="openid profile email", grant_types=["authorization_code", "refresh_token"]
    )
    party = provider.party("asking")
    begun, answer = provider.ask(provider.logged_in(), party, **parameters)
    tokens = party.exchange(begun, answer["code"]).json()
    in_the_token = set(party.claims(begun, tokens)) & (STANDARD | OWN)
    return in_the_token, set(party.userinfo(tokens["access_token"]).json()), tokens


def test_openid_alone_gets_all_that_is_agreed_in_both_places(provider: Provider) -> None:
    in_the_token, at_userinfo, _ = told(provider, ReleasePackage.MEDIUM, scope="openid")
    assert in_the_token == at_userinfo == OWN | NAMES


@pytest.mark.spec("OIDC Core", "5.4")
def test_the_claims_of_a_scope_are_told_at_userinfo_alone(provider: Provider) -> None:
    in_the_token, at_userinfo, tokens = told(provider, ReleasePackage.MEDIUM, scope="openid profile")
    assert tokens["scope"] == "openid profile"
    assert (in_the_token, at_userinfo) == (OWN, OWN | NAMES)


def test_a_scope_gives_nothing_that_is_not_agreed(provider: Provider) -> None:
    in_the_token, at_userinfo, _ = told(provider, ReleasePackage.SMALL, scope="openid profile email")
    assert in_the_token == at_userinfo == OWN - {"trin"}


@pytest.mark.spec("OIDC Core", "5.5")
def test_the_claims_parameter_says_where(provider: Provider) -> None:
    claims = json.dumps({"id_token": {"given_name": {"essential": True}}, "userinfo": {"family_name": None}})
    in_the_token, at_userinfo, _ = told(provider, ReleasePackage.MEDIUM, scope="openid", claims=claims)
    assert (in_the_token, at_userinfo) == (OWN | {"given_name"}, OWN | {"family_name"})


@pytest.mark.spec("RFC 6749", "6")
def test_a_token_refreshed_with_openid_alone_tells_less_and_not_everything(provider: Provider) -> None:
    _, _, tokens = told(provider, ReleasePackage.MEDIUM, scope="openid profile")
    party = provider.party("asking")
    less = party.post_token(grant_type="refresh_token", refresh_token=tokens["refresh_token"], scope="openid").json()
    assert less["scope"] == "openid"
    assert set(party.userinfo(less["access_token"]).json()) == OWN
