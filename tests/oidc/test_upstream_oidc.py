"""Our relying party: our own administration logs in with it, in process, and it believes nothing it has not checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from idp.outside.jose import make_key, signer
from idp.outside.upstream_oidc import BegunLogin, Upstream, UpstreamFault, UpstreamProvider
from idp.usecases.signing_keys import rotate
from tests.opponents.relying_party import CALLBACK, SITE, told
from tests.recipes import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider

KEY = make_key("RS256")
OURS = {"client_id": "laeringsportalen", "client_secret": SECRET, "redirect_uri": CALLBACK}


@pytest.fixture
def upstream(provider: Provider) -> Upstream:
    ours = UpstreamProvider.at(SITE, **OURS, post_logout_redirect_uri="http://localhost:9000/")
    return Upstream(ours, transport=httpx.WSGITransport(app=provider.app))


def answer_to(provider: Provider, begun: BegunLogin) -> dict[str, str]:
    return told(provider.logged_in().open(begun.url).address)


def test_a_login_in_process(provider: Provider, upstream: Upstream, clock: StandingClock) -> None:
    begun = upstream.begin(ui_locales="da")
    kept = BegunLogin(**begun.to_json())
    login = upstream.finish(kept, answer_to(provider, begun), now=clock.now())
    assert login.claims["uniid"] == provider.asta.uniid
    assert login.auth_time == clock.now()
    assert upstream.userinfo(login.access_token, subject=login.subject)["uniid"] == provider.asta.uniid
    with pytest.raises(UpstreamFault, match="userinfo"):
        upstream.userinfo(login.access_token, subject="another")
    page = provider.logged_in().open(upstream.logout_url(login.id_token, state="s"))
    assert page.status == 200
    assert (
        provider.browser().open(upstream.logout_url(login.id_token, state="s")).address
        == "http://localhost:9000/?state=s"
    )


def test_an_error_of_the_provider_keeps_its_name(provider: Provider, upstream: Upstream, clock: StandingClock) -> None:
    begun = upstream.begin(prompt="none")
    answer = told(provider.browser().open(begun.url).address)
    with pytest.raises(UpstreamFault) as fault:
        upstream.finish(begun, answer, now=clock.now())
    assert fault.value.error == "login_required"


def test_an_answer_that_does_not_belong_here_is_refused(
    provider: Provider, upstream: Upstream, clock: StandingClock
) -> None:
    begun = upstream.begin()
    answer = answer_to(provider, begun)
    for changed, error in (
        ({"state": "x"}, "state"),
        ({"state": ""}, "state"),
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": ""}, "issuer"),
        ({"code": "x" * 43}, "invalid_grant"),
    ):
        with pytest.raises(UpstreamFault) as fault:
            upstream.finish(begun, {**answer, **changed}, now=clock.now())
        assert fault.value.error == error
    with pytest.raises(UpstreamFault):
        upstream.finish(replace(begun, verifier="y" * 43), answer, now=clock.now())
    assert upstream.finish(begun, answer, now=clock.now())


def test_keys_that_the_provider_rotated_are_fetched_again(
    provider: Provider, upstream: Upstream, clock: StandingClock
) -> None:
    for _ in range(2):
        begun = upstream.begin()
        assert upstream.finish(begun, answer_to(provider, begun), now=clock.now())
        with provider.system.database.writing() as db:
            rotate(db, provider.system)


def forger(change: Callable[[dict[str, Any]], dict[str, Any]], nonce: str, now: int, **header: Any) -> Upstream:  # noqa: ANN401
    """A relying party at a provider that signs what ``change`` makes of good claims."""
    good = {"iss": SITE, "sub": "s", "aud": "laeringsportalen", "exp": now + 300, "iat": now, "nonce": nonce}
    id_token = signer(KEY.kid, "RS256", KEY.private).sign(change(good), **header)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oidc/jwks":
            return httpx.Response(200, json={"keys": [KEY.public_jwk]})
        return httpx.Response(200, json={"access_token": "a", "id_token": id_token})

    return Upstream(UpstreamProvider.at(SITE, **OURS), transport=httpx.MockTransport(answer))


@pytest.mark.spec("OIDC Core", "3.1.3.7")
@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"sub": ""},
        {"sub": None},
        {"aud": "another"},
        {"aud": ["laeringsportalen", "another"]},
        {"azp": "another"},
        {"exp": 1},
        {"exp": "later"},
        {"exp": None},
        {"iat": 99_999_999_999},
        {"nonce": "another"},
        {"nonce": None},
        {"at_hash": "x"},
        {"auth_time": "now"},
        {"auth_time": 10**18},
    ],
)
def test_an_id_token_with_one_wrong_claim_is_refused(clock: StandingClock, change: dict[str, Any]) -> None:
    now = int(clock.now().timestamp())
    begun = BegunLogin(url="", state="s", nonce="n", verifier="v" * 43)
    assert forger(lambda good: good, "n", now).finish(begun, {"state": "s", "code": "c", "iss": SITE}, now=clock.now())
    with pytest.raises(UpstreamFault, match=next(iter(change))):
        forger(lambda good: {**good, **change}, "n", now).finish(
            begun, {"state": "s", "code": "c", "iss": SITE}, now=clock.now()
        )


def test_a_provider_that_answers_nonsense_is_a_fault_not_a_defect(clock: StandingClock) -> None:
    begun = BegunLogin(url="", state="s", nonce="n", verifier="v" * 43)

    def unreachable(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no", request=request)

    for answer in (
        unreachable,
        lambda _request: httpx.Response(200, text="<html>"),
        lambda _request: httpx.Response(200, json=[]),
        lambda _request: httpx.Response(200, json={"access_token": "a"}),
        lambda _request: httpx.Response(500, json={}),
        lambda _request: httpx.Response(200, json={"access_token": "a", "id_token": "b"}),
    ):
        upstream = Upstream(UpstreamProvider.at(SITE, **OURS), transport=httpx.MockTransport(answer))
        with pytest.raises(UpstreamFault):
            upstream.finish(begun, {"state": "s", "code": "c", "iss": SITE}, now=clock.now())
