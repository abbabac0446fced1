"""Discovery: what we say we can is what we can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata

from policies.vocabulary import ReleasePackage
from tests.opponents.databases import one_database
from tests.opponents.relying_party import SITE

if TYPE_CHECKING:
    from tests.oidc.conftest import Provider

pytestmark = one_database


@pytest.mark.spec("OIDC Discovery", "4.2")
def test_the_metadata_is_served_under_the_issuer_and_may_be_kept(provider: Provider) -> None:
    answer = provider.party().http.get("/.well-known/openid-configuration")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.json()["issuer"] == SITE


@pytest.mark.spec("OIDC Discovery", "3")
def test_authlib_finds_no_fault_with_the_metadata(provider: Provider) -> None:
    said = provider.party().metadata
    # Authlib demands https, which a site on localhost does not have.
    secure = {
        name: value.replace(SITE, "https://idp.example") if isinstance(value, str) else value
        for name, value in said.items()
    }
    OpenIDProviderMetadata(secure).validate()


def test_every_endpoint_that_is_named_is_there_and_nothing_else_is_promised(provider: Provider) -> None:
    party = provider.party()
    endpoints = {name: value for name, value in party.metadata.items() if name.endswith(("_endpoint", "_uri"))}
    assert len(endpoints) >= 9
    for name, address in endpoints.items():
        assert party.http.get(address).status_code != 404, name
    assert party.metadata["response_types_supported"] == ["code"]
    assert party.metadata["code_challenge_methods_supported"] == ["S256"]
    assert party.metadata["request_uri_parameter_supported"] is False
    assert party.metadata["authorization_response_iss_parameter_supported"] is True


def test_every_claim_that_is_told_is_named(provider: Provider) -> None:
    provider.another("full", package=ReleasePackage.FULL)
    party = provider.party("full")
    begun, tokens = provider.tokens(party)
    assert set(party.claims(begun, tokens)) <= set(party.metadata["claims_supported"])


def test_the_scopes_that_a_service_may_register_are_named(provider: Provider) -> None:
    assert provider.party().metadata["scopes_supported"] == ["openid", "profile", "email", "offline_access"]
