"""The Dynamic plan (OpenID Connect Dynamic Client Registration 1.0, RFC 7591): clients that register themselves."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from tests.conformance.basic import idtoken_unsigned, server
from tests.conformance.basic_requests import (
    refresh_token,
    refreshed,
    request_object_with_redirect_uri,
    request_uri_unsigned,
)
from tests.conformance.clients import key_of, public
from tests.conformance.config import discovered, keys_are_public
from tests.conformance.registry import Module, module
from tests.conformance.verdict import NotOffered, expect

if TYPE_CHECKING:
    import httpx

    from tests.conformance.run import Run

_FOUND: Final = 200
_REFUSED: Final = 400
_PUBLISHED_SECONDS: Final = 3600
"""So long the next keys must have been published before they sign."""
_CACHED_SECONDS: Final = 60
"""So long the suite waits for keys that a server keeps."""


@module("oidcc-idtoken-rs256")
def idtoken_rs256(run: Run) -> None:
    tokens = run.log_in(run.registered(id_token_signed_response_alg="RS256"), run.visitor())
    expect(tokens.header["alg"] == "RS256", f"alg is {tokens.header['alg']}")


@module("oidcc-userinfo-rs256")
def userinfo_rs256(run: Run) -> None:
    party = run.registered(userinfo_signed_response_alg="RS256")
    tokens = run.log_in(party, run.visitor())
    response = party.userinfo(tokens.access)
    expect(response.status_code == _FOUND, f"userinfo answers {response.status_code}: {response.text}")
    expect(response.headers["Content-Type"].partition(";")[0] == "application/jwt", "userinfo is no application/jwt")
    header, claims = party.verified(response.text)
    expect(header["alg"] == "RS256", f"alg is {header['alg']}")
    expect(claims.get("sub") == tokens.claims["sub"], "sub is another than in the ID Token")
    expect(claims.get("iss") == run.provider.issuer, "iss is not the issuer")
    expect(claims.get("aud") in (party.client_id, [party.client_id]), f"aud is {claims.get('aud')}")


@module("oidcc-ensure-redirect-uri-in-authorization-request")
def redirect_uri_is_needed(run: Run) -> None:
    party = run.party()
    run.error_page(run.go(party, run.visitor(), run.ask(party, redirect_uri=None)))


@module("oidcc-redirect-uri-query-OK")
def query_ok(run: Run) -> None:
    party = _with_query(run)
    asked = run.ask(party)
    page = run.go(party, run.visitor(), asked)
    expect((page.sent or {}).get("foo") == "bar", f"the query of the redirect address is gone: {page.address}")
    party.redeem(asked, party.code(asked, page))


@module("oidcc-redirect-uri-query-mismatch")
def query_mismatch(run: Run) -> None:
    party = _with_query(run)
    run.error_page(run.go(party, run.visitor(), run.ask(party, redirect_uri=f"{run.provider.rp}/callback?bar=foo")))


@module("oidcc-redirect-uri-query-added")
def query_added(run: Run) -> None:
    party = run.party()
    run.error_page(run.go(party, run.visitor(), run.ask(party, redirect_uri=f"{party.redirect_uri}?foo=bar")))


def _with_query(run: Run) -> Any:  # noqa: ANN401
    return run.registered("/callback?foo=bar")


@module("oidcc-redirect-uri-regfrag")
def redirect_uri_with_fragment(run: Run) -> None:
    response = run.register("/callback#foobar")
    _is_refused(response, "invalid_redirect_uri", "invalid_client_metadata")


@module("oidcc-discovery-endpoint-verification")
def dynamic_discovery(run: Run) -> None:
    metadata = discovered(run)
    expect(str(metadata.get("registration_endpoint", "")).startswith("https://"), "registration_endpoint is missing")
    wanted = {"code", "id_token", "id_token token"}
    if not wanted <= set(metadata["response_types_supported"]):
        raise NotOffered(
            "in this plan it demands the implicit response types, which are left out on purpose (RFC 9700 2.1.2)"
        )


@module("oidcc-registration-logo-uri")
def logo_uri(run: Run) -> None:
    _shown_to_the_person(run, "logo_uri", "logo.png")


@module("oidcc-registration-policy-uri")
def policy_uri(run: Run) -> None:
    _shown_to_the_person(run, "policy_uri", "policy.html")


@module("oidcc-registration-tos-uri")
def tos_uri(run: Run) -> None:
    _shown_to_the_person(run, "tos_uri", "terms.html")


def _shown_to_the_person(run: Run, member: str, file: str) -> None:
    """Registered, and best shown on the login page; the suite asks for a picture of it."""
    address = f"{run.provider.rp}/{file}"
    party = run.registered(**{member: address})
    expect(party.metadata.get(member) == address, f"{member} is not in the answer")
    visitor = run.visitor()
    asked = run.ask(party)
    page = visitor.open(party.address(asked.parameters))
    why = "it loads nothing from elsewhere, and leads nowhere else"
    run.warn(f"the login page does not show {member}: {why}", unless=address in page.body)
    party.redeem(asked, party.code(asked, visitor.arrive(page)))


@module("oidcc-registration-jwks-uri")
def jwks_uri(run: Run) -> None:
    path = f"/jwks/{secrets.token_hex(8)}"
    run.inbox.show(path, {"keys": [public(key_of("rsa"))]})
    run.log_in(run.registered(jwks=None, jwks_uri=f"{run.provider.rp}{path}"), run.visitor())


@module("oidcc-registration-sector-uri")
def sector_uri(run: Run) -> None:
    path = f"/sector/{secrets.token_hex(8)}.json"
    run.inbox.show(path, [f"{run.provider.rp}/callback"])
    run.log_in(run.registered(subject_type="pairwise", sector_identifier_uri=f"{run.provider.rp}{path}"), run.visitor())


@module("oidcc-registration-sector-bad")
def sector_bad(run: Run) -> None:
    path = f"/sector/{secrets.token_hex(8)}.json"
    run.inbox.show(path, [f"{run.provider.rp}/another"])
    sector = f"{run.provider.rp}{path}"
    response = run.register("/callback", subject_type="pairwise", sector_identifier_uri=sector)
    _is_refused(response, "invalid_client_metadata")


def _is_refused(response: httpx.Response, *errors: str) -> None:
    expect(response.status_code == _REFUSED, f"registration answers {response.status_code}: {response.text}")
    expect(response.headers["Content-Type"].partition(";")[0] == "application/json", "the refusal is not JSON")
    expect(response.json().get("error") in errors, f"error is {response.json().get('error')}")


@module("oidcc-server-rotate-keys")
def server_rotate_keys(run: Run) -> None:
    before = keys_are_public(run, run.discovery)
    run.wait(_PUBLISHED_SECONDS)
    run.provider.command("keys", "rotate")
    # The process that signs notices at once; one that only publishes looks every few seconds.
    used = run.log_in(run.party(), run.visitor()).header["kid"]
    after = keys_are_public(run, run.discovery)
    expect({key["kid"] for key in after} - {key["kid"] for key in before}, "no new key after rotating")
    expect(used in {key["kid"] for key in before}, "a key signs that nobody could have known before it was used")
    run.warn("the keys from before are gone", unless={key["kid"] for key in before} & {key["kid"] for key in after})


@module("oidcc-refresh-token-rp-key-rotation")
def refresh_token_rp_key_rotation(run: Run) -> None:
    path = f"/jwks/{secrets.token_hex(8)}"
    run.inbox.show(path, {"keys": [public(key_of("before"))]})
    party = run.registered(jwks=None, jwks_uri=f"{run.provider.rp}{path}", scope="openid offline_access", alg="ES256")
    party.key = key_of("before")
    first = run.log_in(party, run.visitor(), scope="openid offline_access", prompt="consent")
    if first.refresh is None:
        raise NotOffered("no refresh token comes")
    run.inbox.show(path, {"keys": [public(key_of("after"))]})
    party.key = key_of("after")
    run.wait(_CACHED_SECONDS)
    refreshed(party, first.claims, first.refresh)


@module("oidcc-request-uri-unsigned")
def request_uri_unsigned_dynamic(run: Run) -> None:
    _by_reference(run)


@module("oidcc-request-uri-signed-rs256")
def request_uri_signed(run: Run) -> None:
    _by_reference(run)


def _by_reference(run: Run) -> None:
    if request_uri_unsigned.port is not None:
        request_uri_unsigned.port(run)


@module("oidcc-ensure-client-assertion-with-iss-aud-succeeds")
def assertion_for_the_issuer(run: Run) -> None:
    """Both audiences of RFC 7523 3: the issuer, which every flow here uses, and the token endpoint."""
    party = run.party()
    run.log_in(party, run.visitor())
    asked = run.ask(party)
    code = party.code(asked, run.go(party, run.visitor(), asked))
    for_endpoint = party.assertion(aud=party.discovery["token_endpoint"])
    form = {**party.redeeming(asked, code), **party.with_assertion(for_endpoint)}
    party.tokens(party.post_token(form), nonce=asked.parameters["nonce"])


DYNAMIC: Final[tuple[Module, ...]] = (
    idtoken_rs256,
    idtoken_unsigned,
    userinfo_rs256,
    redirect_uri_is_needed,
    query_ok,
    query_mismatch,
    query_added,
    redirect_uri_with_fragment,
    dynamic_discovery,
    server,
    logo_uri,
    policy_uri,
    tos_uri,
    jwks_uri,
    sector_uri,
    sector_bad,
    server_rotate_keys,
    refresh_token_rp_key_rotation,
    request_uri_unsigned_dynamic,
    request_uri_signed,
    request_object_with_redirect_uri,
    refresh_token,
    assertion_for_the_issuer,
)
