"""Signed tokens (RFC 7515, 7517, 7518, 7519), ours and an upstream provider's.

This module and :mod:`idp.outside.client_jose` are the only ones that know a JOSE library.

Only RS256, ES256 and EdDSA (with Ed25519) exist here, for signing and for verifying; a header that says anything else, or that marks
something as critical (``crit``, RFC 7515 4.1.11), is refused before a key is touched. Whoever verifies says which
algorithms are welcome, and each key is good for its own algorithm alone, so that a public key never becomes a secret.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from idp.errors import SkolepasError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

ALGORITHMS: Final = ("RS256", "ES256", "EdDSA")
RSA_BITS: Final = 2048
LONGEST_TOKEN: Final = 16_384
"""Characters. Nobody makes us work on more than this."""

# RFC 9864 deprecates the name because it does not say which curve; ours says it in the key. Clients still use it.
jws.JWSRegistry.algorithms["EdDSA"].security_warning = None

_KEY_TYPES: Final[Mapping[str, type[RSAKey | ECKey | OKPKey]]] = {"RS256": RSAKey, "ES256": ECKey, "EdDSA": OKPKey}
_KINDS: Final[Mapping[str, str]] = {"RS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
_HALF: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "RS256": lambda token: hashlib.sha256(token).digest()[:16],
    "ES256": lambda token: hashlib.sha256(token).digest()[:16],
    "EdDSA": lambda token: hashlib.sha512(token).digest()[:32],
}


class BadToken(SkolepasError):
    """A token is not what it says: malformed, of another algorithm, from an unknown key, or changed. Says which."""


@dataclass(frozen=True, repr=False)
class MadeKey:
    """A fresh key pair. ``private`` is PKCS #8 in PEM and is to be sealed at once; prints nothing of it."""

    kid: str
    algorithm: str
    private: bytes
    public_jwk: dict[str, Any]

    def __repr__(self) -> str:
        """Never show the key."""
        return f"MadeKey({self.kid})"


class Signer:
    """A private key, imported once, that signs with its one algorithm."""

    def __init__(self, kid: str, algorithm: str, key: RSAKey | ECKey | OKPKey) -> None:
        """Use :func:`signer`."""
        self.kid = kid
        self.algorithm = algorithm
        self._key = key

    def sign(self, claims: Mapping[str, Any], *, typ: str = "JWT") -> str:
        """Return the claims as a compact JWS with ``alg``, ``kid`` and ``typ``."""
        header = {"alg": self.algorithm, "kid": self.kid}
        return jwt.encode(header, dict(claims), self._key, algorithms=[self.algorithm], default_type=typ)


def make_key(algorithm: str) -> MadeKey:
    """Make a key pair: RSA of 2048 bits, P-256, or Ed25519 for EdDSA. Its ``kid`` is its thumbprint (RFC 7638)."""
    key: RSAKey | ECKey | OKPKey
    if algorithm == "RS256":
        key = RSAKey.generate_key(RSA_BITS)
    else:
        key = ECKey.generate_key("P-256") if algorithm == "ES256" else OKPKey.generate_key("Ed25519")
    kid = key.thumbprint()
    public = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": algorithm}
    return MadeKey(kid=kid, algorithm=algorithm, private=key.as_pem(private=True), public_jwk=public)


@lru_cache(maxsize=16)
def signer(kid: str, algorithm: str, private: bytes) -> Signer:
    """Import a private key that :func:`make_key` made; the last 16 are kept, for importing costs more than signing."""
    return Signer(kid, algorithm, _KEY_TYPES[algorithm].import_key(private))


def verify(token: str, jwks: Mapping[str, Any], *, algorithms: Collection[str] = ALGORITHMS) -> dict[str, Any]:
    """Return the claims of a token that one of the keys signed. Says nothing about issuer, audience or time.

    ``jwks`` is a JWK Set (RFC 7517 5). Raises :class:`BadToken`.
    """
    header = header_of(token)
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS or algorithm not in algorithms:
        raise BadToken("algorithm")
    if "crit" in header:
        raise BadToken("crit")
    key = _public_key(_jwk_for(jwks, header.get("kid"), algorithm), algorithm)
    try:
        return jwt.decode(token, key, algorithms=[algorithm]).claims
    except (JoseError, ValueError, TypeError, RecursionError) as fault:
        raise BadToken("signature") from fault


def half_hash(token: str, algorithm: str) -> str:
    """Return ``at_hash`` of an access token: half of the hash inside ``algorithm`` (OpenID Connect Core 3.1.3.6)."""
    return base64.urlsafe_b64encode(_HALF[algorithm](token.encode())).rstrip(b"=").decode()


def header_of(token: str) -> dict[str, Any]:
    """Read the header of a compact JWS, unverified. Raises :class:`BadToken`."""
    segments = token.split(".") if len(token) <= LONGEST_TOKEN else []
    try:
        first, _, _ = segments
        header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (ValueError, RecursionError):  # RecursionError: brackets within brackets, thousands deep
        raise BadToken("form") from None
    if not isinstance(header, dict):
        raise BadToken("form")
    return header


def _jwk_for(jwks: Mapping[str, Any], kid: object, algorithm: str) -> Mapping[str, Any]:
    kty = _KINDS[algorithm]
    fitting = [
        jwk
        for jwk in jwks.get("keys", ())
        if jwk.get("kty") == kty and jwk.get("alg", algorithm) == algorithm and jwk.get("use", "sig") == "sig"
    ]
    named = [jwk for jwk in fitting if jwk.get("kid") == kid] if kid is not None else fitting
    if len(named) != 1:
        raise BadToken("key")
    return dict(named[0])


def _public_key(jwk: Mapping[str, Any], algorithm: str) -> RSAKey | ECKey | OKPKey:
    return _imported_public(json.dumps(jwk, sort_keys=True), algorithm)


@lru_cache(maxsize=64)
def _imported_public(jwk: str, algorithm: str) -> RSAKey | ECKey | OKPKey:
    try:
        return _KEY_TYPES[algorithm].import_key(json.loads(jwk))
    except (JoseError, ValueError, KeyError, TypeError) as fault:
        raise BadToken("key") from fault
