"""A client with a key pair of its own: signs assertions (RFC 7523) and DPoP proofs (RFC 9449), right ones or wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import TYPE_CHECKING, Any

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.opponents.relying_party import SITE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conftest import StandingClock

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN = f"{SITE}/oidc/token"
_MAKE = {
    "RS256": lambda: RSAKey.generate_key(2048),
    "PS256": lambda: RSAKey.generate_key(2048),
    "ES256": lambda: ECKey.generate_key("P-256"),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
}


class KeyHolder:
    """Its key is made here, and its public half is what a client registers."""

    def __init__(self, clock: StandingClock, *, alg: str = "ES256") -> None:
        self.clock, self.alg, self.key = clock, alg, _MAKE[alg]()

    @property
    def jwk(self) -> dict[str, Any]:
        return self.key.as_dict(private=False)

    @property
    def jwks(self) -> dict[str, Any]:
        return {"keys": [self.jwk]}

    @property
    def jkt(self) -> str:
        return str(self.key.thumbprint())

    @property
    def now(self) -> int:
        return int(self.clock.now().timestamp())

    def sign(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        """A JWS with exactly this header and these claims, also wrong ones; what is None is left out.

        The signature is the real one whatever ``alg`` says, and none for ``none``.
        """
        shown = {name: value for name, value in {"alg": self.alg, **header}.items() if value is not None}
        said = {name: value for name, value in claims.items() if value is not None}
        signed = f"{encoded(json.dumps(shown).encode())}.{encoded(json.dumps(said).encode())}"
        if shown.get("alg") == "none":
            return f"{signed}."
        signature = jws.JWSRegistry.algorithms[self.alg].sign(signed.encode(), self.key)
        return f"{signed}.{encoded(signature)}"

    def assertion(self, client_id: str, *, header: Mapping[str, Any] | None = None, **claims: Any) -> str:  # noqa: ANN401
        """An assertion for the token endpoint as libraries make it; ``claims`` replace its own."""
        usual = {
            "iss": client_id,
            "sub": client_id,
            "aud": SITE,
            "jti": secrets.token_urlsafe(16),
            "iat": self.now,
            "exp": self.now + 60,
        }
        return self.sign(header or {}, {**usual, **claims})

    def shows(self, client_id: str, **claims: Any) -> dict[str, str]:  # noqa: ANN401
        """The form's fields with which the client authenticates."""
        return {"client_assertion_type": JWT_BEARER, "client_assertion": self.assertion(client_id, **claims)}

    def proof(
        self,
        method: str = "POST",
        url: str = TOKEN,
        *,
        access_token: str | None = None,
        header: Mapping[str, Any] | None = None,
        **claims: Any,  # noqa: ANN401
    ) -> str:
        """A DPoP proof; ``header`` and ``claims`` replace what a right one says."""
        usual: dict[str, Any] = {"jti": secrets.token_urlsafe(16), "htm": method, "htu": url, "iat": self.now}
        if access_token is not None:
            usual["ath"] = encoded(hashlib.sha256(access_token.encode()).digest())
        return self.sign({"typ": "dpop+jwt", "jwk": self.jwk, **(header or {})}, {**usual, **claims})


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
