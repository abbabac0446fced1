"""Which members of client metadata cannot go together, and what a security profile makes of them.

Pure: members with their defaults in, contradictions out, each as the member to change and a sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from idp.usecases.client_metadata_members import DEVICE_CODE, SCOPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Contradiction = tuple[Callable[[Mapping[str, Any]], bool], str, str]

REDIRECTING: Final = "authorization_code"

FAPI_2: Final[Mapping[str, Any]] = {
    "token_endpoint_auth_method": "private_key_jwt",
    "require_pushed_authorization_requests": True,
    "dpop_bound_access_tokens": True,
    "require_pkce": True,
    "id_token_signed_response_alg": "ES256",
}
"""What the FAPI 2.0 Security Profile (5.3.2) makes of a client. mTLS is not offered, so DPoP binds its tokens."""
FAPI_2_ALGORITHMS: Final = ("PS256", "ES256", "EdDSA")
"""FAPI 2.0 Security Profile 5.4."""


def with_profile(given: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what the chosen profile implies where nothing else is said."""
    return {**FAPI_2, **given} if given.get("fapi_2_profile") else dict(given)


def contradictions(registration: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (member, sentence) for each pair of members that cannot go together."""
    return [(member, sentence) for broken, member, sentence in _RULES if broken(registration)]


def scopes_of(registration: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the scopes that a client may ask for, of those we know."""
    named = registration.get("scope", "openid").split(" ")
    return tuple(scope for scope in SCOPES if scope in named)


def _uses(method: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda given: given["token_endpoint_auth_method"] == method


_public, _by_key = _uses("none"), _uses("private_key_jwt")


def _keyless(given: Mapping[str, Any]) -> bool:
    return "jwks" not in given and "jwks_uri" not in given


def _departs_from_fapi(given: Mapping[str, Any]) -> bool:
    return any(
        given.get(member) != value for member, value in FAPI_2.items() if member != "id_token_signed_response_alg"
    )


def _has_origin_of_a_redirect(given: Mapping[str, Any]) -> bool:
    return _origin(given["frontchannel_logout_uri"]) in {_origin(uri) for uri in given["redirect_uris"]}


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def _signs_too_weakly_for_fapi(given: Mapping[str, Any]) -> bool:
    members = (
        "token_endpoint_auth_signing_alg",
        "request_object_signing_alg",
        "id_token_signed_response_alg",
        "userinfo_signed_response_alg",
    )
    return any(given[member] not in FAPI_2_ALGORITHMS for member in members if member in given)


_RULES: Final[tuple[Contradiction, ...]] = (
    (
        lambda given: not given["grant_types"] and not given.get("may_introspect"),
        "grant_types",
        "grant_types must not be empty, except for a resource server that only introspects.",
    ),
    (
        lambda given: given["grant_types"] == ["refresh_token"],
        "grant_types",
        "refresh_token needs a grant beside it that gives the first refresh token.",
    ),
    (
        lambda given: len(set(given["grant_types"])) != len(given["grant_types"]),
        "grant_types",
        "grant_types names a grant twice.",
    ),
    (
        lambda given: (REDIRECTING in given["grant_types"]) != (given["response_types"] == ["code"]),
        "response_types",
        'response_types must be ["code"] with authorization_code, and empty without it (RFC 7591 2.1).',
    ),
    (
        lambda given: bool(given["redirect_uris"]) and REDIRECTING not in given["grant_types"],
        "redirect_uris",
        "redirect_uris are of no use without the grant authorization_code.",
    ),
    (
        lambda given: "offline_access" in given["scope"].split(" ") and "refresh_token" not in given["grant_types"],
        "scope",
        "offline_access needs the grant refresh_token (OpenID Connect Core 11).",
    ),
    (
        lambda given: "jwks" in given and "jwks_uri" in given,
        "jwks_uri",
        "jwks and jwks_uri exclude each other (RFC 7591 2).",
    ),
    (
        lambda given: _by_key(given) and _keyless(given),
        "jwks",
        "private_key_jwt needs the client's keys, in jwks or at jwks_uri.",
    ),
    (
        lambda given: not _by_key(given) and "token_endpoint_auth_signing_alg" in given,
        "token_endpoint_auth_signing_alg",
        "token_endpoint_auth_signing_alg belongs to private_key_jwt.",
    ),
    (
        lambda given: _keyless(given) and bool(given.get("require_signed_request_object")),
        "require_signed_request_object",
        "Signed requests need the client's keys, in jwks or at jwks_uri.",
    ),
    (
        lambda given: _keyless(given) and "request_object_signing_alg" in given,
        "request_object_signing_alg",
        "Signed requests need the client's keys, in jwks or at jwks_uri.",
    ),
    (
        lambda given: _public(given) and given["require_pkce"] is False,
        "require_pkce",
        "A public client always uses PKCE (RFC 9700 2.1.1).",
    ),
    (
        lambda given: _public(given) and bool(given.get("may_introspect")),
        "may_introspect",
        "A public client cannot introspect, for it cannot show who it is (RFC 7662 2.1).",
    ),
    (
        lambda given: bool(given.get("backchannel_logout_session_required")) and "backchannel_logout_uri" not in given,
        "backchannel_logout_session_required",
        "backchannel_logout_session_required needs backchannel_logout_uri.",
    ),
    (
        lambda given: (
            bool(given.get("frontchannel_logout_session_required")) and "frontchannel_logout_uri" not in given
        ),
        "frontchannel_logout_session_required",
        "frontchannel_logout_session_required needs frontchannel_logout_uri.",
    ),
    (
        lambda given: "frontchannel_logout_uri" in given and not _has_origin_of_a_redirect(given),
        "frontchannel_logout_uri",
        "frontchannel_logout_uri must have scheme, host and port of a redirect address (Front-Channel Logout 1.0, 2).",
    ),
    (
        lambda given: bool(given.get("fapi_2_profile")) and _departs_from_fapi(given),
        "fapi_2_profile",
        "The FAPI 2.0 profile means private_key_jwt, pushed requests, DPoP and PKCE; another member says otherwise.",
    ),
    (
        lambda given: bool(given.get("fapi_2_profile")) and _signs_too_weakly_for_fapi(given),
        "fapi_2_profile",
        f"The FAPI 2.0 profile allows the algorithms {', '.join(FAPI_2_ALGORITHMS)} alone.",
    ),
    (
        lambda given: bool(given.get("fapi_2_profile")) and DEVICE_CODE in given["grant_types"],
        "grant_types",
        "The FAPI 2.0 profile knows no devices without a browser.",
    ),
)
