"""What an ID Token says (OpenID Connect Core 2 and 3.1.3.6), with the claims that the agreement lets leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idp.outside.jose import half_hash
from idp.outside.sealing import new_token
from idp.usecases.facts import released

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.usecases.grants import Granted
    from idp.usecases.signing_keys import KeyRing
    from idp.usecases.system import System


def id_token(system: System, granted: Granted, keys: KeyRing, *, access_token: str) -> str:
    """Return a signed ID Token: RS256, or ES256 where the client registered that. One signature."""
    issued = int(system.now().timestamp())
    claims: dict[str, Any] = {
        **released_claims(system, granted),
        "iss": system.settings.site.issuer,
        "sub": granted.subject,
        "aud": granted.client.client_id,
        "azp": granted.client.client_id,
        "exp": issued + system.settings.oidc.token_seconds,
        "iat": issued,
        "auth_time": int(granted.auth_time.timestamp()),
        "acr": granted.acr,
        "amr": list(granted.amr),
        "sid": granted.sid,
        "at_hash": half_hash(access_token),
        "jti": new_token(),
    }
    if granted.nonce is not None:
        claims["nonce"] = granted.nonce
    return keys.signers[granted.client.algorithm].sign(claims)


def released_claims(system: System, granted: Granted) -> Mapping[str, Any]:
    """Return what may leave about the person, as JSON has it."""
    claims = released(system, granted.knowledge).claims
    return {name: list(value) if isinstance(value, tuple) else value for name, value in claims.items()}
