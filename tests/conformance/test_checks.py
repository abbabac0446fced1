"""The checks of the port find what is wrong: each answer here has one fault, and the same without it is taken."""

from __future__ import annotations

import hashlib
import ssl
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from joserfc import jwt

from tests.conformance.clients import key_of, public
from tests.conformance.party import Asked, Party
from tests.conformance.verdict import Failed
from tests.conformance.visitor import Page

ISSUER = "https://provider.example"
CALLBACK = "https://rp.example/callback"
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ACCESS = "an-access-token-of-42-signs-0123456789abcd"
ASKED = Asked({"client_id": "a", "state": "s", "nonce": "n", "redirect_uri": CALLBACK})
CODE = {"code": "c", "state": "s", "iss": ISSUER}


@pytest.fixture
def party() -> Party:
    documents = {
        "/.well-known/openid-configuration": {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"},
        "/jwks": {"keys": [public(key_of("provider"))]},
    }
    provider = SimpleNamespace(
        issuer=ISSUER,
        authority=SimpleNamespace(trusting=ssl.create_default_context()),
        clock=SimpleNamespace(now=lambda: NOW),
    )
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=documents[request.url.path]))
    metadata = {"id_token_signed_response_alg": "ES256"}
    return Party(provider, "a", "secret", CALLBACK, metadata=metadata, transport=transport)  # type: ignore[arg-type]


def came(sent: dict[str, str] | None, address: str = CALLBACK) -> Page:
    return Page(address, 303, httpx.Headers(), "<h1>No</h1>", sent)


def id_token(**changes: Any) -> str:  # noqa: ANN401
    issued = int(NOW.timestamp())
    half = urlsafe_b64encode(hashlib.sha256(ACCESS.encode()).digest()[:16]).rstrip(b"=").decode()
    claims = {
        "iss": ISSUER, "sub": "somebody", "aud": "a", "iat": issued, "exp": issued + 300, "nonce": "n", "at_hash": half,
        **changes,
    }  # fmt: skip
    key = key_of(changes.pop("key", "provider"))
    header = {"alg": "ES256", "kid": key_of("provider").kid}
    return jwt.encode(
        header, {k: v for k, v in claims.items() if k != "key" and v is not None}, key, algorithms=["ES256"]
    )


def answered(headers: dict[str, str] | None = None, status: int = 200, **changes: Any) -> httpx.Response:  # noqa: ANN401
    answer = {"access_token": ACCESS, "token_type": "Bearer", "expires_in": 300, "id_token": id_token(), **changes}
    sent = {"Cache-Control": "no-store", **(headers or {})}
    return httpx.Response(status, json={k: v for k, v in answer.items() if v is not None}, headers=sent)


def test_a_good_answer_is_taken(party: Party) -> None:
    assert party.code(ASKED, came(CODE)) == "c"
    assert party.tokens(answered(), nonce="n").claims["sub"] == "somebody"


@pytest.mark.parametrize(
    ("sent", "address", "said"),
    [
        (None, CALLBACK, "nothing came back"),
        ({**CODE, "state": "t"}, CALLBACK, "state"),
        ({"code": "c", "iss": ISSUER}, CALLBACK, "state"),
        ({**CODE, "iss": "https://other.example"}, CALLBACK, "iss"),
        ({"code": "c", "state": "s"}, CALLBACK, "iss"),
        ({**CODE, "access_token": "x"}, CALLBACK, "unexpected"),
        ({"state": "s", "iss": ISSUER}, CALLBACK, "no code"),
        ({"error": "access_denied", "state": "s", "iss": ISSUER}, CALLBACK, "access_denied"),
        (CODE, "https://rp.example/other", "sent on"),
    ],
)
def test_a_wrong_answer_of_the_authorization_endpoint_is_found(
    party: Party, sent: dict[str, str] | None, address: str, said: str
) -> None:
    with pytest.raises(Failed, match=said):
        party.code(ASKED, came(sent, address))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": 400}, "answers 400"),
        ({"headers": {"Cache-Control": "public"}}, "cached"),
        ({"headers": {"Content-Type": "text/html"}}, "application/json"),
        ({"token_type": "DPoP"}, "token_type"),
        ({"access_token": "short"}, "easy to guess"),
        ({"expires_in": "300"}, "expires_in"),
        ({"id_token": None}, "no ID Token"),
        ({"id_token": id_token(iss="https://other.example")}, "iss"),
        ({"id_token": id_token(aud="b")}, "aud"),
        ({"id_token": id_token(aud=["a", "b"])}, "aud"),
        ({"id_token": id_token(sub=None)}, "sub"),
        ({"id_token": id_token(exp=int(NOW.timestamp()))}, "expired"),
        ({"id_token": id_token(iat=int(NOW.timestamp()) - 60)}, "iat"),
        ({"id_token": id_token(nonce="m")}, "nonce"),
        ({"id_token": id_token(nonce=None)}, "nonce"),
        ({"id_token": id_token(at_hash="x")}, "at_hash"),
        ({"id_token": id_token(key="somebody else's")}, "verified"),
    ],
)
def test_a_wrong_answer_of_the_token_endpoint_is_found(party: Party, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Failed, match=said):
        party.tokens(answered(**changes), nonce="n")


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (200, {"error": "invalid_grant"}, "answers 200"),
        (500, {"error": "invalid_grant"}, "answers 500"),
        (401, {"error": "invalid_grant"}, "401"),
        (400, {"error": "invalid_request"}, "error is invalid_request"),
        (400, {"error": "invalid_grant", "access_token": "x"}, "access token"),
    ],
)
def test_a_wrong_refusal_is_found(party: Party, status: int, answer: dict[str, str], said: str) -> None:
    party.refused(httpx.Response(400, json={"error": "invalid_grant"}), "invalid_grant")
    with pytest.raises(Failed, match=said):
        party.refused(httpx.Response(status, json=answer), "invalid_grant")
