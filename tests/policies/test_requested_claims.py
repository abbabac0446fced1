"""Asking narrows what an agreement allows, and never widens it."""

from __future__ import annotations

from typing import Any

import pytest

from policies.assurance import NSIS_LOA
from policies.attribute_release import KNOWN_CLAIMS
from policies.requested_claims import CONSENTED, SCOPE_CLAIMS, requested_anywhere, requested_claims

OWN = frozenset(
    {"sub", "uniid", "aktoer_gruppe", "unilogin_loa", "loa", "spec_ver", "institution_ids", "has_license", NSIS_LOA}
)
PROFILE = {"name", "given_name", "family_name", "birthdate"}


@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        ("openid", {}),
        ("openid offline_access", {}),
        ("openid", {"id_token": {"acr": {"essential": True}}}),
        ("openid", {"userinfo": {"uniid": None}}),
        ("openid", {"userinfo": ["name"], "id_token": None}),
        ("openid InstitutionIdsClientScope UserHasLicenseClientScope", {}),
    ],
)
def test_who_speaks_of_no_standard_claim_gets_all_that_is_agreed(scope: str, claims: dict[str, Any]) -> None:
    assert requested_claims(scope.split(), claims, "id_token") is None
    assert requested_claims(scope.split(), claims, "userinfo") is None


@pytest.mark.spec("OIDC Core", "5.4")
@pytest.mark.parametrize(
    ("scope", "named"), [("profile", PROFILE), ("email", {"email"}), ("profile email", PROFILE | {"email"})]
)
def test_the_claims_of_a_scope_come_at_userinfo(scope: str, named: set[str]) -> None:
    words = ["openid", *scope.split()]
    at_userinfo, in_the_token = (requested_claims(words, {}, where) for where in ("userinfo", "id_token"))
    assert at_userinfo is not None
    assert in_the_token is not None
    assert at_userinfo & (PROFILE | {"email"}) == named
    assert not in_the_token & (PROFILE | {"email"})
    assert at_userinfo >= OWN
    assert in_the_token >= OWN


@pytest.mark.spec("OIDC Core", "5.5")
def test_the_claims_parameter_says_where() -> None:
    claims = {"userinfo": {"email": None}, "id_token": {"name": {"essential": True}}}
    at_userinfo, in_the_token = (requested_claims(["openid"], claims, where) for where in ("userinfo", "id_token"))
    assert at_userinfo is not None
    assert in_the_token is not None
    assert at_userinfo & (PROFILE | {"email"}) == {"email"}
    assert in_the_token & (PROFILE | {"email"}) == {"name"}


@pytest.mark.spec("RFC 6749", "6")
def test_a_token_with_less_scope_gets_less_and_never_everything() -> None:
    granted = ["openid", "profile", "email"]
    less = requested_claims(granted, {}, "userinfo", token_scope=["openid", "email"])
    none = requested_claims(granted, {}, "userinfo", token_scope=["openid"])
    assert less == OWN | {"trin", "grupper", "email"}
    assert none == OWN | {"trin", "grupper"}
    assert requested_claims(["openid"], {}, "userinfo", token_scope=["openid"]) is None


def test_scopes_name_claims_that_we_know_and_no_others() -> None:
    assert frozenset().union(*SCOPE_CLAIMS.values()) <= KNOWN_CLAIMS


@pytest.mark.parametrize(
    ("scope", "asked"),
    [
        ("openid", {"sub", "name"}),
        ("openid email", {"sub"}),
        ("openid profile", {"sub", "name"}),
    ],
)
def test_consent_bounds_what_a_token_of_any_scope_asks_for(scope: str, asked: set[str]) -> None:
    assert requested_claims(scope.split(), {CONSENTED: ["name", "sub"]}, "userinfo") == asked


def test_the_person_is_asked_about_both_places() -> None:
    claims = {"userinfo": {"email": None}, "id_token": {"name": None}}
    assert (requested_anywhere(["openid"], claims) or frozenset()) & (PROFILE | {"email"}) == {"email", "name"}
    assert requested_anywhere(["openid"], {}) is None
