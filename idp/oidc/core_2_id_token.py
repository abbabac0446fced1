"""What an ID Token says (OpenID Connect Core 2 and 3.1.3.6), with the claims that the agreement lets leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idp.outside.jose import half_hash
from idp.outside.sealing import new_token
from idp.usecases.facts import released
from policies.requested_claims import CONSENTED, requested_claims

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp.usecases.grants import Granted
    from idp.usecases.signing_keys import KeyRing
    from idp.usecases.system import System
    from policies.requested_claims import Where


def id_token(system: System, granted: Granted, keys: KeyRing, *, access_token: str, nonce: str | None) -> str:
    """Return a signed ID Token: RS256, or what the client registered. One signature.

    ``nonce`` is that of the authorization request. A refreshed ID Token has none (12.2) and the first login's time.
    """
    issued = int(system.now().timestamp())
    claims: dict[str, Any] = {
        **released_claims(system, granted, granted.scope, "id_token"),
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
        "at_hash": half_hash(access_token, granted.client.algorithm),
        "jti": new_token(),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    return keys.signers[granted.client.algorithm].sign(claims)


def released_claims(system: System, granted: Granted, scope: str, where: Where) -> Mapping[str, Any]:
    """Return what may leave about the person, as JSON has it. ``scope`` is that of the access token.

    Of a grant that is older than the service's need of a consent nobody was ever asked, so it stands for none.
    """
    asked = requested_claims(granted.scope.split(), granted.claims_request, where, token_scope=scope.split())
    if granted.knowledge.on_consent and CONSENTED not in granted.claims_request:
        asked = frozenset()
    claims = released(system, granted.knowledge, asked).claims
    return {name: list(value) if isinstance(value, tuple) else value for name, value in claims.items()}
