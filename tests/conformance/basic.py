"""The Basic plan (``oidcc-basic-certification-test-plan``), first part: tokens, UserInfo and how a person is logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.conformance.registry import Module, module
from tests.conformance.verdict import NotOffered, expect

if TYPE_CHECKING:
    from tests.conformance.run import Run

NEEDS_A_PAGE: Final = ("login_required", "interaction_required", "consent_required", "account_selection_required")
"""Errors that say a page would be needed (OpenID Connect Core 3.1.2.6)."""


@module("oidcc-server")
def server(run: Run) -> None:
    run.log_in(run.party(), run.visitor())


@module("oidcc-response-type-missing")
def response_type_missing(run: Run) -> None:
    party = run.party()
    asked = run.ask(party, response_type=None)
    page = run.go(party, run.visitor(), asked)
    run.either(page, lambda: party.error(asked, page, "invalid_request", "unsupported_response_type"))


@module("oidcc-idtoken-signature")
def idtoken_signature(run: Run) -> None:
    party = run.party()
    tokens = run.log_in(party, run.visitor())
    expect(tokens.header["alg"] == "RS256", f"alg is {tokens.header['alg']}, and the client did not ask for another")
    named = [key for key in party.keys().keys if key.kid == tokens.header["kid"]]
    expect(len(named) == 1, "the JWK Set does not have exactly one key of that kid")


@module("oidcc-idtoken-unsigned")
def idtoken_unsigned(run: Run) -> None:
    if "none" not in run.discovery["id_token_signing_alg_values_supported"]:
        raise NotOffered("every ID Token is signed: id_token_signing_alg_values_supported does not list none")
    tokens = run.log_in(run.party("unsigned"), run.visitor())
    expect(tokens.header["alg"] == "none", "the ID Token is signed")


@module("oidcc-userinfo-get")
def userinfo_get(run: Run) -> None:
    party = run.party()
    tokens = run.log_in(party, run.visitor())
    party.told(party.userinfo(tokens.access), tokens)


@module("oidcc-userinfo-post-header")
def userinfo_post_header(run: Run) -> None:
    party = run.party()
    tokens = run.log_in(party, run.visitor())
    address, headers = party.discovery["userinfo_endpoint"], {"Authorization": f"Bearer {tokens.access}"}
    party.told(party.http.post(address, headers=headers), tokens)


@module("oidcc-userinfo-post-body")
def userinfo_post_body(run: Run) -> None:
    party = run.party()
    tokens = run.log_in(party, run.visitor())
    party.told(party.http.post(party.discovery["userinfo_endpoint"], data={"access_token": tokens.access}), tokens)


@module("oidcc-ensure-request-without-nonce-succeeds-for-code-flow")
def without_nonce(run: Run) -> None:
    tokens = run.log_in(run.party(), run.visitor(), nonce=None)
    expect("nonce" not in tokens.claims, "the ID Token has a nonce that nobody sent")


@module("oidcc-display-page")
def display_page(run: Run) -> None:
    run.log_in(run.party(), run.visitor(), display="page")


@module("oidcc-display-popup")
def display_popup(run: Run) -> None:
    run.log_in(run.party(), run.visitor(), display="popup")


@module("oidcc-prompt-login")
def prompt_login(run: Run) -> None:
    party, visitor = run.party(), run.visitor()
    first = run.log_in(party, visitor)
    run.wait(2)  # auth_time counts seconds
    second = run.again(party, visitor, logs_in=True, prompt="login")
    same = first.claims.get("auth_time") == second.claims.get("auth_time")
    expect(not same or "auth_time" not in first.claims, "auth_time did not change")
    expect(first.claims["sub"] == second.claims["sub"], "sub changed")


@module("oidcc-prompt-none-not-logged-in")
def prompt_none_not_logged_in(run: Run) -> None:
    party = run.party()
    asked = run.ask(party, prompt="none")
    party.error(asked, run.go(party, run.visitor(), asked), *NEEDS_A_PAGE)


@module("oidcc-prompt-none-logged-in")
def prompt_none_logged_in(run: Run) -> None:
    _same_login(run, prompt="none")


@module("oidcc-max-age-1")
def max_age_1(run: Run) -> None:
    party, visitor = run.party(), run.visitor()
    first = run.log_in(party, visitor)
    run.wait(2)
    second = run.again(party, visitor, logs_in=True, max_age="1")
    expect("auth_time" in second.claims, "auth_time is missing, and max_age was asked for")
    expect(second.claims["auth_time"] > first.claims.get("auth_time", 0), "auth_time of the second login is not later")
    expect(party.now - second.claims["auth_time"] < 60, "auth_time is not of this minute")


@module("oidcc-max-age-10000")
def max_age_10000(run: Run) -> None:
    _, second = _same_login(run, max_age="10000")
    expect("auth_time" in second, "auth_time is missing, and max_age was asked for")


@module("oidcc-ensure-request-with-unknown-parameter-succeeds")
def unknown_parameter(run: Run) -> None:
    run.log_in(run.party(), run.visitor(), extra="foobar")


@module("oidcc-id-token-hint")
def id_token_hint(run: Run) -> None:
    party, visitor = run.party(), run.visitor()
    first = run.log_in(party, visitor)
    second = run.again(party, visitor, logs_in=False, prompt="none", id_token_hint=first.id_token)
    _are_of_one_login(first.claims, second.claims)


@module("oidcc-login-hint")
def login_hint(run: Run) -> None:
    run.log_in(run.party(), run.visitor(), login_hint="buffy@example.com")
    visitor = run.visitor()
    run.log_in(run.party(), visitor, login_hint=visitor.someone.username)


@module("oidcc-ui-locales")
def ui_locales(run: Run) -> None:
    run.log_in(run.party(), run.visitor(), ui_locales="se")


@module("oidcc-claims-locales")
def claims_locales(run: Run) -> None:
    run.log_in(run.party(), run.visitor(), claims_locales="se")


@module("oidcc-ensure-request-with-acr-values-succeeds")
def acr_values(run: Run) -> None:
    wanted = run.discovery.get("acr_values_supported", ["1", "2"])
    tokens = run.log_in(run.party(), run.visitor(), acr_values=" ".join(wanted))
    acr = tokens.claims.get("acr")
    run.warn(f"acr is {acr}, and {' '.join(wanted)} was asked for", unless=acr in wanted)


def _same_login(run: Run, **changes: str) -> tuple[object, dict[str, object]]:
    party, visitor = run.party(), run.visitor()
    first = run.log_in(party, visitor)
    second = run.again(party, visitor, logs_in=False, **changes)
    _are_of_one_login(first.claims, second.claims)
    return first.claims, dict(second.claims)


def _are_of_one_login(first: object, second: object) -> None:
    one, other = dict(first), dict(second)  # type: ignore[call-overload]
    expect(one["sub"] == other["sub"], "sub changed")
    expect(one.get("auth_time") == other.get("auth_time"), "auth_time changed, and nobody logged in")


FIRST: Final[tuple[Module, ...]] = (
    server,
    response_type_missing,
    idtoken_signature,
    idtoken_unsigned,
    userinfo_get,
    userinfo_post_header,
    userinfo_post_body,
    without_nonce,
)
LOGINS: Final[tuple[Module, ...]] = (
    display_page,
    display_popup,
    prompt_login,
    prompt_none_not_logged_in,
    prompt_none_logged_in,
    max_age_1,
    max_age_10000,
    unknown_parameter,
    id_token_hint,
    login_hint,
    ui_locales,
    claims_locales,
    acr_values,
)
