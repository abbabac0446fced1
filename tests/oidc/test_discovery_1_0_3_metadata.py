"""Discovery: what we say we can is what we can."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from authlib.oidc.discovery import OpenIDProviderMetadata

from idp.outside.jose import make_key
from idp.usecases.client_metadata import MetadataRefused, accept
from policies.vocabulary import ReleasePackage
from tests.opponents.databases import one_database
from tests.opponents.relying_party import SITE

if TYPE_CHECKING:
    from collections.abc import Callable

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


@pytest.mark.spec("RFC 8414", "3")
def test_oauths_own_address_says_the_same(provider: Provider) -> None:
    http = provider.party().http
    said = [http.get(f"/.well-known/{name}").content for name in ("openid-configuration", "oauth-authorization-server")]
    assert said[0] == said[1]


ADDRESS = re.compile(re.escape(SITE) + r"/[a-z_/]+", re.ASCII)
_NAMES = ("response_modes", "grant_types", "scopes", "response_types", "subject_types", "claim_types", "prompt_values",
          "display_values", "acr_values", "claims", "ui_locales", "code_challenge_methods")  # fmt: skip
_METHODS = [f"{endpoint}_endpoint_auth_{what}" for endpoint in ("token", "introspection", "revocation")
            for what in ("methods", "signing_alg_values")]  # fmt: skip
_ALGORITHMS = [f"{what}_signing_alg_values" for what in ("id_token", "userinfo", "request_object", "dpop")]
_ENDPOINTS = ("authorization", "token", "userinfo", "end_session", "introspection", "revocation",
              "pushed_authorization_request", "device_authorization")  # fmt: skip
_FLAGS = ("claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported",
          "require_request_uri_registration", "require_pushed_authorization_requests", "require_signed_request_object",
          "authorization_response_iss_parameter_supported", "backchannel_logout_supported",
          "backchannel_logout_session_supported", "frontchannel_logout_supported",
          "frontchannel_logout_session_supported")  # fmt: skip
FORMS: dict[str, str] = {
    **dict.fromkeys((f"{name}_supported" for name in (*_NAMES, *_METHODS, *_ALGORITHMS)), "list"),
    **dict.fromkeys((f"{name}_endpoint" for name in _ENDPOINTS), "address"),
    **dict.fromkeys(_FLAGS, "flag"),
    "jwks_uri": "address",
    "issuer": "issuer",
}
"""Every member that a specification names and we say, with its form: OpenID Connect Discovery 3, RFC 8414 2, RFC 9126 5,
RFC 9449 5.1, RFC 9101 10.5, RFC 9207 3, RFC 8628 4, and those of the three logouts."""


@pytest.mark.spec("OIDC Discovery", "3")
@pytest.mark.spec("RFC 8414", "2")
def test_every_member_has_the_form_of_its_specification_and_none_is_unknown(provider: Provider) -> None:
    said = provider.party().metadata
    assert set(said) == set(FORMS)
    fits: dict[str, Callable[[Any], bool]] = {
        "list": lambda value: isinstance(value, list) and value != [] and len(set(value)) == len(value),
        "address": lambda value: isinstance(value, str) and ADDRESS.fullmatch(value) is not None,
        "flag": lambda value: isinstance(value, bool),
        "issuer": lambda value: value == SITE,
    }
    assert [name for name, value in said.items() if not fits[FORMS[name]](value)] == []
    assert [name for name, value in said.items() if isinstance(value, list) and not all(value)] == []


def test_no_algorithm_is_weak_and_what_must_be_offered_is(provider: Provider) -> None:
    said = provider.party().metadata
    offered = {name: set(value) for name, value in said.items() if name.endswith("alg_values_supported")}
    assert len(offered) == 7
    assert [name for name, algorithms in offered.items() if algorithms & {"none", "HS256", "HS384", "HS512"}] == []
    assert "RS256" in offered["id_token_signing_alg_values_supported"]
    assert "none" not in said["introspection_endpoint_auth_methods_supported"]


@pytest.mark.parametrize(
    ("said", "member"),
    [
        ("token_endpoint_auth_methods_supported", "token_endpoint_auth_method"),
        ("token_endpoint_auth_signing_alg_values_supported", "token_endpoint_auth_signing_alg"),
        ("id_token_signing_alg_values_supported", "id_token_signed_response_alg"),
        ("userinfo_signing_alg_values_supported", "userinfo_signed_response_alg"),
        ("request_object_signing_alg_values_supported", "request_object_signing_alg"),
        ("subject_types_supported", "subject_type"),
        ("grant_types_supported", "grant_types"),
        ("response_types_supported", "response_types"),
        ("scopes_supported", "scope"),
    ],
)
def test_what_is_offered_can_be_registered_and_nothing_else(provider: Provider, said: str, member: str) -> None:
    base: dict[str, Any] = {
        "redirect_uris": ["https://a.example/cb"],
        "jwks": {"keys": [make_key("ES256").public_jwk]},
        "grant_types": ["authorization_code", "refresh_token"],
        **({"token_endpoint_auth_method": "private_key_jwt"} if member == "token_endpoint_auth_signing_alg" else {}),
    }

    def registered(value: str) -> bool:
        written: Any = value
        if member == "grant_types":
            written = list({"authorization_code": 1, value: 1})
        elif member == "response_types":
            written = [value]
        elif member == "scope":
            written = " ".join({"openid": 1, value: 1})
        try:
            kept = accept({**base, member: written}).registration[member]
        except MetadataRefused:
            return False
        return value in kept if isinstance(kept, list) else value in str(kept).split(" ")

    offered = provider.party().metadata[said]
    assert [value for value in offered if not registered(value)] == []
    others = [
        "HS256",
        "none ",
        "client_secret_jwt",
        "tls_client_auth",
        "public",
        "password",
        "implicit",
        "token",
        "phone",
    ]
    assert [value for value in others if registered(value)] == []
