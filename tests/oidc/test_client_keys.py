"""A client's keys: registered, or fetched from where it says, seldom and never for ever."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from idp.outside.client_jose import CLIENT_ALGORITHMS, fault_of_jwks, fitting_keys, proven, read_header
from idp.outside.fetch import Fetcher, Unfetchable
from idp.outside.jose import BadToken
from idp.settings import FetchSettings
from idp.usecases.client_keys import claims_of, client_keys
from idp.usecases.services import find_client, register_oidc

if TYPE_CHECKING:
    from idp.usecases.services import Client
    from idp.usecases.system import System
    from tests.conftest import StandingClock

RSA, CURVE, EDWARDS = RSAKey.generate_key(2048), ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")
KEY_OF = {"RS256": RSA, "PS256": RSA, "ES256": CURVE, "EdDSA": EDWARDS}
ADDRESS = "https://services.example/jwks.json"


def public(key: Any, **more: str) -> dict[str, Any]:  # noqa: ANN401
    return {**key.as_dict(private=False), **more}


def signed(key: Any, alg: str, **header: Any) -> str:  # noqa: ANN401
    return jwt.encode({"alg": alg, **header}, {"n": 1}, key, algorithms=[alg])


class Address(Fetcher):
    """Stands for the client's address: what it answers, and how often it was asked."""

    def __init__(self) -> None:
        super().__init__(FetchSettings())
        self.jwks: Any = {"keys": []}
        self.asked = 0

    def get_json(self, url: str) -> Any:  # noqa: ANN401
        assert url == ADDRESS
        self.asked += 1
        if self.jwks is None:
            raise Unfetchable("ConnectError")
        return self.jwks


def a_client(system: System, **keys: Any) -> Client:  # noqa: ANN401
    metadata = {"redirect_uris": ["https://services.example/cb"], "token_endpoint_auth_method": "private_key_jwt"}
    with system.database.writing() as db:
        made = register_oidc(db, system, {**metadata, **keys})
        assert made.client_secret is None
        found = find_client(db, made.client_id)
    assert found is not None
    return found


@pytest.mark.parametrize("alg", CLIENT_ALGORITHMS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_algorithm_verifies_with_its_own_kind_of_key(system: System, alg: str) -> None:
    keys = [public(RSA, kid="r"), public(CURVE, kid="c"), public(EDWARDS, kid="e")]
    client = a_client(system, jwks={"keys": keys})
    assert claims_of(system, client, signed(KEY_OF[alg], alg)) == {"n": 1}
    with pytest.raises(BadToken):
        claims_of(system, client, signed(KEY_OF[alg], alg), algorithms=set(CLIENT_ALGORITHMS) - {alg})
    with pytest.raises(BadToken):
        claims_of(system, client, signed(KEY_OF[alg], alg, kid="x"))


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"alg": "RS256", "jwk": public(RSA)}, "embedded key"),
        ({"alg": "RS256", "jku": ADDRESS}, "embedded key"),
        ({"alg": "RS256", "x5u": ADDRESS}, "embedded key"),
        ({"alg": "RS384"}, "algorithm"),
        ({"alg": "RS256", "kid": "k" * 300}, "kid"),
    ],
)
def test_a_header_brings_no_key_and_chooses_no_algorithm(header: dict[str, Any], why: str) -> None:
    with pytest.raises(BadToken, match=why):
        read_header(jwt.encode(header, {}, RSA, algorithms=["RS256", "RS384"]))


@pytest.mark.spec("RFC 9449", "4.3")
def test_a_proof_brings_its_own_public_key() -> None:
    token = signed(CURVE, "ES256", typ="dpop+jwt", jwk=public(CURVE))
    assert proven(token, typ="dpop+jwt").jkt == CURVE.thumbprint()
    for bad in (
        signed(CURVE, "ES256", typ="JWT", jwk=public(CURVE)),
        signed(CURVE, "ES256", typ="dpop+jwt"),
        signed(CURVE, "ES256", typ="dpop+jwt", jwk=CURVE.as_dict(private=True)),
        signed(CURVE, "ES256", typ="dpop+jwt", jwk=public(RSA)),
        signed(CURVE, "ES256", typ="dpop+jwt", jwk=public(ECKey.generate_key("P-256"))),
    ):
        with pytest.raises(BadToken):
            proven(bad, typ="dpop+jwt")


def test_a_key_of_brackets_is_no_fault_of_ours_however_deep() -> None:
    """One level is the last that can be read, and was too deep to be written again."""
    for depth in range(500, 1001):
        key = f'{{"kty":"EC","crv":"P-256","x":{"[" * depth}{"]" * depth}}}'
        header = f'{{"alg":"ES256","typ":"dpop+jwt","jwk":{key}}}'
        with pytest.raises(BadToken):
            proven(f"{base64.urlsafe_b64encode(header.encode()).decode().rstrip('=')}.e30.AA", typ="dpop+jwt")


@pytest.mark.parametrize(
    "jwks",
    [
        None, [], {}, {"keys": []}, {"keys": ["key"]}, {"keys": [{"kty": "oct", "k": "AAAA"}]},
        {"keys": [RSA.as_dict(private=True)]}, {"keys": [{"kty": "RSA", "e": "AQAB", "n": "AAAA"}]},
        {"keys": [{"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}]},
        {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]},
        {"keys": [public(RSA, kid="1"), public(CURVE, kid="1")]}, {"keys": [public(RSA)] * 21},
    ],
)  # fmt: skip
def test_a_set_that_nobody_should_register_is_refused(jwks: object) -> None:
    assert fault_of_jwks(jwks) is not None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_new_kid_has_the_set_fetched_again_at_most_once_a_minute(system: System, clock: StandingClock) -> None:
    address = Address()
    system = replace(system, fetcher=address)
    client = a_client(system, jwks_uri=ADDRESS)
    address.jwks = {"keys": [public(RSA, kid="1"), {"kty": "new"}, None]}
    assert len(client_keys(system, client, kid="1", alg="RS256")) == 1
    assert len(client_keys(system, client, kid="1", alg="PS256")) == 1
    assert address.asked == 1
    address.jwks = {"keys": [public(RSA, kid="2")]}
    for _ in range(3):
        assert client_keys(system, client, kid="2", alg="RS256") == ()
    clock.advance(seconds=60)
    assert len(client_keys(system, client, kid="2", alg="RS256")) == 1
    assert client_keys(system, client, kid="1", alg="RS256") == ()
    assert address.asked == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_keys_without_names_are_tried_and_fetched_again_when_none_verifies(
    system: System, clock: StandingClock
) -> None:
    address = Address()
    system = replace(system, fetcher=address)
    client = a_client(system, jwks_uri=ADDRESS)
    address.jwks = {"keys": [*[{"kty": "new"}] * 30, public(RSA), public(CURVE)]}
    assert claims_of(system, client, signed(CURVE, "ES256")) == {"n": 1}
    new = ECKey.generate_key("P-256")
    address.jwks = {"keys": [public(new)]}
    with pytest.raises(BadToken, match="signature"):
        claims_of(system, client, signed(new, "ES256"))
    clock.advance(minutes=1)
    assert claims_of(system, client, signed(new, "ES256")) == {"n": 1}
    assert address.asked == 2
    with pytest.raises(BadToken, match="signature"):
        claims_of(system, client, signed(CURVE, "ES256"))
    assert address.asked == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_key_that_was_taken_away_ends_soon_and_an_address_that_is_silent_is_borne_for_hours(
    system: System, clock: StandingClock
) -> None:
    address = Address()
    system = replace(system, fetcher=address)
    client = a_client(system, jwks_uri=ADDRESS)
    address.jwks = {"keys": [public(RSA, kid="1")]}
    assert client_keys(system, client, kid="1", alg="RS256")
    address.jwks = None
    clock.advance(hours=5)
    assert client_keys(system, client, kid="1", alg="RS256")
    clock.advance(hours=1)
    assert client_keys(system, client, kid="1", alg="RS256") == ()
    clock.advance(minutes=1)
    address.jwks = {"keys": [public(RSA, kid="1")]}
    assert client_keys(system, client, kid="1", alg="RS256")
    address.jwks = {"keys": []}
    clock.advance(minutes=10)
    assert client_keys(system, client, kid="1", alg="RS256") == ()


@pytest.mark.spec("RFC 7515", "4")
def test_a_header_that_we_do_not_know_is_ignored() -> None:
    lax = JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": public(CURVE), "extra": "foo"}
    assert proven(jwt.encode(header, {"n": 1}, CURVE, registry=lax), typ="dpop+jwt").claims == {"n": 1}


@pytest.mark.spec("RFC 7517", "4")
def test_members_of_a_key_that_we_do_not_know_are_ignored() -> None:
    exported = {**public(CURVE, kid="1"), "ext": True, "key_ops": ["verify"], "exp": 1893456000}
    assert fault_of_jwks({"keys": [exported]}) is None
    assert len(fitting_keys({"keys": [exported]}, kid="1", alg="ES256")) == 1
    assert fault_of_jwks({"keys": [{**exported, "kty": True}]}) is not None
    assert fault_of_jwks({"keys": [{**exported, "x": 1}]}) is not None
