"""No place that reads a JWT takes one that somebody forged: not as a hint, not as a client's assertion, not as a proof of a key.

Each place first takes the true token from which the false ones are made, so that they are refused for what is false in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jws

from idp.usecases.signing_keys import key_ring
from tests.oidc.addresses import changed
from tests.opponents import forger
from tests.opponents.databases import one_database
from tests.opponents.key_holder import JWT_BEARER, KeyHolder
from tests.opponents.relying_party import SITE, told
from tests.recipes import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider

ASSERTING = ("token", "par", "introspect", "revoke", "device_authorization")
"""Every endpoint at which a client authenticates."""
KEY_OF_ITS_OWN = "another's key, its own key in the header"


@dataclass
class Place:
    """Somewhere a JWT is read: a true one, the public half of its key, who can sign more, and how to show one there."""

    true: str
    public: Mapping[str, Any]
    sign: Callable[[bytes, bytes], str]
    header: Mapping[str, Any]
    show: Callable[[str], tuple[int, str]]
    """Show a token; return the status and the protocol's error code, "" for none."""

    def hostile(self) -> dict[str, str]:
        return {**forger.forged(self.true, self.public), **forger.misshapen(self.header, self.sign)}

    def taken(self, refusals: set[tuple[int, str]]) -> dict[str, tuple[int, str]]:
        """Every hostile token that is not refused in one of these ways."""
        assert self.show(self.true) not in refusals, "the true one is refused too"
        answers = {name: self.show(token) for name, token in self.hostile().items()}
        assert len(answers) > 90
        return {name: answer for name, answer in answers.items() if answer not in refusals}


def bytes_signed_with(key: Any, alg: str) -> Callable[[bytes, bytes], str]:  # noqa: ANN401
    def sign(header: bytes, payload: bytes) -> str:
        signed = f"{forger.segment(header)}.{forger.segment(payload)}"
        return f"{signed}.{forger.segment(jws.JWSRegistry.algorithms[alg].sign(signed.encode(), key))}"

    return sign


def answered(answer: httpx.Response) -> tuple[int, str]:
    """The status, and the error code of a JSON answer or of a challenge."""
    if answer.headers["Content-Type"].startswith("application/json") and answer.content:
        return answer.status_code, answer.json().get("error", "")
    challenge = answer.headers.get("WWW-Authenticate", "")
    return answer.status_code, challenge.partition('error="')[2].partition('"')[0]


def an_id_token(provider: Provider, show: Callable[[str], tuple[int, str]], *, algorithm: str) -> Place:
    provider.another("signed", id_token_signed_response_alg=algorithm)
    _, tokens = provider.tokens(provider.party("signed"))
    with provider.system.database.writing() as db:
        ring = key_ring(db, provider.system)
    ours = ring.signers[algorithm]
    public = next(jwk for jwk in ring.ever["keys"] if jwk["kid"] == ours.kid)
    header = {"alg": algorithm, "kid": ours.kid, "typ": "JWT"}
    return Place(tokens["id_token"], public, bytes_signed_with(ours._key, algorithm), header, show)


@one_database
@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_no_hint_at_the_authorization_endpoint(provider: Provider, algorithm: str) -> None:
    party = provider.party()

    def show(token: str) -> tuple[int, str]:
        address = provider.party("signed").begin(prompt="none").address if not asked else asked[0]
        asked[:] = [address]
        answer = party.http.get(changed(address, ("id_token_hint", token)))
        where = answer.headers.get("Location", "http://localhost:9000/callback?")
        assert where.startswith("http://localhost:9000/callback?"), where
        return answer.status_code, told(where).get("error", "")

    asked: list[str] = []
    place = an_id_token(provider, show, algorithm=algorithm)
    assert show(place.true) == (303, "login_required")
    assert place.taken({(303, "invalid_request"), (400, "")}) == {}  # what is too long to be read goes nowhere


@one_database
def test_no_hint_at_the_logout_endpoint(provider: Provider) -> None:
    http = provider.party().http

    def show(token: str) -> tuple[int, str]:
        query = {"id_token_hint": token, "post_logout_redirect_uri": "http://localhost:9000/"}
        answer = http.get("/oidc/logout", params=query)
        return answer.status_code, answer.headers.get("Location", "")

    assert an_id_token(provider, show, algorithm="RS256").taken({(400, "")}) == {}


@one_database
@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_no_assertion_of_a_client(provider: Provider, clock: StandingClock, alg: str) -> None:
    holder = KeyHolder(clock, alg=alg)
    provider.another("keyed", token_endpoint_auth_method="private_key_jwt", jwks=holder.jwks)
    http = provider.party().http

    def show_at(endpoint: str) -> Callable[[str], tuple[int, str]]:
        def show(token: str) -> tuple[int, str]:
            form = {"client_id": "keyed", "client_assertion_type": JWT_BEARER, "client_assertion": token}
            return answered(http.post(f"/oidc/{endpoint}", data=form))

        return show

    sign = bytes_signed_with(holder.key, alg)
    place = Place(holder.assertion("keyed"), holder.jwk, sign, {"alg": alg}, show_at("token"))
    assert place.taken({(401, "invalid_client")}) == {}
    for endpoint in ASSERTING[1:]:
        show = show_at(endpoint)
        assert show(holder.assertion("keyed")) != (401, "invalid_client"), endpoint
        assert {show(token) for token in list(place.hostile().values())[::9]} == {(401, "invalid_client")}, endpoint


@one_database
def test_no_proof_of_a_key(provider: Provider, clock: StandingClock) -> None:
    holder = KeyHolder(clock)
    http = provider.party().http

    def show(token: str) -> tuple[int, str]:
        headers = {"DPoP": token.encode("ascii", "backslashreplace")}
        return answered(http.post("/oidc/token", data={"grant_type": "authorization_code"}, headers=headers, auth=auth))

    auth = ("laeringsportalen", SECRET)
    header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": holder.jwk}
    place = Place(holder.proof(), holder.jwk, bytes_signed_with(holder.key, "ES256"), header, show)
    # Somebody else's key is as good as any, where a key proves nothing but itself.
    assert place.taken({(400, "invalid_dpop_proof")}) == {KEY_OF_ITS_OWN: (400, "use_dpop_nonce")}


def a_signed_request(provider: Provider, holder: KeyHolder, **said: Any) -> str:  # noqa: ANN401 (JSON)
    """What the client ``signer`` asks, in an object that it signed; ``said`` stands in it too."""
    query = dict(parse_qsl(urlsplit(provider.party("signer").begin(prompt="none").address).query))
    usual = {**query, "iss": "signer", "aud": SITE, "exp": holder.now + 60, "nbf": holder.now, "iat": holder.now}
    return holder.sign({}, {**usual, **said})


@one_database
@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_no_request_object(provider: Provider, clock: StandingClock, alg: str) -> None:
    holder = KeyHolder(clock, alg=alg)
    provider.another("signer", jwks=holder.jwks)
    party = provider.party("signer")

    def pushed(token: str) -> tuple[int, str]:
        return answered(party.http.post("/oidc/par", data={"request": token}, auth=(party.client_id, SECRET)))

    def brought(token: str) -> tuple[int, str]:
        answer = party.http.get("/oidc/authorize", params={"client_id": "signer", "request": token})
        return answer.status_code, told(answer.headers.get("Location", "")).get("error", "")

    refused = {(400, "invalid_request_object"), (400, "request_not_supported")}
    true = a_signed_request(provider, holder)
    sign = bytes_signed_with(holder.key, alg)
    assert Place(true, holder.jwk, sign, {"alg": alg}, pushed).taken({*refused, (400, "invalid_request")}) == {}
    assert brought(true) == (303, "login_required")
    assert Place(true, holder.jwk, sign, {"alg": alg}, brought).taken({(400, "")}) == {}  # nobody is sent anywhere


@one_database
def test_what_a_true_request_says_may_be_anything(provider: Provider, clock: StandingClock) -> None:
    holder = KeyHolder(clock)
    provider.another("signer", jwks=holder.jwks)
    party = provider.party("signer")
    names = {
        "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "response_type", "response_mode", "redirect_uri",
        "scope", "state", "nonce", "max_age", "claims", "prompt", "acr_values", "ui_locales", "login_hint",
        "id_token_hint", "code_challenge", "code_challenge_method", "dpop_jkt", "request", "request_uri", "registration",
    }  # fmt: skip
    for name in sorted(names):
        for value in forger.ANYTHING:
            token = a_signed_request(provider, holder, **{name: value})
            pushed = party.http.post("/oidc/par", data={"request": token}, auth=(party.client_id, SECRET))
            assert pushed.status_code in {201, 400}, (name, value)
            if pushed.status_code == 201:
                query = {"client_id": "signer", "request_uri": pushed.json()["request_uri"]}
                assert party.http.get("/oidc/authorize", params=query).status_code in {303, 400}, (name, value)


@one_database
@pytest.mark.parametrize("name", ["exp", "iat", "nbf", "jti", "iss", "sub", "aud", "htm", "htu", "nonce", "ath"])
def test_what_a_true_token_says_may_be_anything(provider: Provider, clock: StandingClock, name: str) -> None:
    holder = KeyHolder(clock)
    provider.another("keyed", token_endpoint_auth_method="private_key_jwt", jwks=holder.jwks)
    http = provider.party().http
    for value in forger.ANYTHING:
        form = {"grant_type": "x", **holder.shows("keyed", **{name: value})}
        assert http.post("/oidc/token", data=form).status_code in {400, 401}
        headers = {"DPoP": holder.proof(**{name: value})}
        assert (
            http.post("/oidc/token", data={"grant_type": "x", "client_id": "keyed"}, headers=headers).status_code == 400
        )
