"""The FAPI 2.0 plan, fourth part: client assertions with one thing wrong (RFC 7523 3; FAPI 2.0 Security Profile 5.3.2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.conformance.clients import key_of
from tests.conformance.fapi2 import PREFIX
from tests.conformance.registry import Module, module
from tests.conformance.verdict import expect

if TYPE_CHECKING:
    from tests.conformance.run import Run

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


def _pushed_with(run: Run, **claims: Any) -> Any:  # noqa: ANN401
    party = run.party("fapi")
    return run.push(party, run.ask(party, pkce=True), assertion=party.assertion(**claims))


ASSERTIONS: Final[tuple[Module, ...]] = (
    signed_with_rs256,
    no_assertion,
    expired,
    wrong_audience,
    no_subject,
    a_little_early,
    much_too_early,
    audience_in_a_list,
    par_endpoint_as_audience,
    token_endpoint_as_audience,
)
