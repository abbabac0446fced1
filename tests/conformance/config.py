"""The Config plan: what discovery says (OpenID Connect Discovery 1.0, sections 3 and 4; RFC 8414)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tests.conformance.registry import module
from tests.conformance.verdict import expect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conformance.run import Run

_LISTS: Final = (
    "scopes_supported", "response_types_supported", "response_modes_supported", "grant_types_supported",
    "acr_values_supported", "subject_types_supported", "id_token_signing_alg_values_supported",
    "userinfo_signing_alg_values_supported", "request_object_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported", "token_endpoint_auth_signing_alg_values_supported",
    "introspection_endpoint_auth_methods_supported", "introspection_endpoint_auth_signing_alg_values_supported",
    "revocation_endpoint_auth_methods_supported", "revocation_endpoint_auth_signing_alg_values_supported",
    "code_challenge_methods_supported", "dpop_signing_alg_values_supported", "display_values_supported",
    "claim_types_supported", "claims_supported", "claims_locales_supported", "ui_locales_supported",
    "prompt_values_supported",
)  # fmt: skip
_FLAGS: Final = (
    "claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported",
    "require_request_uri_registration", "require_pushed_authorization_requests", "require_signed_request_object",
    "authorization_response_iss_parameter_supported", "backchannel_logout_supported",
    "backchannel_logout_session_supported", "frontchannel_logout_supported", "frontchannel_logout_session_supported",
    "tls_client_certificate_bound_access_tokens",
)  # fmt: skip
_ADDRESSES: Final = (
    "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "registration_endpoint",
    "end_session_endpoint", "introspection_endpoint", "revocation_endpoint", "pushed_authorization_request_endpoint",
    "device_authorization_endpoint", "check_session_iframe", "service_documentation", "op_policy_uri", "op_tos_uri",
)  # fmt: skip
_SCOPE: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
_LOCALE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_PRIVATE: Final = {"d", "p", "q", "dp", "dq", "qi", "k"}


def discovered(run: Run) -> Mapping[str, Any]:
    """Fetch the metadata and look at what every plan looks at."""
    party = run.party()
    response = party.http.get(f"{run.provider.issuer}/.well-known/openid-configuration")
    expect(response.status_code == 200, f"discovery answers {response.status_code}")
    kind = response.headers["Content-Type"].partition(";")[0]
    expect(kind == "application/json", f"discovery is {kind}")
    metadata: dict[str, Any] = response.json()
    expect(metadata.get("issuer") == run.provider.issuer, "issuer is not where discovery was found")
    parts = urlsplit(metadata["issuer"])
    expect(
        parts.scheme == "https" and not parts.query and not parts.fragment, "issuer is no https address without query"
    )
    return metadata


@module("oidcc-discovery-endpoint-verification")
def discovery(run: Run) -> None:
    metadata = discovered(run)
    expect("code" in metadata.get("response_types_supported", ()), "response_types_supported does not list code")
    expect(set(metadata.get("subject_types_supported", ())) & {"pairwise", "public"}, "no subject type")
    expect("RS256" in metadata.get("id_token_signing_alg_values_supported", ()), "RS256 is not among the algorithms")
    expect(
        "authorization_code" in metadata.get("grant_types_supported", ["authorization_code"]), "no authorization_code"
    )
    _are_of_their_types(run, metadata)
    run.warn("claims_supported is missing", unless=metadata.get("claims_supported"))
    scopes = metadata.get("scopes_supported")
    run.warn("scopes_supported is missing", unless=scopes)
    expect("openid" in (scopes or ["openid"]), "scopes_supported does not list openid")
    expect(
        all(_SCOPE.fullmatch(scope) for scope in scopes or ()),
        "a scope has a character that RFC 6749 3.3 does not allow",
    )
    for name in ("ui_locales_supported", "claims_locales_supported"):
        wrong = [locale for locale in metadata.get(name, ()) if not _LOCALE.fullmatch(locale)]
        expect(not wrong, f"{name} has {wrong}")
    keys_are_public(run, metadata)


def _are_of_their_types(run: Run, metadata: Mapping[str, Any]) -> None:
    for name in set(_LISTS) & metadata.keys():
        value = metadata[name]
        texts = isinstance(value, list) and value and all(isinstance(each, str) for each in value)
        expect(texts and len(set(value)) == len(value), f"{name} is {value!r}")
    for name in set(_FLAGS) & metadata.keys():
        expect(isinstance(metadata[name], bool), f"{name} is {metadata[name]!r}")
    needed = {"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"}
    expect(needed <= metadata.keys(), f"missing: {sorted(needed - metadata.keys())}")
    for name, address in metadata.items():
        if name in _ADDRESSES or name.endswith("_endpoint"):
            parts = urlsplit(address)
            expect(parts.scheme == "https" and parts.netloc and not parts.fragment, f"{name} is {address}")
    known = {"issuer", *_LISTS, *_FLAGS, *_ADDRESSES}
    unknown = [name for name in metadata if name not in known]
    run.warn(f"members that no specification names: {', '.join(unknown)}", unless=not unknown)


def keys_are_public(run: Run, metadata: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The JWK Set has keys, each with a kid of its own and nothing private; the keys."""
    response = run.party().http.get(metadata["jwks_uri"])
    expect(response.status_code == 200, f"jwks_uri answers {response.status_code}")
    keys: list[Mapping[str, Any]] = response.json()["keys"]
    expect(keys, "the JWK Set is empty")
    expect(not any(_PRIVATE & key.keys() for key in keys), "the JWK Set holds something private")
    names = [key.get("kid") for key in keys]
    expect(all(names) and len(set(names)) == len(names), "a key has no kid, or two have the same")
    expect(all(key.get("kty") in {"RSA", "EC", "OKP"} for key in keys), "a key is of an unknown type")
    return keys
