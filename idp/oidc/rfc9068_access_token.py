"""Access tokens that a service's own interfaces can read (RFC 9068), for clients that registered them; others get opaque ones.

They hold no personal data: who somebody is, is asked at userinfo. They are kept by their digest like the opaque ones, so
that we know at once when one is revoked; whoever reads them elsewhere learns of it when they expire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from idp.outside.sealing import new_token

if TYPE_CHECKING:
    from idp.usecases.grants import Granted
    from idp.usecases.signing_keys import KeyRing
    from idp.usecases.system import System

TYPE: Final = "at+jwt"
ALGORITHM: Final = "ES256"
"""Short and quick to sign, and no second RSA signature beside the ID Token's."""


def new_access_token(system: System, granted: Granted, keys: KeyRing, *, scope: str, jkt: str | None) -> str:
    """Return an access token that is yet to be kept: 256 random bits, or a JWT where the client registered that."""
    if granted.client.access_token_format != "jwt":
        return new_token()
    issued = int(system.now().timestamp())
    claims: dict[str, Any] = {
        "iss": system.settings.site.issuer,
        "sub": granted.subject,
        # A token is for the interfaces of the service that got it, and of no use at those of another (RFC 9068 3).
        "aud": granted.client.client_id,
        "client_id": granted.client.client_id,
        "scope": scope,
        "iat": issued,
        "exp": issued + system.settings.oidc.token_seconds,
        "jti": new_token(),
        "auth_time": int(granted.auth_time.timestamp()),
        "acr": granted.acr,
    }
    if jkt is not None:
        claims["cnf"] = {"jkt": jkt}
    return keys.signers[ALGORITHM].sign(claims, typ=TYPE)
