"""The FAPI 2.0 Security Profile plan, first part: discovery, and what a well-behaved client does."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Final

from tests.conformance.basic_scopes import well_formed
from tests.conformance.config import discovered
from tests.conformance.registry import Module, module
from tests.conformance.verdict import expect

if TYPE_CHECKING:
    from tests.conformance.party import Tokens
    from tests.conformance.run import Run

PREFIX: Final = "fapi2-security-profile-final-"
_STRONG: Final = {"PS256", "ES256", "EdDSA", "Ed25519"}
"""The algorithms of FAPI 2.0 Security Profile 5.4.1."""
_TOKEN_CLAIMS: Final = {
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "jti",
    "sid",
}


@module(f"{PREFIX}discovery-end-point-verification")
def discovery(run: Run) -> None:
    metadata = discovered(run)
    for name in (
        "dpop_signing_alg_values_supported",
        "id_token_signing_alg_values_supported",
        "token_endpoint_auth_signing_alg_values_supported",
    ):
        expect(_STRONG & set(metadata.get(name, ())), f"{name} is {metadata.get(name)}")
    expect("private_key_jwt" in metadata["token_endpoint_auth_methods_supported"], "private_key_jwt is missing")
    expect("S256" in metadata.get("code_challenge_methods_supported", ()), "S256 is missing")
    address = metadata.get("pushed_authorization_request_endpoint", "")
    expect(address.startswith("https://"), "pushed_authorization_request_endpoint is missing")
    expect(metadata.get("authorization_response_iss_parameter_supported") is True, "answers are not said to have iss")


@module(f"{PREFIX}happy-flow")
def happy_flow(run: Run) -> None:
    """Both clients; the second's redirect address has a query. No client uses the other's access token."""
    first = _with_both(run)
    other = run.party("fapi2")
    refused = other.userinfo(first.access).status_code
    expect(refused in {400, 401}, f"the second client's key opens userinfo with the first one's token: {refused}")


def _with_both(run: Run) -> Tokens:
    party, second = run.party("fapi"), run.party("fapi2")
    tokens = run.fapi(party, run.visitor())
    party.told(party.userinfo(tokens.access), tokens)
    others = run.fapi(second, run.visitor(1))
    second.told(second.userinfo(others.access), others)
    return tokens


@module(f"{PREFIX}user-rejects-authentication")
def user_rejects(run: Run) -> None:
    party = run.party("fapi-asks")
    asked = run.ask(party, pkce=True, state=secrets.token_urlsafe(96))
    page = run.go_pushed(party, run.visitor(refuses=True), asked)
    party.error(asked, page, "access_denied")


@module(f"{PREFIX}ensure-authorization-request-without-state-success")
def without_state(run: Run) -> None:
    run.fapi(run.party("fapi"), run.visitor(), state=None)


@module(f"{PREFIX}ensure-authorization-request-without-nonce-success")
def without_nonce(run: Run) -> None:
    tokens = run.fapi(run.party("fapi"), run.visitor(), nonce=None)
    expect("nonce" not in tokens.claims, "the ID Token has a nonce that nobody sent")


@module(f"{PREFIX}ensure-authorization-request-with-64-char-nonce-success")
def nonce_of_64(run: Run) -> None:
    run.fapi(run.party("fapi"), run.visitor(), nonce=secrets.token_urlsafe(48))


@module(f"{PREFIX}ensure-other-scope-order-succeeds")
def other_scope_order(run: Run) -> None:
    party = run.party("fapi")
    offered = [scope for scope in ("offline_access", "email", "profile") if scope in run.discovery["scopes_supported"]]
    run.fapi(party, run.visitor(), scope=" ".join((*offered, "openid")))


@module(f"{PREFIX}test-claims-parameter-identity-claims")
def claims_parameter(run: Run) -> None:
    """Every claim of ``claims_supported``, asked for in userinfo; what comes is well formed."""
    party = run.party("fapi")
    wanted = [name for name in run.discovery["claims_supported"] if name not in _TOKEN_CLAIMS]
    tokens = run.fapi(party, run.visitor(), claims=json.dumps({"userinfo": dict.fromkeys(wanted)}))
    claims = party.told(party.userinfo(tokens.access), tokens)
    well_formed(claims)
    missing = sorted({"name", "given_name", "family_name"} & set(wanted) - claims.keys())
    run.warn(f"userinfo has no {', '.join(missing)}", unless=not missing)


@module(f"{PREFIX}access-token-type-header-case-sensitivity")
def token_type_in_any_case(run: Run) -> None:
    party = run.party("fapi")
    tokens = run.fapi(party, run.visitor())
    for scheme in ("dpop", "DPOP"):
        party.told(party.userinfo(tokens.access, scheme=scheme), tokens)


WELL_BEHAVED: Final[tuple[Module, ...]] = (
    discovery,
    happy_flow,
    user_rejects,
    without_state,
    without_nonce,
    nonce_of_64,
    other_scope_order,
    claims_parameter,
    token_type_in_any_case,
)
