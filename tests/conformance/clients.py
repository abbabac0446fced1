"""The clients of the plans, as a service's developer would register them; ``basic`` and ``basic2`` are the two of the Basic plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from joserfc.jwk import ECKey, RSAKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conformance.site import Provider

Key = ECKey | RSAKey

BACK_CHANNEL: Final = "/backchannel_logout"
FRONT_CHANNEL: Final = "/frontchannel_logout"
AFTER_LOGOUT: Final = "/post_logout_redirect"


@lru_cache
def key_of(name: str) -> Key:
    """The key of this name, made once in a run: P-256, but for ``rsa``."""
    key: Key = RSAKey.generate_key(2048) if name == "rsa" else ECKey.generate_key("P-256")
    key.ensure_kid()
    return key


@dataclass(frozen=True)
class Client:
    """One kind of client. ``own`` is registered beside what all of them have; paths in it are the relying party's."""

    callback: str = "/callback"
    own: Mapping[str, Any] = field(default_factory=dict)
    asks_all_scopes: bool = False
    dpop: bool = False
    key: str = ""
    """Whose public key it registers."""

    def metadata(self, provider: Provider) -> dict[str, Any]:
        """What is registered."""
        own = {
            name: f"{provider.rp}{value}" if isinstance(value, str) and value.startswith("/") else value
            for name, value in self.own.items()
        }
        jwks = {"jwks": {"keys": [public(key_of(self.key))]}} if self.key else {}
        return {
            "redirect_uris": [f"{provider.rp}{self.callback}"],
            "post_logout_redirect_uris": [f"{provider.rp}{AFTER_LOGOUT}"],
            "require_pkce": False,
            "grant_types": ["authorization_code", "refresh_token"],
            **jwks,
            **own,
        }


def public(key: Key) -> dict[str, Any]:
    """What the world may know of a key."""
    return {**key.as_dict(private=False), "use": "sig", "alg": algorithm_of(key)}


def algorithm_of(key: Key) -> str:
    """What a key signs with here."""
    return "RS256" if isinstance(key, RSAKey) else "ES256"


_FAPI: Final[Mapping[str, Any]] = {
    "token_endpoint_auth_method": "private_key_jwt",
    "token_endpoint_auth_signing_alg": "ES256",
    "id_token_signed_response_alg": "ES256",
    "fapi_2_profile": True,
    "require_pushed_authorization_requests": True,
    "dpop_bound_access_tokens": True,
    "require_pkce": True,
}

CLIENTS: Final[Mapping[str, Client]] = {
    "basic": Client(),
    "basic2": Client(callback="/callback2"),
    "scopes": Client(own={"scope": "openid profile email"}, asks_all_scopes=True),
    "offline": Client(own={"scope": "openid offline_access"}, asks_all_scopes=True),
    "offline2": Client(callback="/callback2", own={"scope": "openid offline_access"}, asks_all_scopes=True),
    "post": Client(own={"token_endpoint_auth_method": "client_secret_post"}),
    "backchannel": Client(
        own={"backchannel_logout_uri": BACK_CHANNEL, "backchannel_logout_session_required": True},
    ),
    "frontchannel": Client(
        own={"frontchannel_logout_uri": FRONT_CHANNEL, "frontchannel_logout_session_required": True},
    ),
    "fapi": Client(own=_FAPI, dpop=True, key="fapi"),
    "fapi2": Client(callback="/callback2?dummy1=lorem&dummy2=ipsum", own=_FAPI, dpop=True, key="fapi2"),
    "fapi-asks": Client(
        callback="/callback3?dummy1=lorem&dummy2=ipsum",
        own={**_FAPI, "needs_consent": True},
        dpop=True,
        key="fapi-asks",
    ),
}
