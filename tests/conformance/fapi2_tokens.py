"""The FAPI 2.0 plan, third part: what stands inside and outside the pushed request, and the token endpoint."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from tests.conformance.basic_requests import refreshed
from tests.conformance.fapi2 import PREFIX
from tests.conformance.registry import Module, module
from tests.conformance.verdict import NotOffered, expect

if TYPE_CHECKING:
    from tests.conformance.party import Asked, Party
    from tests.conformance.run import Run
    from tests.conformance.visitor import Page

_OK: Final = 200
_LONG: Final = 384


@module(f"{PREFIX}ensure-different-nonce-inside-and-outside-request-object")
def another_nonce_outside(run: Run) -> None:
    _beside(run, nonce=secrets.token_urlsafe(8))


@module(f"{PREFIX}ensure-different-state-inside-and-outside-request-object")
def another_state_outside(run: Run) -> None:
    _beside(run, state=secrets.token_urlsafe(8))


@module(f"{PREFIX}ensure-authorization-request-with-long-nonce")
def long_nonce(run: Run) -> None:
    _whole_or_refused(run, nonce=secrets.token_hex(_LONG // 2))


@module(f"{PREFIX}ensure-authorization-request-with-long-state")
def long_state(run: Run) -> None:
    _whole_or_refused(run, state=secrets.token_hex(_LONG // 2))


@module(f"{PREFIX}state-only-outside-request-object-not-used")
def state_only_outside(run: Run) -> None:
    party = run.party("fapi")
    asked = run.ask(party, pkce=True, state=None)
    page = run.go_pushed(party, run.visitor(), asked, state=secrets.token_urlsafe(8))
    _what_was_pushed_counts(run, party, asked, page)


def _beside(run: Run, **beside: str) -> None:
    party = run.party("fapi")
    asked = run.ask(party, pkce=True)
    _what_was_pushed_counts(run, party, asked, run.go_pushed(party, run.visitor(), asked, **beside))


def _what_was_pushed_counts(run: Run, party: Party, asked: Asked, page: Page) -> None:
    """What stands in the address has no say: the pushed values come back, or an error."""
    if page.sent is None:
        run.error_page(page)
    elif "error" in page.sent:
        expect(page.sent["error"] in {"invalid_request", "invalid_request_object", "access_denied"}, page.sent["error"])
    else:
        party.redeem(asked, party.code(asked, page))


def _whole_or_refused(run: Run, **long: str) -> None:
    party = run.party("fapi")
    asked = run.ask(party, pkce=True, **long)
    response = run.push(party, asked)
    if response.status_code >= 400:
        party.refused(response, "invalid_request")
        return
    page = run.through(party, run.visitor(), response.json()["request_uri"], asked)
    if page.sent is not None and "error" in page.sent:
        party.error(asked, page, "invalid_request")
    elif page.sent is None:
        run.error_page(page)
    else:
        party.redeem(asked, party.code(asked, page))


@module(f"{PREFIX}ensure-request-object-without-redirect-uri-fails")
def redirect_uri_only_outside(run: Run) -> None:
    party = run.party("fapi")
    asked = run.ask(party, pkce=True, redirect_uri=None)
    run.refused_early(party, asked, "invalid_request", redirect_uri=party.redirect_uri)


@module(f"{PREFIX}plain-fapi-tolerate-unregistered-redirect-uri")
def unregistered_redirect_uri(run: Run) -> None:
    party = run.party("fapi")
    asked = run.ask(party, pkce=True, redirect_uri=f"{party.redirect_uri}/{secrets.token_hex(8)}")
    response = run.push(party, asked)
    if response.status_code >= 400:
        party.refused(response, "invalid_request", "invalid_redirect_uri", "invalid_request_object")
        return
    page = run.through(party, run.visitor(), response.json()["request_uri"], asked)
    run.either(page, lambda: party.code(asked, page))


@module(f"{PREFIX}ensure-unsigned-authorization-request-without-using-par-fails")
def without_par(run: Run) -> None:
    party = run.party("fapi")
    asked = run.ask(party, pkce=True)
    page = run.go(party, run.visitor(), asked)
    run.either(
        page, lambda: party.error(asked, page, "invalid_request", "invalid_request_object", "unauthorized_client")
    )


@module(f"{PREFIX}ensure-redirect-uri-in-authorization-request")
def redirect_uri_is_needed(run: Run) -> None:
    party = run.party("fapi")
    run.refused_early(party, run.ask(party, pkce=True, redirect_uri=None), "invalid_request")


@module(f"{PREFIX}ensure-response-type-code-idtoken-fails")
def response_type_code_id_token(run: Run) -> None:
    _response_type(run, "code id_token")


@module(f"{PREFIX}ensure-response-type-token-fails")
def response_type_token(run: Run) -> None:
    _response_type(run, "token")


def _response_type(run: Run, wanted: str) -> None:
    party = run.party("fapi")
    asked = run.ask(party, pkce=True, response_type=wanted)
    run.refused_early(party, asked, "unsupported_response_type", "invalid_request", "unauthorized_client")


@module(f"{PREFIX}ensure-client-id-in-token-endpoint")
def another_client_id(run: Run) -> None:
    """The second client's name in everything, under the first client's signature."""
    party, second = run.party("fapi"), run.party("fapi2")
    asked, code = run.code(party, run.visitor())
    forged = second.assertion(key=party.key)
    form = {**party.redeeming(asked, code), "client_id": second.client_id, **second.with_assertion(forged)}
    party.refused(party.post_token(form), "invalid_client", "invalid_grant")


@module(f"{PREFIX}ensure-holder-of-key-required")
def without_a_proof(run: Run) -> None:
    party = run.party("fapi")
    asked, code = run.code(party, run.visitor())
    bare = party.post(party.discovery["token_endpoint"], party.redeeming(asked, code))
    party.refused(bare, "invalid_request", "invalid_grant", "invalid_dpop_proof")


@module(f"{PREFIX}ensure-authorization-code-is-bound-to-client")
def code_of_another_client(run: Run) -> None:
    party, second = run.party("fapi"), run.party("fapi2")
    asked, code = run.code(party, run.visitor())
    second.refused(
        second.post_token(party.redeeming(asked, code)), "invalid_grant", "invalid_client", "invalid_request"
    )


@module(f"{PREFIX}attempt-reuse-authorization-code-after-one-second")
def code_twice(run: Run) -> None:
    party = run.party("fapi")
    asked, code = run.code(party, run.visitor())
    tokens = party.redeem(asked, code)
    run.wait(1)
    party.refused(party.post_token(party.redeeming(asked, code)), "invalid_grant")
    dead = party.userinfo(tokens.access).status_code in {400, 401}
    run.warn("the access token of the first use still works", unless=dead)


@module(f"{PREFIX}ensure-token-endpoint-fails-with-expired-auth-code")
def expired_code(run: Run) -> None:
    party = run.party("fapi")
    asked, code = run.code(party, run.visitor())
    run.wait(62)
    party.refused(party.post_token(party.redeeming(asked, code)), "invalid_grant")


@module(f"{PREFIX}refresh-token")
def refresh_token(run: Run) -> None:
    """Bound to client and key; and the one before still works, for an answer may be lost (FAPI 2.0 SP 5.3.2.1)."""
    tokens = {}
    for name in ("fapi", "fapi2"):
        party = run.party(name)
        first = run.fapi(party, run.visitor(), scope="openid offline_access", prompt="consent")
        if first.refresh is None:
            expect(
                "refresh_token" not in run.discovery["grant_types_supported"],
                "discovery says refresh_token is supported",
            )
            raise NotOffered("no refresh token comes, and grant_types_supported does not list refresh_token")
        newest = refreshed(party, first.claims, first.refresh)
        if newest != first.refresh:
            run.wait(30)
            newest = refreshed(party, first.claims, first.refresh)
        form = {"grant_type": "refresh_token", "refresh_token": newest}
        bare = party.post(party.discovery["token_endpoint"], form)
        party.refused(bare, "invalid_request", "invalid_grant", "invalid_dpop_proof")
        tokens[name] = newest
    party = run.party("fapi")
    party.refused(party.refresh(tokens["fapi2"]), "invalid_grant", "invalid_client")


TOKENS: Final[tuple[Module, ...]] = (
    another_nonce_outside,
    another_state_outside,
    long_nonce,
    long_state,
    state_only_outside,
    redirect_uri_only_outside,
    unregistered_redirect_uri,
    without_par,
    redirect_uri_is_needed,
    response_type_code_id_token,
    response_type_token,
    another_client_id,
    without_a_proof,
    code_of_another_client,
    code_twice,
    expired_code,
    refresh_token,
)
