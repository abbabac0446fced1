"""What we are and can (OpenID Connect Discovery 1.0 section 3, RFC 8414, RFC 9207 3): computed once, served as bytes.

The two specifications share their members and differ in the address, so the same document stands at both.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from flask import Response

from idp.oidc.core_3_1_2_authorization import RESPONSE_MODES
from idp.oidc.rfc6749_3_2_token_endpoint import GRANT_TYPES
from idp.oidc.rfc7591_registration import PATH as REGISTRATION
from idp.oidc.rfc7591_registration import is_open
from idp.outside.client_jose import CLIENT_ALGORITHMS
from idp.outside.jose import ALGORITHMS
from idp.usecases.client_metadata_members import AUTH_METHODS, SCOPES
from idp.web.site import site
from policies.assurance import NSIS_LOA, notified_levels
from policies.attribute_release import KNOWN_CLAIMS
from policies.vocabulary import Assurance

SECONDS = 3600
_TOKEN_CLAIMS = ("acr", "amr", "aud", "auth_time", "azp", "at_hash", "exp", "iat", "iss", "jti", "nonce", "sid")


def discovery() -> Response:
    """Answer with the metadata."""
    system = site().system
    made = document(system.settings.site.issuer, registers=is_open(system), nsis=system.settings.login.nsis_notified)
    response = Response(made, mimetype="application/json")
    response.headers["Cache-Control"] = f"public, max-age={SECONDS}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@lru_cache(maxsize=4)
def document(issuer: str, *, registers: bool, nsis: str) -> bytes:
    """Return the metadata of ``issuer`` as JSON; ``registers``: services may register themselves."""
    own = {"registration_endpoint": f"{issuer}{REGISTRATION}"} if registers else {}
    return json.dumps({**metadata(issuer, nsis), **own}, indent=1).encode()


def metadata(issuer: str, nsis: str) -> dict[str, Any]:
    """Return the metadata of ``issuer``. What is not offered says so, for the defaults of some members are yes.

    ``nsis`` is the highest NSIS level that was notified, "" for none.
    """
    notified = [f"{NSIS_LOA}/{name}" for name in notified_levels(nsis)]
    claims = {*KNOWN_CLAIMS, *_TOKEN_CLAIMS} - (set() if notified else {NSIS_LOA})
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oidc/authorize",
        "pushed_authorization_request_endpoint": f"{issuer}/oidc/par",
        "token_endpoint": f"{issuer}/oidc/token",
        "userinfo_endpoint": f"{issuer}/oidc/userinfo",
        "introspection_endpoint": f"{issuer}/oidc/introspect",
        "revocation_endpoint": f"{issuer}/oidc/revoke",
        "jwks_uri": f"{issuer}/oidc/jwks",
        "end_session_endpoint": f"{issuer}/oidc/logout",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "device_authorization_endpoint": f"{issuer}/oidc/device_authorization",
        "grant_types_supported": list(GRANT_TYPES),
        "acr_values_supported": [*(assurance.value for assurance in Assurance), *notified],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(CLIENT_ALGORITHMS),
        "introspection_endpoint_auth_methods_supported": [method for method in AUTH_METHODS if method != "none"],
        "introspection_endpoint_auth_signing_alg_values_supported": list(CLIENT_ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(CLIENT_ALGORITHMS),
        "dpop_signing_alg_values_supported": list(CLIENT_ALGORITHMS),
        "userinfo_signing_alg_values_supported": list(ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "display_values_supported": ["page", "popup", "touch", "wap"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claim_types_supported": ["normal"],
        "claims_supported": sorted(claims),
        "ui_locales_supported": ["da", "en"],
        "claims_parameter_supported": True,
        "request_parameter_supported": True,
        "request_object_signing_alg_values_supported": list(CLIENT_ALGORITHMS),
        "require_signed_request_object": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
        "require_pushed_authorization_requests": False,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    }
