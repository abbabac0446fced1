"""Disabling something between any two steps stops the flow at the next one (standards 4.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from idp.store.institutions import Institution
from idp.store.people import Person
from idp.usecases.services import change_oidc, disable, find_client
from tests.opponents.relying_party import CALLBACK
from tests.opponents.school_day import PICTURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oidc.conftest import Provider


def disable_service(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        assert disable(db, provider.system, provider.service_id, why="a test")


def block_person(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        db.execute(update(Person).where(Person.id == provider.asta.id).values(blocked_at=provider.system.now()))


def end_institution(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        db.execute(
            update(Institution).where(Institution.id == provider.school.id).values(ended_at=provider.system.now())
        )


@pytest.mark.parametrize("stop", [disable_service, block_person, end_institution])
def test_before_the_code_is_tapped(provider: Provider, stop: Callable[[Provider], None]) -> None:
    browser = provider.browser()
    page = browser.type_username(browser.open(provider.party().begin().address), provider.asta.username)
    stop(provider)
    page = browser.tap(page, PICTURES)
    assert not page.address.startswith(CALLBACK)
    assert page.status == 403


@pytest.mark.parametrize("stop", [disable_service, block_person, end_institution])
def test_before_the_service_is_visited_with_a_live_session(
    provider: Provider, stop: Callable[[Provider], None]
) -> None:
    browser = provider.logged_in()
    stop(provider)
    page = browser.open(provider.party().begin().address)
    assert not page.address.startswith(CALLBACK)


STOPPED_CODES = [
    (disable_service, "invalid_client"),
    (block_person, "invalid_grant"),
    (end_institution, "invalid_grant"),
]


@pytest.mark.parametrize(("stop", "error"), STOPPED_CODES)
def test_before_the_code_is_redeemed(provider: Provider, stop: Callable[[Provider], None], error: str) -> None:
    party = provider.party()
    begun, code = provider.code(party)
    stop(provider)
    assert party.exchange(begun, code).json()["error"] == error


@pytest.mark.parametrize("stop", [disable_service, block_person, end_institution])
def test_before_the_token_is_used(provider: Provider, stop: Callable[[Provider], None]) -> None:
    party = provider.party()
    _, tokens = provider.tokens(party)
    stop(provider)
    assert party.userinfo(tokens["access_token"]).status_code == 401


def test_a_disabled_service_cannot_have_a_browser_sent_to_it_by_a_logout(provider: Provider) -> None:
    party = provider.party()
    browser = provider.logged_in()
    begun, answer = provider.ask(browser, party)
    tokens = party.exchange(begun, answer["code"]).json()
    disable_service(provider)
    page = browser.open(
        f"/oidc/logout?id_token_hint={tokens['id_token']}&post_logout_redirect_uri=http://localhost:9000/"
    )
    assert (page.status, page.trail) == (400, [])


def test_an_address_that_is_taken_from_a_service_gets_nothing_for_its_codes(provider: Provider) -> None:
    party = provider.party()
    begun, code = provider.code(party)
    with provider.system.database.writing() as db:
        client = find_client(db, "laeringsportalen")
        assert client is not None
        change_oidc(db, provider.system, client, {"redirect_uris": ["https://another.example/cb"]})
    answer = party.exchange(begun, code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert "not registered any more" in answer.json()["error_description"]
