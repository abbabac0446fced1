"""Nobody is sent to an address that is not, character for character, a registered one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.usecases.redirect_addresses import fault_of, host_of
from tests.oidc.addresses import changed
from tests.oidc.hostile_addresses import LOOKALIKES, NEVER_REGISTERED, REGISTERED, REGISTERED_GLADLY
from tests.opponents.databases import one_database
from tests.opponents.relying_party import told

if TYPE_CHECKING:
    from tests.oidc.conftest import Provider


@one_database
@pytest.mark.spec("RFC 9700", "4.1.3")
def test_no_lookalike_of_a_registered_address_is_ever_redirected_to(provider: Provider) -> None:
    provider.another("targeted", redirect_uri=REGISTERED)
    party = provider.party("targeted", redirect_uri=REGISTERED)
    browser, begun = provider.logged_in(), party.begin()
    assert "code" in told(browser.open(begun.address).address)
    assert len(LOOKALIKES) >= 60
    sent_on = []
    for address in LOOKALIKES:
        page = browser.open(changed(begun.address, ("redirect_uri", address)))
        if page.trail or page.status != 400 or "code=" in page.body:
            sent_on.append((address, page.status))
    assert sent_on == []


@one_database
def test_no_lookalike_redeems_a_code(provider: Provider) -> None:
    provider.another("targeted", redirect_uri=REGISTERED)
    party = provider.party("targeted", redirect_uri=REGISTERED)
    begun, code = provider.code(party)
    assert {party.exchange(begun, code, redirect_uri=address).status_code for address in LOOKALIKES} == {400}
    assert party.exchange(begun, code).status_code == 200


@one_database
@pytest.mark.spec("RFC 8252", "7.3")
def test_the_port_of_a_loopback_address_does_not_vary(provider: Provider) -> None:
    address = changed(provider.party().begin().address, ("redirect_uri", "http://localhost:9001/callback"))
    assert provider.logged_in().open(address).status == 400


def test_hostile_addresses_are_never_registered_and_honest_ones_are() -> None:
    assert [address for address in NEVER_REGISTERED if fault_of(address) is None] == []
    assert [(address, fault_of(address)) for address in REGISTERED_GLADLY if fault_of(address)] == []
    assert [fault_of(value) for value in (None, 1, [], {})] == ["is not an address"] * 4


def test_the_host_of_an_address_is_read_without_its_port() -> None:
    assert [host_of(address) for address in REGISTERED_GLADLY[-3:]] == ["localhost", "127.0.0.1", "[::1]"]
    with pytest.raises(ValueError, match="nonsense"):
        host_of("nonsense")
