"""The Basic plan, third part: codes that come twice, redirect addresses, POST, request objects, ``claims``, refresh, PKCE."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, Final

from tests.conformance.basic_scopes import well_formed
from tests.conformance.party import unsigned
from tests.conformance.registry import Module, module
from tests.conformance.verdict import NotOffered, expect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conformance.party import Party
    from tests.conformance.run import Run
    from tests.conformance.visitor import Page


@module("oidcc-codereuse")
def codereuse(run: Run) -> None:
    _code_twice(run)


@module("oidcc-codereuse-30seconds")
def codereuse_30seconds(run: Run) -> None:
    party, access_token = _code_twice(run, wait=30)
    dead = party.userinfo(access_token).status_code in {400, 401}
    run.warn("the access token of the first use still works", unless=dead)


def _code_twice(run: Run, wait: float = 0) -> tuple[Party, str]:
    party = run.party()
    asked = run.ask(party)
    code = party.code(asked, run.go(party, run.visitor(), asked))
    tokens = party.redeem(asked, code)
    run.wait(wait)
    party.refused(party.post_token(party.redeeming(asked, code)), "invalid_grant")
    return party, tokens.access


@module("oidcc-ensure-registered-redirect-uri")
def registered_redirect_uri(run: Run) -> None:
    party = run.party()
    asked = run.ask(party, redirect_uri=f"{party.redirect_uri}/{secrets.token_hex(8)}")
    run.error_page(run.go(party, run.visitor(), asked))


@module("oidcc-ensure-post-request-succeeds")
def post_request(run: Run) -> None:
    party, visitor = run.party(), run.visitor()
    asked = run.ask(party)
    page = visitor.send_from_elsewhere(party.discovery["authorization_endpoint"], asked.parameters)
    party.redeem(asked, party.code(asked, visitor.arrive(page)))
    # And with a session: the cookie stays behind at the cross-site POST, and the person is not asked again (decision 17).
    again, typed = run.ask(party), visitor.typed
    page = visitor.send_from_elsewhere(party.discovery["authorization_endpoint"], again.parameters)
    party.redeem(again, party.code(again, visitor.arrive(page)))
    expect(visitor.typed == typed, "the person was asked to log in again")


@module("oidcc-server-client-secret-post")
def client_secret_post(run: Run) -> None:
    run.log_in(run.party("post"), run.visitor())


@module("oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported")
def request_uri_unsigned(run: Run) -> None:
    party, path = run.party(), f"/request/{secrets.token_hex(8)}"
    asked = run.ask(party)
    run.inbox.show_text(path, _object(party, asked.parameters), "application/oauth-authz-req+jwt")
    page = _sent(run, party, {**_outside(asked.parameters), "request_uri": f"{run.provider.rp}{path}"})
    if page.sent is not None and page.sent.get("error") == "request_uri_not_supported":
        expect(
            not run.discovery.get("request_uri_parameter_supported", True), "discovery says request_uri is supported"
        )
        raise NotOffered("request_uri is refused with request_uri_not_supported, as discovery says")
    party.redeem(asked, party.code(asked, page))


@module("oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported")
def unsigned_request_object(run: Run) -> None:
    party = run.party()
    asked = run.ask(party)
    _unsigned_is_offered(run)
    page = _sent(run, party, {**_outside(asked.parameters), "request": _object(party, asked.parameters)})
    party.redeem(asked, party.code(asked, page))


@module("oidcc-ensure-request-object-with-redirect-uri")
def request_object_with_redirect_uri(run: Run) -> None:
    """The address in the request object counts, not the one beside it."""
    party = run.party()
    asked = run.ask(party)
    _unsigned_is_offered(run)
    beside = {**_outside(asked.parameters), "redirect_uri": f"{party.redirect_uri}/{secrets.token_hex(4)}"}
    page = _sent(run, party, {**beside, "request": _object(party, asked.parameters)})
    party.redeem(asked, party.code(asked, page))


def _unsigned_is_offered(run: Run) -> None:
    """Skip where discovery does not list ``none``, after a look at how such an object is refused."""
    if "none" in run.discovery.get("request_object_signing_alg_values_supported", ()):
        return
    party = run.party()
    asked = run.ask(party)
    page = _sent(run, party, {**asked.parameters, "request": _object(party, asked.parameters)})
    if run.discovery.get("request_parameter_supported", False):
        run.either(page, lambda: party.error(asked, page, "request_not_supported", "invalid_request_object"))
        raise NotOffered(
            "a request object must be signed: request_object_signing_alg_values_supported does not list none"
        )
    party.error(asked, page, "request_not_supported")
    raise NotOffered("request is refused with request_not_supported, as discovery says")


@module("oidcc-claims-essential")
def claims_essential(run: Run) -> None:
    party = run.party()
    wanted = json.dumps({"userinfo": {"name": {"essential": True}}})
    tokens = run.log_in(party, run.visitor(), claims=wanted)
    claims = party.told(party.userinfo(tokens.access), tokens)
    well_formed(claims)
    run.warn("userinfo has no name", unless="name" in claims)
    run.warn("the ID Token has a name, and only userinfo was asked for it", unless="name" not in tokens.claims)


@module("oidcc-refresh-token")
def refresh_token(run: Run) -> None:
    """Twice with each of two clients; never the one's token by the other."""
    tokens = {}
    for name in ("offline", "offline2"):
        party = run.party(name)
        first = run.log_in(party, run.visitor(), prompt="consent")
        if first.refresh is None:
            expect(
                "refresh_token" not in run.discovery["grant_types_supported"],
                "discovery says refresh_token is supported",
            )
            raise NotOffered("no refresh token comes, and grant_types_supported does not list refresh_token")
        run.warn(
            "grant_types_supported does not list refresh_token",
            unless="refresh_token" in run.discovery["grant_types_supported"],
        )
        tokens[name] = refreshed(party, first.claims, first.refresh)
    other = run.party("offline")
    party_refused = other.refresh(tokens["offline2"])
    other.refused(party_refused, "invalid_grant", "invalid_client")


def refreshed(party: Party, first: Mapping[str, Any], token: str) -> str:
    """Refresh once; the ID Token that may come is of the same login (OpenID Connect Core 12.2). Returns the newest token."""
    expect(
        all(32 <= ord(sign) < 127 for sign in token),
        "the refresh token has characters that RFC 6749 A.17 does not allow",
    )
    response = party.refresh(token)
    expect(response.status_code == 200, f"refreshing answers {response.status_code}: {response.text}")
    answer = response.json()
    if "id_token" in answer:
        _, claims = party.verified(answer["id_token"])
        same = ("iss", "sub", "aud", "auth_time", "azp")
        changed = [name for name in same if claims.get(name) != first.get(name)]
        expect(not changed, f"changed in the refreshed ID Token: {', '.join(changed)}")
        expect(claims["iat"] >= first["iat"], "iat of the refreshed ID Token is not of now")
        expect(claims.get("nonce") in (None, first.get("nonce")), "the refreshed ID Token has another nonce")
    expect(answer.get("access_token"), "no access token comes of refreshing")
    expect(party.userinfo(answer["access_token"]).status_code == 200, "the refreshed access token does not work")
    return str(answer.get("refresh_token", token))


@module("oidcc-ensure-request-with-valid-pkce-succeeds")
def valid_pkce(run: Run) -> None:
    run.log_in(run.party(), run.visitor(), pkce=True)


def _outside(parameters: Mapping[str, str]) -> dict[str, str]:
    """What stands beside a request object: what OAuth 2.0 demands (OpenID Connect Core 6.1)."""
    return {name: parameters[name] for name in ("client_id", "response_type", "scope", "redirect_uri", "state")}


def _object(party: Party, parameters: Mapping[str, str]) -> str:
    return unsigned({"iss": party.client_id, "aud": party.provider.issuer, **parameters})


def _sent(run: Run, party: Party, parameters: Mapping[str, str]) -> Page:
    visitor = run.visitor()
    return visitor.arrive(visitor.open(party.address(parameters)))


LAST: Final[tuple[Module, ...]] = (
    codereuse,
    codereuse_30seconds,
    registered_redirect_uri,
    post_request,
    client_secret_post,
    request_uri_unsigned,
    unsigned_request_object,
    claims_essential,
    request_object_with_redirect_uri,
    refresh_token,
    valid_pkce,
)
