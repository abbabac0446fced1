"""PKCE: S256 for everybody, and no way down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.oidc.addresses import changed
from tests.opponents.databases import one_database
from tests.opponents.relying_party import told

if TYPE_CHECKING:
    from tests.oidc.conftest import Provider

pytestmark = one_database
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


@pytest.mark.spec("RFC 7636", "4.4.1")
@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"code_challenge_method": "S256"},
        {"code_challenge": CHALLENGE},
        {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
        {"code_challenge": CHALLENGE, "code_challenge_method": "s256"},
        {"code_challenge": CHALLENGE[:42], "code_challenge_method": "S256"},
        {"code_challenge": f"{CHALLENGE}=", "code_challenge_method": "S256"},
        {"code_challenge": "æ" * 43, "code_challenge_method": "S256"},
    ],
)
def test_a_request_without_a_good_challenge_is_refused(provider: Provider, sent: dict[str, str]) -> None:
    address = provider.party().begin().address
    address = changed(address, *sent.items(), without=("code_challenge", "code_challenge_method"))
    answer = told(provider.logged_in().open(address).address)
    assert answer["error"] == "invalid_request"
    assert "code_challenge" in answer["error_description"]


@pytest.mark.spec("RFC 7636", "B")
def test_the_example_of_the_rfc_holds(provider: Provider) -> None:
    party = provider.party()
    begun = party.begin()
    address = changed(begun.address, ("code_challenge", CHALLENGE))
    code = told(provider.logged_in().open(address).address)["code"]
    assert party.exchange(begun, code, code_verifier=VERIFIER).status_code == 200


@pytest.mark.spec("RFC 7636", "4.6")
def test_only_the_right_verifier_redeems_the_code(provider: Provider) -> None:
    party = provider.party()
    begun, code = provider.code(party)
    for wrong in (None, "", VERIFIER, begun.verifier[:-1], begun.verifier + "A", "x" * 129, "é" * 43, CHALLENGE):
        answer = party.exchange(begun, code, code_verifier=wrong)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), wrong
    assert party.exchange(begun, code).status_code == 200


@pytest.mark.spec("RFC 9700", "4.8.2")
def test_where_pkce_is_not_required_it_can_neither_be_slipped_in_nor_left_out_half_way(provider: Provider) -> None:
    provider.another("relaxed", require_pkce=False)
    party, browser = provider.party("relaxed"), provider.logged_in()
    begun = party.begin()
    bare = changed(begun.address, without=("code_challenge", "code_challenge_method"))
    code = told(browser.open(bare).address)["code"]
    assert party.exchange(begun, code).json()["error"] == "invalid_grant"
    assert party.exchange(begun, code, code_verifier=None).status_code == 200
    code = told(browser.open(begun.address).address)["code"]
    assert party.exchange(begun, code, code_verifier=None).json()["error"] == "invalid_grant"
    assert party.exchange(begun, code).status_code == 200


def test_a_public_client_cannot_be_let_off(provider: Provider) -> None:
    provider.another("public", confidential=False, require_pkce=False)
    party = provider.party("public", secret=None, method="none")
    bare = changed(party.begin().address, without=("code_challenge", "code_challenge_method"))
    assert told(provider.logged_in().open(bare).address)["error"] == "invalid_request"
