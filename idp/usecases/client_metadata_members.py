"""The members of client metadata that we know, each with what its value may be (OpenID Connect Registration 2, RFC 7591 2).

Pure: a value in, what is wrong with it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from idp.outside.client_jose import CLIENT_ALGORITHMS, fault_of_jwks
from idp.outside.jose import ALGORITHMS
from idp.usecases.redirect_addresses import fault_of
from policies.vocabulary import Assurance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

AUTH_METHODS: Final = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
SECRET_METHODS: Final = ("client_secret_basic", "client_secret_post")
DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"
GRANT_TYPES: Final = ("authorization_code", "refresh_token", DEVICE_CODE)
SCOPES: Final = ("openid", "profile", "email", "offline_access")
"""Scopes that we know. A service may write others, which count for nothing (OpenID Connect Core 3.1.2.1)."""
LONGEST_TEXT: Final = 255
LONGEST_SCOPE: Final = 1000
MOST_SECONDS: Final = 2**31 - 1


def _text(value: object) -> str | None:
    fine = isinstance(value, str) and value.strip() and len(value) <= LONGEST_TEXT and value.isprintable()
    return None if fine else f"must be a text of 1 to {LONGEST_TEXT} characters"


def _texts(value: object) -> str | None:
    fine = isinstance(value, list) and all(_text(text) is None for text in value)
    return None if fine else "must be a list of texts"


def _flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _seconds(value: object) -> str | None:
    fine = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_SECONDS
    return None if fine else "must be a whole number of seconds"


def _address(value: object) -> str | None:
    return fault_of(value)


def _https(value: object) -> str | None:
    """Refuse what we could not fetch: only https is taken on our way out."""
    return fault_of(value) or (None if str(value).startswith("https://") else "must be an https address")


def _one_of(*choices: str) -> Callable[[object], str | None]:
    def check(value: object) -> str | None:
        return None if value in choices else f"must be one of: {', '.join(choices)}"

    return check


def _some_of(*choices: str) -> Callable[[object], str | None]:
    def check(value: object) -> str | None:
        fine = isinstance(value, list) and all(isinstance(one, str) and one in choices for one in value)
        return None if fine else f"must be a list of: {', '.join(choices)}"

    return check


def _scope(value: object) -> str | None:
    fine = isinstance(value, str) and len(value) <= LONGEST_SCOPE and "openid" in value.split(" ")
    return None if fine else "must hold openid"


MEMBERS: Final[Mapping[str, Callable[[object], str | None]]] = {
    "client_name#": _text,
    "client_uri#": _address,
    "logo_uri#": _address,
    "policy_uri#": _address,
    "tos_uri#": _address,
    "contacts": _texts,
    "application_type": _one_of("web", "native"),
    "token_endpoint_auth_method": _one_of(*AUTH_METHODS),
    "token_endpoint_auth_signing_alg": _one_of(*CLIENT_ALGORITHMS),
    "jwks": fault_of_jwks,
    "jwks_uri": _https,
    "grant_types": _some_of(*GRANT_TYPES),
    "response_types": _some_of("code"),
    "scope": _scope,
    "subject_type": _one_of("pairwise"),
    "sector_identifier_uri": _https,
    "id_token_signed_response_alg": _one_of(*ALGORITHMS),
    "userinfo_signed_response_alg": _one_of(*ALGORITHMS),
    "request_object_signing_alg": _one_of(*CLIENT_ALGORITHMS),
    "default_max_age": _seconds,
    "require_auth_time": _flag,
    "default_acr_values": _some_of(*(assurance.value for assurance in Assurance)),
    "initiate_login_uri": _address,
    "software_id": _text,
    "software_version": _text,
    # Requests: RFC 9126 6, RFC 9101 10.5, RFC 9449 5.2.
    "require_pushed_authorization_requests": _flag,
    "require_signed_request_object": _flag,
    "dpop_bound_access_tokens": _flag,
    # Logging out: OpenID Connect Back-Channel Logout 2.2, Front-Channel Logout 2.
    "backchannel_logout_uri": _https,
    "backchannel_logout_session_required": _flag,
    "frontchannel_logout_uri": _address,
    "frontchannel_logout_session_required": _flag,
    # Ours: PKCE, the level of a login, the licence (decisions 9 and 12), and what kind of service this is.
    "require_pkce": _flag,
    "least_assurance": _one_of(*(assurance.value for assurance in Assurance)),
    "accepts_adult_as_two": _flag,
    "requires_license": _flag,
    "missing_license_url": _address,
    "access_token_format": _one_of("opaque", "jwt"),
    "fapi_2_profile": _flag,
    "needs_consent": _flag,
    "may_introspect": _flag,
}
"""Member -> what is wrong with its value, or None. A ``#`` says that the member may carry a language (``client_name#da``)."""

REFUSED: Final = frozenset(
    {
        "request_object_encryption_alg",
        "request_object_encryption_enc",
        "tls_client_certificate_bound_access_tokens",
        "authorization_signed_response_alg",
        "introspection_signed_response_alg",
        "request_uris",
    }
)

DEFAULTS: Final[Mapping[str, Any]] = {
    "token_endpoint_auth_method": "client_secret_basic",
    "grant_types": ["authorization_code"],
    "response_types": ["code"],
    "scope": "openid profile email",
    "id_token_signed_response_alg": "RS256",
    "subject_type": "pairwise",
    "application_type": "web",
    "require_pkce": True,
}
"""What is registered where nothing is said. Which claims a scope brings is decided by agreements alone."""
