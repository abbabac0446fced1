"""Somebody who makes false tokens out of a true one (RFC 7515, RFC 8725): what no place may take that reads a JWT.

Two kinds. *Forged*: made without the key, from what everybody sees. *Misshapen*: the key's holder signed it, and it still is
nothing that may be acted on, or says something that would break whoever reads it carelessly.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DEEP = b"[" * 6_000
ANYTHING = (
    10**400, -(10**400), 1e308, float("nan"), float("inf"), 0, -1, True, "", "x", "\0", "\ud800", "x" * 5_000, [], [[]], {}, {"x": {}},
)  # fmt: skip
"""Values for a claim that should be a moment or a text. No float can hold the first, and Python reads it from JSON all the same."""


def forged(token: str, public: Mapping[str, Any]) -> dict[str, str]:
    """What a stranger makes of somebody's token and the public half of its key."""
    return {**dict(_without_a_signature(token)), **dict(_with_the_public_key(token, public)), **dict(_broken(token))}


def misshapen(header: Mapping[str, Any], sign: Callable[[bytes, bytes], str]) -> dict[str, str]:
    """What the holder of a key signs: ``sign`` takes the bytes of header and payload and returns the token."""
    plain = json.dumps(header).encode()
    payloads = {
        "a list": b"[]", "a text": b'"x"', "a number": b"1", "null": b"null", "nothing": b"", "no JSON": b"{", "deep": DEEP,
        "not UTF-8": b'{"sub":"\xff"}', "half a surrogate": b'{"sub":"\\ud800"}', "UTF-16": '{"sub":"x"}'.encode("utf-16"),
    }  # fmt: skip
    headers: dict[str, Mapping[str, Any]] = {
        "crit that nobody knows": {"crit": ["x"], "x": 1},
        "crit of what is known": {"crit": ["exp"], "exp": 1},
        "empty crit": {"crit": []},
        "crit that is no list": {"crit": "x"},
        "unencoded": {"crit": ["b64"], "b64": False},
        "its own address of keys": {"jku": "https://evil.example/jwks"},
        "its own certificate": {"x5c": ["MIIB"], "x5u": "https://evil.example/x5u"},
        "compressed": {"zip": "DEF", "crit": ["zip"]},
    }
    said = {f"signed, payload {name}": sign(plain, payload) for name, payload in payloads.items()}
    return said | {
        f"signed, {name}": sign(json.dumps({**header, **more}).encode(), b'{"sub":"x"}')
        for name, more in headers.items()
    }


def segment(value: Any) -> str:  # noqa: ANN401
    """One segment: bytes as they are, anything else as JSON."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _without_a_signature(token: str) -> Iterator[tuple[str, str]]:
    head, body, tail = token.split(".")
    header = _header(head)
    for alg in ("none", "None", "NONE", "nOnE", "", None, 0, ["none"], ["RS256"], "HS256", "dir", "RSA-OAEP", "RS1"):
        yield f"alg {alg!r}, unsigned", f"{segment({**header, 'alg': alg})}.{body}."
        yield f"alg {alg!r}, with the old signature", f"{segment({**header, 'alg': alg})}.{body}.{tail}"
    without = {name: value for name, value in header.items() if name != "alg"}
    yield "no alg", f"{segment(without)}.{body}."
    twice = json.dumps(header)[:-1].encode() + b', "alg": "none"}'
    yield "two algs", f"{segment(twice)}.{body}."
    yield "no header", f".{body}.{tail}"
    yield "no signature", f"{head}.{body}."


def _with_the_public_key(token: str, public: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    head, body, _ = token.split(".")
    header = _header(head)
    kind = RSAKey if public["kty"] == "RSA" else ECKey
    key = kind.import_key(dict(public))
    pem = key.as_pem(private=False)
    secrets = {
        "PEM": pem, "PEM without its last line end": pem.strip(), "DER": key.as_der(private=False),
        "JWK": json.dumps(public).encode(), "numbers": str(public.get("n") or public.get("x")).encode(), "nothing": b"",
    }  # fmt: skip
    for name, secret in secrets.items():
        for alg, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
            signed = f"{segment({**header, 'alg': alg})}.{body}"
            yield (
                f"{alg} with the public key, {name}",
                f"{signed}.{segment(hmac.new(secret, signed.encode(), digest).digest())}",
            )
    own = kind.generate_key(*(() if kind is RSAKey else ("P-256",)))
    for name, more in {
        "its own key in the header": {"jwk": own.as_dict(private=False)},
        "its own key at an address": {"jku": "https://evil.example/jwks"},
        "no kid": {"kid": None},
        "a kid that is a path": {"kid": "../../../../dev/null"},
        "a kid that is SQL": {"kid": "' OR '1'='1"},
        "a kid that is a number": {"kid": 1},
        "a kid that is a list": {"kid": [header.get("kid")]},
        "a kid that is long": {"kid": "x" * 9_000},
        "the right kid": {},
    }.items():
        yield f"another's key, {name}", _signed_by(own, {**header, **more}, body)


def _broken(token: str) -> Iterator[tuple[str, str]]:
    head, body, tail = token.split(".")
    raw = base64.urlsafe_b64decode(tail + "=" * (-len(tail) % 4))
    size = len(raw)
    signatures = {
        "zeros": bytes(size), "ones": b"\xff" * size, "one": bytes(size - 1) + b"\x01", "a flipped bit": bytes([raw[0] ^ 1]) + raw[1:],
        "cut": raw[:-1], "longer": raw + b"\x00", "turned round": raw[::-1], "DER": b"\x30\x06\x02\x01\x00\x02\x01\x00",
    }  # fmt: skip
    for name, signature in signatures.items():
        yield f"signature: {name}", f"{head}.{body}.{segment(signature)}"
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    yield "another subject", f"{head}.{segment({**claims, 'sub': 'somebody-else'})}.{tail}"
    for name, header in {
        "a list": [],
        "a text": "x",
        "null": None,
        "deep": DEEP,
        "no JSON": b"x",
        "not UTF-8": b'{"alg":"\xff"}',
    }.items():
        yield f"header: {name}", f"{segment(header)}.{body}.{tail}"
    yield from {
        "nothing but dots": "..", "one segment": head, "two segments": f"{head}.{body}", "four segments": f"{token}.{tail}",
        "an encrypted one": f"{segment({'alg': 'dir', 'enc': 'A256GCM'})}..{tail}.{body}.{tail}",
        "JSON": json.dumps({"payload": body, "protected": head, "signature": tail}),
        "JSON with many": json.dumps({"payload": body, "signatures": [{"protected": head, "signature": tail}]}),
        "with a blank": f"{head}. {body}.{tail}", "with a scheme": f"Bearer {token}", "twice": f"{token} {token}",
        "not base64": f"{head}.!!!.{tail}", "not ASCII": f"{head}.æ.{tail}", "a picture": "😀" * 50, "long": f"{head}.{'A' * 9_000}.{tail}",
    }.items()  # fmt: skip


def _signed_by(key: RSAKey | ECKey, header: Mapping[str, Any], body: str) -> str:
    signed = f"{segment({name: value for name, value in header.items() if value is not None})}.{body}"
    alg = "RS256" if isinstance(key, RSAKey) else "ES256"
    return f"{signed}.{segment(jws.JWSRegistry.algorithms[alg].sign(signed.encode(), key))}"


def _header(head: str) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    return header
