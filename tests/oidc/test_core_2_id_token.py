"""What an ID Token says, and that any library can verify it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from idp.store.services import Service
from idp.usecases.signing_keys import rotate
from tests import recipes
from tests.opponents.relying_party import SITE

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider


def header_of(token: str) -> dict[str, Any]:
    first = token.split(".", maxsplit=1)[0]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    return read


@pytest.mark.spec("OIDC Core", "2")
def test_the_token_says_who_for_whom_when_and_how(provider: Provider, clock: StandingClock) -> None:
    party, browser = provider.party(), provider.logged_in()
    logged_in_at = int(clock.now().timestamp())
    clock.advance(seconds=30)
    begun, answer = provider.ask(browser, party)
    tokens = party.exchange(begun, answer["code"]).json()
    claims = party.claims(begun, tokens)
    issued = int(clock.now().timestamp())
    assert claims["iss"] == SITE
    assert (claims["aud"], claims["azp"]) == ("laeringsportalen", "laeringsportalen")
    assert (claims["iat"], claims["exp"], claims["auth_time"]) == (issued, issued + 300, logged_in_at)
    assert (claims["acr"], claims["amr"], claims["nonce"]) == ("EnFaktor", ["pwd"], begun.nonce)
    assert {"sid", "jti", "at_hash", "sub"} <= set(claims)
    assert header_of(tokens["id_token"])["alg"] == "RS256"


@pytest.mark.spec("OIDC Core", "2")
def test_a_request_without_a_nonce_gets_a_token_without_one(provider: Provider) -> None:
    party = provider.party()
    begun = party.begin()
    browser = provider.logged_in()
    page = browser.open(begun.address.replace(f"nonce={begun.nonce}", "x=1"))
    begun.nonce = ""
    assert "nonce" not in party.claims(begun, party.redeem(begun, page.address))


@pytest.mark.parametrize(("algorithm", "size"), [("ES256", 22), ("EdDSA", 43)])
def test_a_client_gets_the_algorithm_that_it_registered(provider: Provider, algorithm: str, size: int) -> None:
    provider.another("elliptic", id_token_signed_response_alg=algorithm)
    party = provider.party("elliptic")
    begun, tokens = provider.tokens(party)
    claims = party.claims(begun, tokens, algorithm)
    assert (claims["aud"], len(claims["at_hash"])) == ("elliptic", size)


@pytest.mark.spec("OIDC Core", "8.1")
def test_services_of_one_sector_know_a_person_by_one_name_and_others_by_another(provider: Provider) -> None:
    provider.another("sibling")
    provider.another("stranger")
    with provider.system.database.writing() as db:
        db.execute(update(Service).where(Service.identifier == "stranger").values(sector="elsewhere.example"))
    subjects = {}
    for name in ("laeringsportalen", "sibling", "stranger"):
        party = provider.party(name)
        subjects[name] = party.claims(*provider.tokens(party))["sub"]
    assert subjects["laeringsportalen"] == subjects["sibling"] != subjects["stranger"]
    assert provider.asta.uniid not in subjects.values()


def test_the_sid_is_the_same_for_one_session_at_one_service_and_else_another(provider: Provider) -> None:
    provider.another("sibling")
    browser = provider.logged_in()

    def sid(name: str, browser: Any) -> str:  # noqa: ANN401
        party = provider.party(name)
        begun, answer = provider.ask(browser, party)
        told: str = party.claims(begun, party.exchange(begun, answer["code"]).json())["sid"]
        return told

    first = sid("laeringsportalen", browser)
    assert sid("laeringsportalen", browser) == first
    assert sid("sibling", browser) != first
    assert sid("laeringsportalen", provider.logged_in()) != first


@pytest.mark.spec("OIDC Core", "10.1.1")
def test_keys_that_are_rotated_in_mid_flow_fail_no_login(provider: Provider) -> None:
    party = provider.party()
    begun, tokens = provider.tokens(party)
    known = party.keys()
    begun_later, code = provider.code(party)
    with provider.system.database.writing() as db:
        rotate(db, provider.system)
    later = party.exchange(begun_later, code).json()
    assert header_of(later["id_token"])["kid"] != header_of(tokens["id_token"])["kid"]
    # The new key was published before it signed, so a service needs not even ask again …
    assert header_of(later["id_token"])["kid"] in {key.kid for key in known.keys}
    # … and what was signed before still verifies with what is published now.
    assert party.claims(begun_later, later)
    assert party.claims(begun, tokens)


def test_two_tokens_never_have_the_same_jti(provider: Provider) -> None:
    party = provider.party()
    assert len({party.claims(*provider.tokens(party))["jti"] for _ in range(2)}) == 2


def test_without_an_agreement_the_service_learns_a_pseudonym_and_the_level(provider: Provider) -> None:
    provider.another("curious", package=None)
    party = provider.party("curious")
    begun, tokens = provider.tokens(party)
    claims = party.claims(begun, tokens)
    protocol = {"iss", "sub", "aud", "azp", "exp", "iat", "auth_time", "acr", "amr", "sid", "at_hash", "jti", "nonce"}
    assert set(claims) - protocol == {"unilogin_loa", "loa", "spec_ver"}
    assert set(party.userinfo(tokens["access_token"]).json()) == {"sub", "unilogin_loa", "loa", "spec_ver"}


def test_the_id_token_and_userinfo_say_the_same_of_the_person(provider: Provider) -> None:
    provider.another("full", package=recipes.ReleasePackage.FULL)
    party = provider.party("full")
    begun, tokens = provider.tokens(party)
    claims, userinfo = party.claims(begun, tokens), party.userinfo(tokens["access_token"]).json()
    assert {name: claims[name] for name in userinfo} == userinfo
    assert (userinfo["name"], userinfo["trin"], userinfo["grupper"]) == ("Asta Prøvesen", "1", ["1a"])
