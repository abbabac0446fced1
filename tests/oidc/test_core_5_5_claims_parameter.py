"""The ``claims`` parameter: what can be read, what is kept with the grant, and what an essential ``acr`` demands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from idp.oidc.core_5_5_claims_parameter import ClaimsRequest, claims_request
from idp.oidc.parameters import Fault, Parameters
from idp.store.grants import Grant
from idp.store.services import Service
from policies.vocabulary import Factor
from tests.opponents.databases import one_database
from tests.opponents.relying_party import CALLBACK, told

if TYPE_CHECKING:
    from tests.oidc.conftest import Provider

NSIS = "https://data.gov.dk/concept/core/nsis/loa/Substantial"


def acr(*values: str, essential: bool = True) -> dict[str, Any]:
    """An ``acr`` asked for in the ID Token."""
    how = {"value": values[0]} if len(values) == 1 else {"values": list(values)}
    return {"claims": json.dumps({"id_token": {"acr": {"essential": essential, **how}}})}


def read(text: str) -> ClaimsRequest:
    found = claims_request(Parameters({"claims": text}))
    assert isinstance(found, ClaimsRequest)
    return found


@pytest.mark.spec("OIDC Core", "5.5")
def test_names_are_kept_with_what_is_essential_and_nothing_else() -> None:
    text = """{"userinfo": {"given_name": {"essential": true}, "nickname": null, "http://a.dk/x": {"values": ["\\u0000"]}},
               "id_token": {"auth_time": {"essential": true}, "sub": {"value": "abc"}, "name#da": {"new": 1}},
               "other": 7}"""
    found = read(text)
    assert found.kept == {
        "userinfo": {"given_name": {"essential": True}, "nickname": None, "http://a.dk/x": None},
        "id_token": {"auth_time": {"essential": True}, "sub": None, "name#da": None},
    }
    assert (found.subject, found.levels, found.insists) == ("abc", (), False)


@pytest.mark.parametrize(
    ("how", "levels", "insists"),
    [
        ("null", (), False),
        ('{"essential": true}', (), False),
        ('{"essential": true, "value": "ToFaktor"}', ("ToFaktor",), True),
        ('{"essential": true, "values": ["ToFaktor", "EnFaktor"]}', ("ToFaktor", "EnFaktor"), True),
        ('{"values": ["ToFaktor"]}', ("ToFaktor",), False),
        ('{"essential": false, "value": "x"}', ("x",), False),
    ],
)
def test_an_acr_is_insisted_on_only_with_values(how: str, levels: tuple[str, ...], insists: bool) -> None:  # noqa: FBT001
    found = read(f'{{"id_token": {{"acr": {how}}}}}')
    assert (found.levels, found.insists) == (levels, insists)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "[]",
        "null",
        "7",
        '"userinfo"',
        "{",
        '{"userinfo": null}',
        '{"userinfo": []}',
        '{"id_token": {"acr": "ToFaktor"}}',
        '{"id_token": {"acr": {"essential": "true"}}}',
        '{"id_token": {"acr": {"values": "ToFaktor"}}}',
        '{"id_token": {"acr": {"values": [7]}}}',
        '{"id_token": {"acr": {"value": null}}}',
        '{"id_token": {"sub": {"value": 7}}}',
        '{"id_token": {"sub": {"value": "\\u0000"}}}',
        '{"id_token": {"sub": {"value": "\\ud800"}}}',
        '{"id_token": {"acr": null, "acr": null}}',
        '{"userinfo": {}, "userinfo": {"email": null}}',
        '{"userinfo": {"": null}}',
        '{"userinfo": {"a\\u0000": null}}',
        '{"userinfo": {"\\ud800": null}}',
        json.dumps({"userinfo": {"x" * 256: None}}),
        json.dumps({"userinfo": {f"c{n}": None for n in range(101)}}),
        "[" * 5000,
        '{"userinfo":' * 3000,
    ],
)
def test_what_cannot_be_read_names_the_parameter(text: str) -> None:
    fault = claims_request(Parameters({"claims": text}))
    assert isinstance(fault, Fault)
    assert (fault.error, fault.parameter) == ("invalid_request", "claims")


@pytest.mark.parametrize("how", ["7", '{"essential": 1}', '{"values": 1}'])
def test_no_sentence_repeats_what_somebody_made_up(how: str) -> None:
    fault = claims_request(Parameters({"claims": f'{{"userinfo": {{"call 555-1234": {how}}}}}'}))
    assert isinstance(fault, Fault)
    assert "555" not in fault.told


def test_the_service_hears_that_it_cannot_be_read(provider: Provider) -> None:
    answer = provider.ask(provider.logged_in(), provider.party(), claims='{"id_token": 1}')[1]
    assert (answer["error"], "claims" in answer["error_description"]) == ("invalid_request", True)


def test_the_grant_keeps_what_was_asked_for(provider: Provider) -> None:
    asked = {"userinfo": {"given_name": {"essential": True}}, "id_token": {"email": None}}
    provider.code(claims=json.dumps(asked))
    with provider.system.database.reading() as db:
        assert db.execute(select(Grant.claims_request)).scalar_one() == asked


@pytest.mark.spec("OIDC Core", "5.5.1")
def test_an_essential_claim_that_the_agreement_does_not_allow_is_left_out(provider: Provider) -> None:
    party = provider.party()
    essential = {"essential": True}
    asked = {"userinfo": {"email": essential, "uniid": None}, "id_token": {"birthdate": essential}}
    begun, tokens = provider.tokens(party, claims=json.dumps(asked))
    assert "birthdate" not in party.claims(begun, tokens)
    assert "email" not in party.userinfo(tokens["access_token"]).json()
    assert "uniid" in party.userinfo(tokens["access_token"]).json()


@one_database
@pytest.mark.spec("OIDC Core", "5.5.1.1")
@pytest.mark.parametrize(
    ("factor", "asked", "told_as"),
    [
        (Factor.PICTURES, acr("EnFaktor"), "EnFaktor"),
        (Factor.PASSKEY, acr("To_Faktor", NSIS), "To_Faktor"),
        (Factor.PASSKEY, acr("ToFaktor", "EnFaktor"), "EnFaktor"),
        (Factor.PASSKEY, {**acr("ToFaktor"), "acr_values": "EnFaktor"}, "ToFaktor"),
        (Factor.PICTURES, acr("urn:unknown", essential=False), "EnFaktor"),
    ],
)
def test_a_level_that_is_reached_is_told_by_the_name_it_was_asked_by(
    provider: Provider, factor: Factor, asked: dict[str, str], told_as: str
) -> None:
    party = provider.party()
    begun, answer = provider.ask(provider.logged_in(factor=factor), party, **asked)
    claims = party.claims(begun, party.redeem(begun, f"{CALLBACK}?code={answer['code']}&state={begun.state}"))
    assert claims["acr"] == told_as


@one_database
@pytest.mark.parametrize(
    "asked",
    [
        acr("urn:unknown"),
        acr(NSIS, "urn:unknown"),
        acr(NSIS, essential=False),
        {**acr("urn:unknown"), "acr_values": "EnFaktor"},
        {**acr("ToFaktor"), "prompt": "none"},
    ],
)
def test_a_level_that_cannot_be_reached_is_an_error(provider: Provider, asked: dict[str, str]) -> None:
    answer = provider.ask(provider.logged_in(), provider.party(), **asked)[1]
    assert answer["error"] == "unmet_authentication_requirements"


@one_database
def test_a_level_that_an_adult_can_give_takes_a_page(provider: Provider) -> None:
    asked = {**acr("VoksenVerificeret"), "prompt": "none"}
    assert provider.ask(provider.logged_in(), provider.party(), **asked)[1]["error"] == "interaction_required"


@one_database
def test_an_adult_is_no_second_factor_for_who_insists_on_two(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        db.execute(update(Service).values(accepts_adult_as_two=True))
    browser = provider.logged_in(also=(Factor.ADULT,))
    assert "code" in provider.ask(browser, provider.party(), acr_values="ToFaktor")[1]
    insists = provider.ask(browser, provider.party(), **acr("ToFaktor"))[1]
    assert insists["error"] == "unmet_authentication_requirements"
    assert "code" in provider.ask(browser, provider.party(), **acr("ToFaktor", "VoksenVerificeret"))[1]


@pytest.mark.spec("OIDC Core", "3.1.2.2")
def test_a_sub_that_is_asked_for_must_be_the_persons(provider: Provider) -> None:
    party = provider.party()
    begun, tokens = provider.tokens(party)
    subject = party.claims(begun, tokens)["sub"]
    for value, hint, expected in (
        (subject, {}, None),
        ("somebody-else", {}, "login_required"),
        (subject, {"id_token_hint": tokens["id_token"]}, None),
        ("somebody-else", {"id_token_hint": tokens["id_token"]}, "invalid_request"),
    ):
        asked = json.dumps({"id_token": {"sub": {"value": value}}})
        page = provider.logged_in().open(party.begin(claims=asked, prompt="none", **hint).address)
        assert told(page.address).get("error") == expected
