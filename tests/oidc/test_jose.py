"""Signing and verifying: two algorithms, one key each, and nothing that a header can talk us into."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import OctKey, RSAKey
from joserfc.registry import HeaderParameter

from idp.outside.jose import BadToken, MadeKey, make_key, signer, verify

KEY, OTHER, ELLIPTIC = make_key("RS256"), make_key("RS256"), make_key("ES256")
KEYS = {"keys": [KEY.public_jwk, ELLIPTIC.public_jwk]}
CLAIMS = {"sub": "æ", "n": 1}


def signed(key: MadeKey = KEY) -> str:
    return signer(key.kid, key.algorithm, key.private).sign(CLAIMS)


def segment(value: Any) -> str:  # noqa: ANN401
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def hs256_with(secret: bytes) -> str:
    body = f"{segment({'alg': 'HS256', 'kid': KEY.kid})}.{segment(CLAIMS)}"
    return f"{body}.{segment(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"


def _with_crit(private: RSAKey) -> str:
    """A token that is signed rightly and marks something as critical."""
    registry = jws.JWSRegistry({"x": HeaderParameter("X", "str")})
    header = {"alg": "RS256", "kid": KEY.kid, "crit": ["x"], "x": "1"}
    return jws.serialize_compact(header, json.dumps(CLAIMS), private, registry=registry)


@pytest.mark.parametrize("key", [KEY, ELLIPTIC])
def test_what_we_sign_verifies_with_the_key_of_its_kid(key: MadeKey) -> None:
    assert verify(signed(key), KEYS) == CLAIMS


def test_what_must_not_verify_does_not() -> None:
    head, body, tail = signed().split(".")
    private = RSAKey.import_key(KEY.private)
    public_pem = private.as_pem(private=False)
    with_crit = _with_crit(private)
    wrong_key = jwt.encode({"alg": "RS256", "kid": ELLIPTIC.kid}, CLAIMS, private)
    cases = {
        "alg none": f"{segment({'alg': 'none'})}.{body}.",
        "alg None": f"{segment({'alg': 'None', 'kid': KEY.kid})}.{body}.",
        "HS256 with the public key in PEM": hs256_with(public_pem),
        "HS256 with the modulus": hs256_with(KEY.public_jwk["n"].encode()),
        "PS256": jwt.encode({"alg": "PS256", "kid": KEY.kid}, CLAIMS, private, algorithms=["PS256"]),
        "crit": with_crit,
        "another's key": signed(OTHER),
        "the kid of another kind of key": wrong_key,
        "no such kid": jwt.encode({"alg": "RS256", "kid": "x"}, CLAIMS, private),
        "a changed body": f"{head}.{segment({'sub': 'b'})}.{tail}",
        "a cut signature": f"{head}.{body}.{tail[:-2]}",
        "no signature": f"{head}.{body}.",
        "two segments": f"{head}.{body}",
        "four segments": f"{head}.{body}.{tail}.x",
        "header that is a list": f"{segment([])}.{body}.{tail}",
        "header of lists thousands deep": f"{segment(b'[' * 9_000)}.{body}.{tail}",
        "header that is no JSON": f"{segment(b'x')}.{body}.{tail}",
        "nothing": "",
        "too long": f"{head}.{'A' * 20_000}.{tail}",
        "not ASCII": "æ.ø.å",
    }
    accepted = []
    for name, token in cases.items():
        try:
            accepted.append((name, verify(token, KEYS)))
        except BadToken:
            continue
    assert accepted == []


def test_only_the_welcome_algorithms_are_accepted() -> None:
    assert verify(signed(ELLIPTIC), KEYS, algorithms=["ES256"])
    with pytest.raises(BadToken):
        verify(signed(), KEYS, algorithms=["ES256"])
    with pytest.raises(BadToken):
        verify(hs256_with(b"x" * 32), {"keys": [OctKey.import_key(b"x" * 32).as_dict()]}, algorithms=["HS256"])


def test_a_set_without_names_is_used_only_when_one_key_fits() -> None:
    private = RSAKey.import_key(KEY.private)
    nameless = jwt.encode({"alg": "RS256"}, CLAIMS, private)
    assert verify(nameless, KEYS) == CLAIMS
    with pytest.raises(BadToken):
        verify(nameless, {"keys": [KEY.public_jwk, OTHER.public_jwk]})
    with pytest.raises(BadToken):
        verify(signed(), {"keys": [{**KEY.public_jwk, "n": "!"}]})
