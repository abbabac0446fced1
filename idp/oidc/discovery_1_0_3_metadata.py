"""What we are and can (OpenID Connect Discovery 1.0 section 3, RFC 8414, RFC 9207 3): computed once, served as bytes."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from flask import Response

from idp.oidc.core_3_1_2_authorization import RESPONSE_MODES
from idp.oidc.rfc6749_3_2_token_endpoint import GRANT_TYPES
from idp.outside.jose import ALGORITHMS
from idp.usecases.client_metadata_members import SCOPES
from idp.web.site import site
from policies.attribute_release import KNOWN_CLAIMS
from policies.vocabulary import Assurance

SECONDS = 3600
_TOKEN_CLAIMS = ("acr", "amr", "aud", "auth_time", "azp", "at_hash", "exp", "iat", "iss", "jti", "nonce", "sid")


def discovery() -> Response:
    """Answer with the metadata."""
    response = Response(document(site().system.settings.site.issuer), mimetype="application/json")
    response.headers["Cache-Control"] = f"public, max-age={SECONDS}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@lru_cache(maxsize=4)
def document(issuer: str) -> bytes:
    """Return the metadata of ``issuer`` as JSON."""
    return json.dumps(metadata(issuer), indent=1).encode()


def metadata(issuer: str) -> dict[str, Any]:
    """Return the metadata of ``issuer``. What is not offered says so, for the defaults of some members are yes."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oidc/authorize",
        "token_endpoint": f"{issuer}/oidc/token",
        "userinfo_endpoint": f"{issuer}/oidc/userinfo",
        "jwks_uri": f"{issuer}/oidc/jwks",
        "end_session_endpoint": f"{issuer}/oidc/logout",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "device_authorization_endpoint": f"{issuer}/oidc/device_authorization",
        "grant_types_supported": list(GRANT_TYPES),
        "acr_values_supported": [assurance.value for assurance in Assurance],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "display_values_supported": ["page", "popup", "touch", "wap"],
        "prompt_values_supported": ["none", "login", "select_account"],
        "claim_types_supported": ["normal"],
        "claims_supported": sorted({*KNOWN_CLAIMS, *_TOKEN_CLAIMS}),
        "ui_locales_supported": ["da", "en"],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
        "authorization_response_iss_parameter_supported": True,
    }
