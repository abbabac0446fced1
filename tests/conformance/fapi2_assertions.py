"""The FAPI 2.0 plan, fourth part: client assertions with one thing wrong (RFC 7523 3; FAPI 2.0 Security Profile 5.3.2.1)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from tests.conformance.clients import key_of
from tests.conformance.fapi2 import PREFIX
from tests.conformance.party import unsigned
from tests.conformance.registry import Module, module
from tests.conformance.verdict import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conformance.party import Party
    from tests.conformance.run import Run

    Shown = Callable[[Party, str], dict[str, str]]

_CREATED: Final = 201


@module(f"{PREFIX}ensure-signed-client-assertion-with-RS256-fails")
def signed_with_rs256(run: Run) -> None:
    party = run.party("fapi")
    _refused_at_token(run, party.assertion(algorithm="RS256", key=key_of("rsa")))


@module(f"{PREFIX}ensure-client-assertion-in-token-endpoint")
def no_assertion(run: Run) -> None:
    party = run.party("fapi")
    asked, code = run.code(party, run.visitor())
    form = {**party.redeeming(asked, code), "client_id": party.client_id}
    party.refused(party.post_token(form, authenticate=False), "invalid_client", "invalid_request")


@module(f"{PREFIX}ensure-client-assertion-with-exp-is-5-minutes-in-past-fails")
def expired(run: Run) -> None:
    party = run.party("fapi")
    _refused_at_token(run, party.assertion(iat=party.now - 360, exp=party.now - 300))


@module(f"{PREFIX}ensure-client-assertion-with-wrong-aud-fails")
def wrong_audience(run: Run) -> None:
    _refused_at_token(run, run.party("fapi").assertion(aud="https://example.com/"))


@module(f"{PREFIX}ensure-client-assertion-with-no-sub-fails")
def no_subject(run: Run) -> None:
    _refused_at_token(run, run.party("fapi").assertion(sub=None))


def _refused_at_token(run: Run, assertion: str) -> None:
    party = run.party("fapi")
    asked, code = run.code(party, run.visitor())
    form = {**party.redeeming(asked, code), **party.with_assertion(assertion)}
    party.refused(party.post_token(form), "invalid_client")


@module(f"{PREFIX}par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted")
def a_little_early(run: Run) -> None:
    party = run.party("fapi")
    response = _pushed_with(run, iat=party.now + 8, nbf=party.now + 8)
    expect(
        response.status_code == _CREATED, f"eight seconds early, and answered {response.status_code}: {response.text}"
    )


@module(f"{PREFIX}par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails")
def much_too_early(run: Run) -> None:
    party = run.party("fapi")
    response = _pushed_with(run, iat=party.now + 65, nbf=party.now + 65, exp=party.now + 120)
    party.refused(response, "invalid_client")


@module(f"{PREFIX}par-test-array-as-audience-fails")
def audience_in_a_list(run: Run) -> None:
    party = run.party("fapi")
    party.refused(_pushed_with(run, aud=[run.provider.issuer, party.discovery["token_endpoint"]]), "invalid_client")


@module(f"{PREFIX}par-test-par-endpoint-url-as-audience-fails")
def par_endpoint_as_audience(run: Run) -> None:
    party = run.party("fapi")
    party.refused(_pushed_with(run, aud=party.discovery["pushed_authorization_request_endpoint"]), "invalid_client")


@module(f"{PREFIX}par-test-token-endpoint-url-as-audience-fails")
def token_endpoint_as_audience(run: Run) -> None:
    party = run.party("fapi")
    party.refused(_pushed_with(run, aud=party.discovery["token_endpoint"]), "invalid_client")


@module(f"{PREFIX}ensure-invalid-client-assertions-fail")
def every_wrong_assertion(run: Run) -> None:
    """One code and many wrong assertions, each refused at both endpoints; the right one then redeems the code."""
    party = run.party("fapi")
    asked, code = run.code(party, run.visitor())
    pushing = party.discovery["pushed_authorization_request_endpoint"]
    for what, shown in _WRONG.items():
        fresh = run.ask(party, pkce=True).parameters
        for address, form in (
            (pushing, fresh),
            (party.discovery["token_endpoint"], {"client_id": party.client_id, **party.redeeming(asked, code)}),
        ):
            answer = party.post(address, {**form, **shown(party, address)}, authenticate=False)
            said = answer.json().get("error")
            refused = answer.status_code in {400, 401} and said in {"invalid_client", "invalid_request"}
            expect(refused, f"{what}: {address} answers {answer.status_code} {said}")
    party.tokens(party.post_token(party.redeeming(asked, code)), nonce=asked.parameters["nonce"])


def _with(**claims: Any) -> Shown:  # noqa: ANN401
    return lambda party, _address: party.with_assertion(party.assertion(**claims))


def _typed(kind: str | None) -> Shown:
    def shown(party: Party, _address: str) -> dict[str, str]:
        fields = party.with_assertion(party.assertion())
        return {**fields, "client_assertion_type": kind} if kind else {"client_assertion": fields["client_assertion"]}

    return shown


def _spoilt(party: Party, _address: str) -> dict[str, str]:
    return party.with_assertion(f"{party.assertion()[:-8]}{'A' * 8}")


def _unsigned(party: Party, _address: str) -> dict[str, str]:
    claims = {"iss": party.client_id, "sub": party.client_id, "aud": party.provider.issuer, "jti": secrets.token_hex(8)}
    return party.with_assertion(unsigned({**claims, "iat": party.now, "exp": party.now + 60}))


_WRONG: Final[dict[str, Shown]] = {
    "no assertion": lambda _party, _address: {},
    "no client_assertion_type": _typed(None),
    "another client_assertion_type": _typed("urn:ietf:params:oauth:client-assertion-type:saml2-bearer"),
    "no sub": _with(sub=None),
    "another sub": _with(sub="somebody"),
    "no iss": _with(iss=None),
    "another iss": _with(iss="somebody"),
    "no aud": _with(aud=None),
    "another aud": _with(aud="https://example.com/"),
    "the endpoint as aud": lambda party, address: party.with_assertion(party.assertion(aud=address)),
    "aud in a list": lambda party, _address: party.with_assertion(party.assertion(aud=[party.provider.issuer])),
    "an exp of the past": lambda party, _address: party.with_assertion(party.assertion(exp=party.now - 300)),
    "iat and nbf in the future": lambda party, _address: party.with_assertion(
        party.assertion(iat=party.now + 65, nbf=party.now + 65, exp=party.now + 120)
    ),
    "alg RS256": lambda party, _address: party.with_assertion(party.assertion(algorithm="RS256", key=key_of("rsa"))),
    "alg none": _unsigned,
    "a spoilt signature": _spoilt,
}


def _pushed_with(run: Run, **claims: Any) -> Any:  # noqa: ANN401
    party = run.party("fapi")
    return run.push(party, run.ask(party, pkce=True), assertion=party.assertion(**claims))


ASSERTIONS: Final[tuple[Module, ...]] = (
    signed_with_rs256,
    no_assertion,
    expired,
    wrong_audience,
    no_subject,
    every_wrong_assertion,
    a_little_early,
    much_too_early,
    audience_in_a_list,
    par_endpoint_as_audience,
    token_endpoint_as_audience,
)
