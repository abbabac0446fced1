"""Requests as signed objects: what is taken, what each fault is called, and that only what stands inside counts."""

from __future__ import annotations

import base64
import hmac
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.opponents.databases import one_database
from tests.opponents.relying_party import CALLBACK, SITE, told

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider
    from tests.opponents.browser import Page
    from tests.opponents.relying_party import Begun

RSA, CURVE, STRANGER = RSAKey.generate_key(2048), ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
CLIENT = "signer"


def public(key: RSAKey | ECKey, kid: str) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": kid}


KEYS = {"keys": [public(RSA, "r"), public(CURVE, "c")]}


def inside(provider: Provider, begun: Begun, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    """What a client signs: the request's parameters, for us, for some minutes. None leaves a member out."""
    now = int(provider.system.now().timestamp())
    claims = {
        **dict(parse_qsl(urlsplit(begun.address).query)),
        "iss": CLIENT,
        "aud": SITE,
        "exp": now + 300,
        "nbf": now,
        "iat": now,
        **other,
    }
    return {name: value for name, value in claims.items() if value is not None}


def signed(claims: dict[str, Any], key: Any = CURVE, alg: str = "ES256", **header: Any) -> str:  # noqa: ANN401
    given = {"alg": alg, "kid": "c", **header}
    return jwt.encode(
        {k: v for k, v in given.items() if v is not None}, claims, key, algorithms=[alg], default_type=None
    )


def plain(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)]
    return ".".join([*parts, signature])


def shared_secret(claims: dict[str, Any]) -> str:
    """HS256 with the public key as the secret."""
    body = plain({"alg": "HS256", "kid": "r"}, claims).rstrip(".")
    digest = hmac.digest(RSA.as_pem(private=False), body.encode(), "sha256")
    return f"{body}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def ask(provider: Provider, request: str, **outside: str) -> Page:
    query = {"client_id": CLIENT, "response_type": "code", "request": request, **outside}
    return provider.logged_in().open(f"/oidc/authorize?{urlencode(query)}")


@pytest.fixture
def begun(provider: Provider) -> Begun:
    provider.another(CLIENT, jwks=KEYS)
    return provider.party(CLIENT).begin()


@pytest.mark.spec("RFC 9101", "5")
@pytest.mark.parametrize(
    ("key", "alg", "header"),
    [
        (CURVE, "ES256", {"typ": "oauth-authz-req+jwt"}),
        (CURVE, "ES256", {}),
        (CURVE, "ES256", {"typ": "JWT", "kid": None}),
        (RSA, "RS256", {"kid": "r"}),
        (RSA, "PS256", {"kid": "r"}),
    ],
)
def test_a_signed_request_is_taken(
    provider: Provider,
    begun: Begun,
    key: Any,  # noqa: ANN401
    alg: str,
    header: dict[str, Any],
) -> None:
    page = ask(provider, signed(inside(provider, begun), key, alg, **header))
    answer = told(page.address)
    assert (answer["state"], answer["iss"]) == (begun.state, SITE)
    assert provider.party(CLIENT).exchange(begun, answer["code"]).status_code == 200


@one_database
@pytest.mark.parametrize(
    "other",
    [
        {"aud": [SITE, "https://other.example"]},
        {"iss": None},
        {"exp": None},
        {"nbf": None, "iat": None},
        {"max_age": 300},
        {"max_age": "300"},
        {"claims": {"id_token": {"acr": {"essential": True, "value": "EnFaktor"}}}},
        {"unknown": [1, 2], "jti": "x", "sub": "somebody"},
    ],
)
def test_what_a_request_may_hold(provider: Provider, begun: Begun, other: dict[str, Any]) -> None:
    assert "code" in told(ask(provider, signed(inside(provider, begun, **other))).address)


@pytest.mark.spec("RFC 9101", "6.3")
def test_only_what_stands_inside_counts(provider: Provider, begun: Begun) -> None:
    request = signed(inside(provider, begun, prompt="none", acr_values="ToFaktor"))
    outside = {"state": "other", "prompt": "login", "redirect_uri": "https://evil.example/", "scope": "x"}
    answer = told(ask(provider, request, **outside).address)
    assert (answer["error"], answer["state"]) == ("unmet_authentication_requirements", begun.state)
    missing = told(ask(provider, signed(inside(provider, begun, scope=None)), scope="openid").address)
    assert missing["error"] == "invalid_scope"


@one_database
@pytest.mark.spec("RFC 9101", "6.2")
@pytest.mark.parametrize(
    "other",
    [
        {"client_id": None},
        {"client_id": "laeringsportalen"},
        {"iss": "laeringsportalen"},
        {"sub": CLIENT},
        {"aud": None},
        {"aud": "https://other.example"},
        {"aud": ["https://other.example"]},
        {"aud": f"{SITE}/"},
        {"exp": 0},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 4_000_000_000},
        {"nbf": 0},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"request": "x"},
        {"request_uri": "https://signer.example/r"},
        {"response_type": "token"},
        {"response_type": None},
        {"redirect_uri": [CALLBACK]},
        {"state": 7},
        {"scope": ["openid"]},
        {"nonce": {"a": 1}},
        {"state": "a\u0000b"},
        {"max_age": 1.5},
        {"max_age": True},
        {"claims": [1]},
        {"claims": "a\u0000"},
    ],
)
def test_a_wrong_object_is_told_to_the_address_outside_if_it_is_registered(
    provider: Provider, begun: Begun, other: dict[str, Any]
) -> None:
    request = signed(inside(provider, begun, **other))
    answer = told(ask(provider, request, redirect_uri=CALLBACK, state="outside").address)
    assert (answer["error"], answer["state"], answer["iss"]) == ("invalid_request_object", "outside", SITE)
    nowhere = ask(provider, request, redirect_uri="https://evil.example/")
    assert (nowhere.status, nowhere.trail) == (400, [])


@one_database
@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda claims: plain({"alg": "none"}, claims), "request_not_supported"),
        (lambda claims: plain({"alg": "None"}, claims), "invalid_request_object"),
        (lambda claims: plain({"alg": "ES256", "kid": "c"}, claims), "invalid_request_object"),
        (lambda claims: plain({"alg": "ES256", "kid": "c"}, claims, "AAAA"), "invalid_request_object"),
        (lambda claims: signed(claims, STRANGER), "invalid_request_object"),
        (lambda claims: signed(claims, STRANGER, jwk=public(STRANGER, "c")), "invalid_request_object"),
        (lambda claims: signed(claims, kid="unknown"), "invalid_request_object"),
        (lambda claims: signed(claims, typ="at+jwt"), "invalid_request_object"),
        (lambda claims: signed(claims, typ="logout+jwt"), "invalid_request_object"),
        (shared_secret, "invalid_request_object"),
        (lambda _: "x", "invalid_request_object"),
        (lambda _: "a.b.c", "invalid_request_object"),
        (lambda _: "[" * 3000, "invalid_request_object"),
        (lambda claims: signed({**claims, "aud": [[], {}, None, SITE[:-1]]}), "invalid_request_object"),
        (lambda claims: signed({**claims, "exp": float("nan")}), "invalid_request_object"),
    ],
)
def test_what_nobody_of_the_clients_signed_is_refused(provider: Provider, begun: Begun, make: Any, error: str) -> None:  # noqa: ANN401
    page = ask(provider, make(inside(provider, begun)), redirect_uri=CALLBACK)
    assert told(page.address)["error"] == error


def test_a_critical_header_is_refused(provider: Provider, begun: Begun) -> None:
    request = plain({"alg": "ES256", "kid": "c", "crit": ["x"], "x": 1}, inside(provider, begun), "AAAA")
    assert told(ask(provider, request, redirect_uri=CALLBACK).address)["error"] == "invalid_request_object"


def test_a_client_without_keys_cannot_sign(provider: Provider) -> None:
    begun = provider.party().begin()
    request = signed(inside(provider, begun, iss=None))
    page = ask(provider, request, client_id="laeringsportalen", redirect_uri=CALLBACK)
    assert told(page.address)["error"] == "request_not_supported"


@one_database
@pytest.mark.parametrize(
    ("registration", "request_of", "error"),
    [
        ({"request_object_signing_alg": "RS256"}, signed, "invalid_request_object"),
        ({"request_object_signing_alg": "ES256"}, signed, None),
        ({"fapi_2_profile": True}, lambda claims: signed(claims, RSA, "RS256", kid="r"), "invalid_request_object"),
        ({"require_signed_request_object": True}, signed, None),
        (
            {"require_signed_request_object": True},
            lambda claims: signed({name: value for name, value in claims.items() if name != "exp"}),
            "invalid_request_object",
        ),
    ],
)
def test_a_client_signs_as_it_registered(
    provider: Provider,
    registration: dict[str, Any],
    request_of: Any,  # noqa: ANN401
    error: str | None,
) -> None:
    provider.another(CLIENT, jwks=KEYS, **registration)
    request = request_of(inside(provider, provider.party(CLIENT).begin()))
    assert told(ask(provider, request, redirect_uri=CALLBACK).address).get("error") == error


def test_who_signs_always_sends_nothing_unsigned(provider: Provider) -> None:
    provider.another(CLIENT, jwks=KEYS, require_signed_request_object=True)
    answer = provider.ask(provider.logged_in(), provider.party(CLIENT))[1]
    assert (answer["error"], "signed" in answer["error_description"]) == ("invalid_request", True)


def test_an_object_runs_out(provider: Provider, begun: Begun, clock: StandingClock) -> None:
    request = signed(inside(provider, begun))
    clock.advance(seconds=329)
    assert "code" in told(ask(provider, request).address)
    clock.advance(seconds=1)
    assert told(ask(provider, request, redirect_uri=CALLBACK).address)["error"] == "invalid_request_object"


@one_database
@pytest.mark.parametrize(
    ("outside", "error"),
    [
        ({"request_uri": "https://signer.example/request"}, "request_uri_not_supported"),
        ({"request_uri": "urn:other:thing"}, "request_uri_not_supported"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x", "request": "a.b.c"}, "invalid_request"),
    ],
)
def test_nothing_is_fetched_from_an_address(provider: Provider, outside: dict[str, str], error: str) -> None:
    assert provider.ask(provider.logged_in(), provider.party(), **outside)[1]["error"] == error


def test_a_posted_object_that_is_too_long_for_an_address_is_kept(provider: Provider, begun: Begun) -> None:
    request = signed(inside(provider, begun, padding="x" * 6000))
    browser = provider.logged_in()
    page = browser.post("/oidc/authorize", [("client_id", CLIENT), ("request", request)])
    assert page.trail[0][1] == 303
    assert len(page.trail[1][0]) < 200
    assert "code" in told(page.address)


def test_disabled_or_unknown_a_client_is_refused_before_its_keys_are_looked_at(
    provider: Provider, begun: Begun
) -> None:
    page = ask(provider, signed(inside(provider, begun)), client_id="nobody", redirect_uri=CALLBACK)
    assert (page.status, page.trail) == (400, [])
