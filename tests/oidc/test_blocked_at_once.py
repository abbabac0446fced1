"""A block holds from the commit on: the next request of everything that was open fails, and opening revives none of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp.usecases import blocking
from tests.opponents.relying_party import CALLBACK
from tests.opponents.school_day import PICTURES

if TYPE_CHECKING:
    from tests.oidc.conftest import Provider


def block(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        assert blocking.block(db, provider.system, person_id=provider.asta.id, by=None, reason="Stjålet tablet")


def unblock(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        assert blocking.unblock(db, provider.system, person_id=provider.asta.id, by=None, reason="Fundet igen")


def test_single_sign_on_ends_with_the_block_and_does_not_come_back(provider: Provider) -> None:
    browser = provider.logged_in()
    assert browser.open(provider.party().begin().address).address.startswith(CALLBACK)
    block(provider)
    assert not browser.open(provider.party().begin().address).address.startswith(CALLBACK)
    unblock(provider)
    page = browser.open(provider.party().begin().address)
    assert page.step == "username"
    page = browser.tap(browser.type_username(page, provider.asta.username), PICTURES)
    assert page.address.startswith(CALLBACK)


def test_a_code_that_was_issued_before_is_worth_nothing_then_or_later(provider: Provider) -> None:
    party, later = provider.party(), provider.party()
    (begun, code), (begun_later, code_later) = provider.code(party), provider.code(later)
    block(provider)
    assert party.exchange(begun, code).json()["error"] == "invalid_grant"
    unblock(provider)
    assert later.exchange(begun_later, code_later).json()["error"] == "invalid_grant"


def test_a_token_that_was_issued_before_is_worth_nothing_then_or_later(provider: Provider) -> None:
    party = provider.party()
    _, tokens = provider.tokens(party)
    assert party.userinfo(tokens["access_token"]).status_code == 200
    block(provider)
    assert party.userinfo(tokens["access_token"]).status_code == 401
    unblock(provider)
    assert party.userinfo(tokens["access_token"]).status_code == 401
