"""private_key_jwt: an assertion of the client's own key, for us alone, for minutes, once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from idp.store.services import update_service
from tests.opponents.databases import one_database
from tests.opponents.key_holder import JWT_BEARER, TOKEN, KeyHolder
from tests.opponents.relying_party import SITE
from tests.recipes import SECRET

if TYPE_CHECKING:
    import httpx

    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider


@pytest.fixture
def holder(clock: StandingClock) -> KeyHolder:
    return KeyHolder(clock)


def with_key(provider: Provider, holder: KeyHolder, client_id: str = "keyed", **about: Any) -> None:  # noqa: ANN401
    provider.another(client_id, **{"token_endpoint_auth_method": "private_key_jwt", "jwks": holder.jwks, **about})


def asked(provider: Provider, /, **form: str) -> httpx.Response:
    """A token request that only authenticates: what comes after is another error."""
    return provider.party("keyed").post_token(**{"client_id": "keyed", "grant_type": "none-such", **form})


def knows_the_client(answer: httpx.Response) -> bool:
    assert answer.json()["error"] in {"unsupported_grant_type", "invalid_client"}, answer.text
    assert (answer.status_code == 401) is (answer.json()["error"] == "invalid_client")
    return answer.status_code == 400


@pytest.mark.spec("RFC 7523", "2.2")
@pytest.mark.parametrize("alg", ["ES256", "PS256", "RS256", "EdDSA"])
def test_a_client_redeems_a_code_with_its_key(provider: Provider, clock: StandingClock, alg: str) -> None:
    holder = KeyHolder(clock, alg=alg)
    with_key(provider, holder)
    party = provider.party("keyed")
    begun, code = provider.code(party)
    answer = party.exchange(begun, code, client_id="keyed", **holder.shows("keyed"))
    assert answer.status_code == 200
    assert party.claims(begun, answer.json())["aud"] == "keyed"


@one_database
def test_the_client_need_not_be_named_beside_the_assertion(provider: Provider, holder: KeyHolder) -> None:
    with_key(provider, holder)
    http = provider.party("keyed").http
    assert knows_the_client(http.post("/oidc/token", data={"grant_type": "x", **holder.shows("keyed")}))
    other = {"grant_type": "x", "client_id": "laeringsportalen", **holder.shows("keyed")}
    assert not knows_the_client(http.post("/oidc/token", data=other))


GOOD: dict[str, Any] = {
    "for the token endpoint": {"aud": TOKEN},
    "without iat": {"iat": None},
    "from a clock that is behind": {"iat": -20, "exp": -10},
    "from a clock that is ahead": {"iat": 20, "nbf": 20, "exp": 320},
    "with a fraction": {"exp": 59.5},
}
BAD: dict[str, Any] = {
    "for nobody": {"aud": None},
    "for us among others": {"aud": [SITE]},
    "for the two of us": {"aud": [SITE, "https://other.example"]},
    "for us with a slash": {"aud": f"{SITE}/"},
    "for another endpoint": {"aud": f"{SITE}/oidc/par"},
    "for somebody else": {"aud": "https://other.example"},
    "of another issuer": {"iss": "laeringsportalen"},
    "without an issuer": {"iss": None},
    "of another subject": {"sub": "laeringsportalen"},
    "without a subject": {"sub": None},
    "for ever": {"exp": None},
    "in text": {"exp": "soon"},
    "true": {"exp": True},
    "for too long": {"exp": 331},
    "for a long time from now": {"exp": 10**30},
    "that has expired": {"exp": -31},
    "that is to come": {"iat": 31},
    "that begins later": {"nbf": 31},
    "that is old": {"iat": -331},
    "without a number": {"jti": None},
    "with an empty number": {"jti": ""},
    "with a numeric number": {"jti": 7},
    "with a long number": {"jti": "x" * 256},
}


def moments(holder: KeyHolder, claims: dict[str, Any]) -> dict[str, Any]:
    """Numbers count from now, except one that is no moment at all."""
    return {
        name: holder.now + value
        if name in {"exp", "iat", "nbf"} and isinstance(value, int | float) and value is not True
        else value
        for name, value in claims.items()
    }


@one_database
@pytest.mark.spec("RFC 7523", "3")
def test_what_an_assertion_must_say(provider: Provider, holder: KeyHolder) -> None:
    with_key(provider, holder)
    for what, claims in {**GOOD, **BAD}.items():
        answer = asked(provider, **holder.shows("keyed", **moments(holder, claims)))
        assert knows_the_client(answer) is (what in GOOD), (what, answer.text)
        told = answer.json()["error_description"]
        assert what in GOOD or "client_assertion" in told or "client_id" in told, what


HEADERS: list[dict[str, Any]] = [
    {"alg": "none"},
    {"alg": "HS256"},
    {"crit": ["exp"]},
    {"jku": "https://evil.example/jwks"},
    {"typ": "dpop+jwt"},
    {"typ": "at+jwt"},
    {"kid": "another"},
]


@one_database
def test_a_header_that_says_anything_else_is_refused(provider: Provider, holder: KeyHolder) -> None:
    with_key(provider, holder)
    forged = [holder.assertion("keyed", header=header) for header in HEADERS]
    forged.append(f"{forged[0]}{holder.assertion('keyed').rpartition('.')[2]}")
    for number, token in enumerate(forged):
        answer = asked(provider, client_assertion_type=JWT_BEARER, client_assertion=token)
        assert not knows_the_client(answer), (number, answer.text)


@one_database
def test_a_key_of_somebody_else_is_refused(provider: Provider, clock: StandingClock, holder: KeyHolder) -> None:
    with_key(provider, holder)
    thief = KeyHolder(clock)
    assert not knows_the_client(asked(provider, **thief.shows("keyed")))
    for token in ("", "x", "a.b.c", "a.e30.c", "a." + "W10" * 3 + ".c", "x" * 12_000):
        answer = asked(provider, client_assertion_type=JWT_BEARER, client_assertion=token)
        assert answer.status_code in {400, 401}, token


@one_database
def test_the_registered_algorithm_is_the_only_one(provider: Provider, clock: StandingClock) -> None:
    holder = KeyHolder(clock, alg="RS256")
    with_key(provider, holder, token_endpoint_auth_signing_alg="PS256")
    assert not knows_the_client(asked(provider, **holder.shows("keyed")))
    holder.alg = "PS256"
    assert knows_the_client(asked(provider, **holder.shows("keyed")))


@one_database
@pytest.mark.spec("FAPI 2.0 SP", "5.3.2.1")
def test_a_fapi_client_names_the_issuer_alone_and_signs_well(provider: Provider, clock: StandingClock) -> None:
    holder = KeyHolder(clock, alg="PS256")
    with_key(provider, holder, fapi_2_profile=True)
    assert knows_the_client(asked(provider, **holder.shows("keyed")))
    assert not knows_the_client(asked(provider, **holder.shows("keyed", aud=TOKEN)))
    holder.alg = "RS256"
    assert not knows_the_client(asked(provider, **holder.shows("keyed")))


@pytest.mark.spec("RFC 7523", "3")
def test_an_assertion_counts_once(provider: Provider, holder: KeyHolder, clock: StandingClock) -> None:
    with_key(provider, holder)
    shown = holder.shows("keyed")
    assert knows_the_client(asked(provider, **shown))
    again = asked(provider, **shown)
    assert not knows_the_client(again)
    assert "jti" in again.json()["error_description"]
    clock.advance(seconds=89)
    assert not knows_the_client(asked(provider, **shown))


def test_of_two_with_the_same_number_at_once_one_counts(provider: Provider, holder: KeyHolder) -> None:
    with_key(provider, holder)
    shown, barrier, answers = holder.shows("keyed"), threading.Barrier(2), []

    def ask() -> None:
        barrier.wait()
        answers.append(asked(provider, **shown))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [400, 401]


@one_database
def test_two_clients_number_for_themselves(provider: Provider, holder: KeyHolder) -> None:
    with_key(provider, holder)
    with_key(provider, holder, "other")
    assert knows_the_client(asked(provider, **holder.shows("keyed", jti="1")))
    assert knows_the_client(asked(provider, client_id="other", **holder.shows("other", jti="1")))


@one_database
@pytest.mark.spec("RFC 6749", "2.3")
def test_exactly_one_method_and_the_registered_one(provider: Provider, holder: KeyHolder) -> None:
    with_key(provider, holder)
    http = provider.party("keyed").http
    form = {"grant_type": "x", "client_id": "keyed"}
    both = http.post("/oidc/token", data={**form, **holder.shows("keyed"), "client_secret": SECRET})
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    both = http.post("/oidc/token", data={**form, **holder.shows("keyed")}, auth=("keyed", SECRET))
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    typeless = http.post("/oidc/token", data={**form, "client_assertion": holder.assertion("keyed")})
    assert (typeless.status_code, typeless.json()["error"]) == (401, "invalid_client")
    saml = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}
    assert not knows_the_client(http.post("/oidc/token", data={**form, **holder.shows("keyed"), **saml}))
    nothing = http.post("/oidc/token", data={**form, "client_assertion_type": JWT_BEARER})
    assert (nothing.status_code, nothing.json()["error"]) == (400, "invalid_request")
    # A secret is no key, and a key no secret.
    assert not knows_the_client(http.post("/oidc/token", data={"grant_type": "x"}, auth=("keyed", SECRET)))
    assert not knows_the_client(http.post("/oidc/token", data=form))
    assert not knows_the_client(http.post("/oidc/token", data={"grant_type": "x", **holder.shows("laeringsportalen")}))


@one_database
def test_keys_that_are_taken_away_and_clients_that_are_disabled_are_refused_at_once(
    provider: Provider, clock: StandingClock, holder: KeyHolder
) -> None:
    with_key(provider, holder)
    registration = {
        "redirect_uris": ["http://localhost:9000/callback"], "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["authorization_code"], "scope": "openid",
    }  # fmt: skip
    assert knows_the_client(asked(provider, **holder.shows("keyed")))
    with provider.system.database.writing() as db:
        update_service(db, "keyed", {"registration": {**registration, "jwks": KeyHolder(clock).jwks}})
    assert not knows_the_client(asked(provider, **holder.shows("keyed")))
    with provider.system.database.writing() as db:
        update_service(db, "keyed", {"registration": {**registration, "jwks": holder.jwks}, "disabled_at": clock.now()})
    assert not knows_the_client(asked(provider, **holder.shows("keyed")))
