"""What others sign and we verify: client assertions, request objects, DPoP proofs (RFC 7523, 9101, 9449).

Stricter than a library's door: the algorithms are an allow-list without ``none`` and without anything symmetric, a
header may not mark something as critical, nor bring or name its own key (``jwk``, ``jku``, ``x5c``, ``x5u``), except a
DPoP proof, which must bring one. A key is good for the algorithms of its kind alone.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from idp.outside.jose import RSA_BITS, BadToken, header_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    PublicKey = RSAKey | ECKey | OKPKey

CLIENT_ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""EdDSA with Ed25519 alone."""
MOST_KEYS: Final = 20
MOST_TRIES: Final = 5
"""Keys of one set that may fit a token without a ``kid``: each costs a verification."""
LONGEST_JWKS: Final = 32_768
LONGEST_KID: Final = 255
LONGEST_HEADER: Final = 4096
"""Characters, encoded; joserfc's 512 are too few for an RSA key in the header of a proof."""
RSA_MOST_BITS: Final = 8192

_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_OWN_KEY: Final = frozenset({"jku", "x5c", "x5u"})
_KINDS: Final[Mapping[str, tuple[str, str | None]]] = {
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "EdDSA": ("OKP", "Ed25519"),
}
"""Algorithm -> kind of key and curve (RFC 7518 3.1, RFC 8037 3.1)."""
_IMPORTERS: Final[Mapping[str, type[RSAKey | ECKey | OKPKey]]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}


class _Registry(JWSRegistry):
    max_header_length = LONGEST_HEADER


_REGISTRIES: Final = {alg: _Registry(algorithms=[alg], strict_check_header=False) for alg in CLIENT_ALGORITHMS}
"""A header that we do not know is ignored (RFC 7515 4), unless it is marked as critical, which :func:`_checked` refuses."""


@dataclass(frozen=True)
class SignedHeader:
    """What the header of a token says, before anything is verified."""

    alg: str
    kid: str | None
    typ: str | None


@dataclass(frozen=True)
class Proof:
    """What a proof says that brought its own key, and that key's thumbprint (RFC 7638)."""

    claims: dict[str, Any]
    jkt: str
    alg: str


def read_header(token: str, *, algorithms: Collection[str] = CLIENT_ALGORITHMS) -> SignedHeader:
    """Read the header of a token that names its key, at most by ``kid``. Raises :class:`BadToken`."""
    header = header_of(token)
    if "jwk" in header:
        raise BadToken("embedded key")
    return _checked(header, algorithms)


def fitting_keys(jwks: object, *, kid: str | None, alg: str) -> tuple[PublicKey, ...]:
    """Return the public keys of a JWK Set that fit: the one called ``kid``, or all that could be meant without one.

    Keys that cannot be used are passed over, for a set may hold kinds that we do not know (RFC 7517 5).
    """
    given = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(given, list) or alg not in _KINDS:
        return ()
    fitting = [
        jwk
        for jwk in given
        if isinstance(jwk, dict)
        and (kid is None or jwk.get("kid") == kid)
        and jwk.get("alg", alg) == alg
        and jwk.get("use", "sig") == "sig"
        and _is_of_kind(jwk, alg)
    ]
    usable = (jwk for jwk in fitting[:MOST_TRIES] if _fault_of_key(jwk) is None)
    return tuple(_imported(json.dumps(jwk, sort_keys=True)) for jwk in usable)


def verified(token: str, keys: Sequence[PublicKey], *, alg: str) -> dict[str, Any]:
    """Return the claims that one of the keys signed. Says nothing about issuer, audience or time.

    ``alg`` is what :func:`read_header` found and allowed. Raises :class:`BadToken`.
    """
    if not keys:
        raise BadToken("key")
    for key in keys:
        try:
            return jwt.decode(token, key, algorithms=[alg], registry=_REGISTRIES[alg]).claims
        except (JoseError, ValueError, TypeError, RecursionError):
            continue
    raise BadToken("signature")


def proven(token: str, *, typ: str, algorithms: Collection[str] = CLIENT_ALGORITHMS) -> Proof:
    """Return what a proof says that brings its own public key (RFC 9449 4.2, 4.3). Raises :class:`BadToken`."""
    header = header_of(token)
    checked = _checked(header, algorithms)
    jwk = header.get("jwk")
    if checked.typ != typ:
        raise BadToken("typ")
    if not isinstance(jwk, dict) or not _is_of_kind(jwk, checked.alg) or _fault_of_key(jwk) is not None:
        raise BadToken("key")
    key = _imported(json.dumps(jwk, sort_keys=True))
    return Proof(claims=verified(token, [key], alg=checked.alg), jkt=key.thumbprint(), alg=checked.alg)


def fault_of_jwks(value: object) -> str | None:
    """Say why ``value`` cannot be registered as a client's JWK Set, or None when it can."""
    given = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_KEYS:
        return f"must be a JWK Set with 1 to {MOST_KEYS} keys"
    for number, jwk in enumerate(given):
        wrong = _fault_of_key(jwk) if _is_plain(jwk) else "is no key"
        if wrong is not None:
            return f"holds a wrong key: keys[{number}] {wrong}"
    if len(json.dumps(given)) > LONGEST_JWKS:
        return f"must be at most {LONGEST_JWKS} characters long"
    named = [jwk["kid"] for jwk in given if "kid" in jwk]
    return None if len(set(named)) == len(named) else "names two keys alike"


def _checked(header: Mapping[str, Any], algorithms: Collection[str]) -> SignedHeader:
    alg, kid, typ = header.get("alg"), header.get("kid"), header.get("typ")
    if not isinstance(alg, str) or alg not in CLIENT_ALGORITHMS or alg not in algorithms:
        raise BadToken("algorithm")
    if "crit" in header:
        raise BadToken("crit")
    if _OWN_KEY & set(header):
        raise BadToken("embedded key")
    if kid is not None and (not isinstance(kid, str) or len(kid) > LONGEST_KID):
        raise BadToken("kid")
    if typ is not None and not isinstance(typ, str):
        raise BadToken("typ")
    return SignedHeader(alg=alg, kid=kid, typ=typ)


def _is_plain(jwk: object) -> bool:
    """Whether every member is an ASCII text or a list of such, as all public ones are (RFC 7517 4, RFC 7518 6), or a
    number or a flag of others' (``ext`` of Web Cryptography, ``exp``), which we ignore.
    """
    if not isinstance(jwk, dict):
        return False
    values = [each for value in jwk.values() for each in (value if isinstance(value, list) else [value])]
    texts = [value for value in [*jwk, *values] if not isinstance(value, bool | int)]
    return all(isinstance(text, str) and text.isascii() and text.isprintable() for text in texts)


def _is_of_kind(jwk: Mapping[str, Any], alg: str) -> bool:
    kty, curve = _KINDS[alg]
    return jwk.get("kty") == kty and (curve is None or jwk.get("crv") == curve)


def _fault_of_key(jwk: Mapping[str, Any]) -> str | None:
    if _PRIVATE & set(jwk):
        return "holds a private or a symmetric key"
    if not isinstance(jwk.get("kid", ""), str) or len(jwk.get("kid", "")) > LONGEST_KID:
        return "has no usable kid"
    if not any(_is_of_kind(jwk, alg) for alg in CLIENT_ALGORITHMS):
        return "is not RSA, P-256 or Ed25519"
    modulus = jwk.get("n", "")
    if jwk.get("kty") == "RSA" and not _is_long_enough(modulus):
        return f"is an RSA key of fewer than {RSA_BITS} or more than {RSA_MOST_BITS} bits"
    try:
        _imported(json.dumps(jwk, sort_keys=True))
    except (BadToken, RecursionError):  # RecursionError: brackets within brackets, just as deep as could be read
        return "cannot be read"
    return None


def _is_long_enough(modulus: object) -> bool:
    try:
        text = modulus if isinstance(modulus, str) and len(modulus) <= LONGEST_JWKS else ""
        number = int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return False
    return RSA_BITS <= number.bit_length() <= RSA_MOST_BITS


@lru_cache(maxsize=512)
def _imported(jwk: str) -> PublicKey:
    given = json.loads(jwk)
    try:
        return _IMPORTERS[given["kty"]].import_key(given)
    except (JoseError, ValueError, KeyError, TypeError) as fault:
        raise BadToken("key") from fault
