"""The FAPI 2.0 plan, last part: pushed authorization requests (RFC 9126) and PKCE (RFC 7636)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from tests.conformance.fapi2 import PREFIX
from tests.conformance.party import s256
from tests.conformance.registry import Module, module
from tests.conformance.verdict import expect

if TYPE_CHECKING:
    from tests.conformance.run import Run

_NOT_ALLOWED: Final = 405


@module(f"{PREFIX}par-ensure-reused-request-uri-prior-to-auth-completion-succeeds")
def reused_before_the_end(run: Run) -> None:
    """The address is opened, left, and opened again in the same browser; then the person logs in."""
    party, visitor = run.party("fapi"), run.visitor()
    asked = run.ask(party, pkce=True)
    request_uri = run.pushed(party, asked)
    address = party.address({"client_id": party.client_id, "request_uri": request_uri})
    visitor.open(address)
    party.redeem(asked, party.code(asked, visitor.arrive(visitor.open(address))))


@module(f"{PREFIX}par-attempt-reuse-request_uri")
def reused(run: Run) -> None:
    party, visitor = run.party("fapi"), run.visitor()
    asked = run.ask(party, pkce=True)
    request_uri = run.pushed(party, asked)
    party.redeem(asked, party.code(asked, run.through(party, visitor, request_uri, asked)))
    again = run.through(party, visitor, request_uri, asked)
    if again.sent is not None and "code" in again.sent:
        run.warn("a request_uri works twice")
        return
    run.either(again, lambda: party.error(asked, again, "invalid_request_uri"))


@module(f"{PREFIX}par-attempt-to-use-expired-request_uri")
def expired(run: Run) -> None:
    party = run.party("fapi")
    asked = run.ask(party, pkce=True)
    response = run.push(party, asked)
    run.wait(response.json()["expires_in"] + 5)
    page = run.through(party, run.visitor(), response.json()["request_uri"], asked)
    run.either(page, lambda: party.error(asked, page, "invalid_request_uri"))


@module(f"{PREFIX}par-attempt-to-use-request_uri-for-different-client")
def of_another_client(run: Run) -> None:
    party, second = run.party("fapi"), run.party("fapi2")
    asked = run.ask(party, pkce=True)
    address = second.address({"client_id": second.client_id, "request_uri": run.pushed(party, asked)})
    visitor = run.visitor()
    page = visitor.arrive(visitor.open(address))
    wrong = {"invalid_request", "invalid_request_uri", "invalid_client", "invalid_request_object"}
    run.either(page, lambda: expect((page.sent or {}).get("error") in wrong, f"carried back: {page.sent}"))


@module(f"{PREFIX}par-authorization-request-containing-request_uri-form-param")
def pushes_a_request_uri(run: Run) -> None:
    party = run.party("fapi")
    asked = run.ask(party, pkce=True, request_uri=f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(16)}")
    party.refused(run.push(party, asked), "invalid_request", "invalid_request_object")


@module(f"{PREFIX}par-attempt-invalid-http-method")
def by_put(run: Run) -> None:
    party = run.party("fapi")
    asked = run.ask(party, pkce=True)
    form = {**asked.parameters, **party.with_assertion(party.assertion())}
    answered = party.http.put(party.discovery["pushed_authorization_request_endpoint"], data=form).status_code
    expect(answered == _NOT_ALLOWED, f"PUT is answered {answered}")


@module(f"{PREFIX}par-ensure-pkce-required")
def pkce_is_required(run: Run) -> None:
    party = run.party("fapi")
    run.refused_early(party, run.ask(party), "invalid_request")


@module(f"{PREFIX}ensure-pkce-code-verifier-required")
def verifier_is_required(run: Run) -> None:
    party = run.party("fapi")
    asked, code = run.code(party, run.visitor())
    form = party.redeeming(asked, code)
    del form["code_verifier"]
    party.refused(party.post_token(form), "invalid_grant", "invalid_request")


@module(f"{PREFIX}incorrect-pkce-code-verifier-rejected")
def wrong_verifier(run: Run) -> None:
    party = run.party("fapi")
    asked, code = run.code(party, run.visitor())
    form = {**party.redeeming(asked, code), "code_verifier": secrets.token_urlsafe(48)}
    party.refused(party.post_token(form), "invalid_grant")


@module(f"{PREFIX}par-plain-pkce-rejected")
def plain_pkce(run: Run) -> None:
    party, verifier = run.party("fapi"), secrets.token_urlsafe(48)
    asked = run.ask(party, code_challenge=verifier, code_challenge_method="plain")
    run.refused_early(party, asked, "invalid_request")
    left_out = run.ask(party, code_challenge=s256(verifier))  # without a method it means plain (RFC 7636 4.3)
    run.refused_early(party, left_out, "invalid_request")


@module(f"{PREFIX}par-without-duplicate-parameters")
def without_duplicates(run: Run) -> None:
    party, visitor = run.party("fapi"), run.visitor()
    asked = run.ask(party, pkce=True)
    address = party.address({"client_id": party.client_id, "request_uri": run.pushed(party, asked)})
    party.redeem(asked, party.code(asked, visitor.arrive(visitor.open(address))))


PUSHED: Final[tuple[Module, ...]] = (
    reused_before_the_end,
    reused,
    expired,
    of_another_client,
    pushes_a_request_uri,
    by_put,
    pkce_is_required,
    verifier_is_required,
    wrong_verifier,
    plain_pkce,
    without_duplicates,
)
