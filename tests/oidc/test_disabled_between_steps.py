"""Disabling something between any two steps stops the flow at the next one (standards 4.6).

Each step is taken once with nothing disabled, so that it is known to go on, and once with each thing disabled just before it.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import update

from idp.outside.jose import header_of
from idp.store.affiliations import Affiliation
from idp.store.agreements import Agreement
from idp.store.institutions import Institution
from idp.store.people import Person, SchoolRecord
from idp.store.services import Service
from idp.usecases.services import change_oidc, disable, find_client
from idp.usecases.signing_keys import key_ring, rotate
from policies.vocabulary import AgreementStatus
from tests.oidc.test_rfc6749_6_refresh import refreshed, refreshing, tokens_of
from tests.oidc.test_rfc8628_device import DEVICE_CODE, Screen, typed
from tests.oidc.test_rfc9126_par import pushed
from tests.opponents.databases import one_database, postgresql_is_long
from tests.opponents.key_holder import KeyHolder
from tests.opponents.school_day import PICTURES
from tests.recipes import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider

    Stop = Callable[[Provider], None]


def now(model: Any, **values: Any) -> Stop:  # noqa: ANN401 (a table)
    def change(provider: Provider) -> None:
        said = {name: provider.system.now() if value == "now" else value for name, value in values.items()}
        with provider.system.database.writing() as db:
            db.execute(update(model).values(**said))

    return change


def every_service(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        for service_id in range(1, provider.service_id + 3):
            disable(db, provider.system, service_id, why="a test")


def nothing(_provider: Provider) -> None: ...


STOPS: Final[Mapping[str, Stop]] = {
    "nothing": nothing,
    "the service is disabled": every_service,
    "the person is blocked": now(Person, blocked_at="now"),
    "the person has ended": now(Person, ended_at="now"),
    "the attachment has ended": now(Affiliation, valid_to="now"),
    "the institution has ended": now(Institution, ended_at="now"),
}


def code_tapped(provider: Provider, stop: Stop) -> bool:
    browser = provider.browser()
    page = browser.type_username(browser.open(provider.party().begin().address), provider.asta.username)
    stop(provider)
    return "code=" in browser.tap(page, PICTURES).address


def consent_given(provider: Provider, stop: Stop) -> bool:
    provider.another("spillet", needs_consent=True)
    with provider.system.database.writing() as db:
        db.execute(update(SchoolRecord).values(birth_date=date(2012, 1, 1)))
    browser = provider.logged_in()
    page = browser.open(provider.party("spillet").begin().address)
    assert page.step == "consent"
    stop(provider)
    return "code=" in browser.submit(page, ("answer", "allow")).address


def live_session(provider: Provider, stop: Stop) -> bool:
    browser, begun = provider.logged_in(), provider.party().begin()
    stop(provider)
    return "code=" in browser.open(begun.address).address


def pushed_request(provider: Provider, stop: Stop) -> bool:
    browser, (_, address) = provider.logged_in(), pushed(provider.party())
    stop(provider)
    return "code=" in browser.open(address).address


def code_redeemed(provider: Provider, stop: Stop) -> bool:
    party = provider.party()
    begun, code = provider.code(party)
    stop(provider)
    answer = party.exchange(begun, code)
    assert answer.status_code == 200 or answer.json()["error"] in {"invalid_client", "invalid_grant"}
    return "access_token" in answer.json()


def token_used(provider: Provider, stop: Stop) -> bool:
    party = provider.party()
    _, tokens = provider.tokens(party)
    stop(provider)
    return party.userinfo(tokens["access_token"]).status_code == 200


def token_looked_into(provider: Provider, stop: Stop) -> bool:
    party = provider.party()
    _, tokens = provider.tokens(party)
    stop(provider)
    asked = {"token": tokens["access_token"]}
    return bool(party.http.post("/oidc/introspect", data=asked, auth=(party.client_id, SECRET)).json().get("active"))


def tokens_refreshed(provider: Provider, stop: Stop) -> bool:
    party = refreshing(provider)
    _, tokens = tokens_of(provider, party)
    stop(provider)
    return "access_token" in refreshed(party, tokens["refresh_token"]).json()


def a_screen(provider: Provider) -> tuple[Screen, dict[str, Any]]:
    provider.another("tavlen", redirect_uri="http://localhost:9000/none", confidential=False, grant_types=[DEVICE_CODE])
    screen = Screen(provider.party().http)
    return screen, screen.ask().json()


def screen_typed(provider: Provider, stop: Stop) -> bool:
    _, codes = a_screen(provider)
    browser = provider.logged_in()
    stop(provider)
    return typed(browser, codes["user_code"]).step == "other-screen"


def screen_allowed(provider: Provider, stop: Stop) -> bool:
    screen, codes = a_screen(provider)
    browser = provider.logged_in()
    page = typed(browser, codes["user_code"])
    stop(provider)
    browser.submit(page, ("answer", "allow"))
    return "access_token" in screen.poll(codes).json()


def screen_asks(provider: Provider, stop: Stop) -> bool:
    screen, codes = a_screen(provider)
    browser = provider.logged_in()
    browser.submit(typed(browser, codes["user_code"]), ("answer", "allow"))
    stop(provider)
    return "access_token" in screen.poll(codes).json()


STEPS: Final[tuple[Callable[[Provider, Stop], bool], ...]] = (
    code_tapped,
    consent_given,
    live_session,
    pushed_request,
    code_redeemed,
    token_used,
    token_looked_into,
    tokens_refreshed,
    screen_typed,
    screen_allowed,
    screen_asks,
)


@postgresql_is_long
@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_what_is_disabled_stops_at_the_next_step(
    provider: Provider, step: Callable[[Provider, Stop], bool], stop: str
) -> None:
    assert step(provider, STOPS[stop]) is (stop == "nothing")


@one_database
@pytest.mark.parametrize("ends", [{"status": AgreementStatus.REFUSED}, {"valid_to": "now"}])
def test_what_an_agreement_let_be_told_ends_with_it_at_every_step(provider: Provider, ends: dict[str, Any]) -> None:
    """The person still gets in: without an agreement a service knows a pseudonym and how strong the login was."""
    party = refreshing(provider)
    begun, code = provider.code(party)
    _, tokens = tokens_of(provider, party)
    now(Agreement, **ends)(provider)
    asked = {"token": tokens["access_token"]}
    renewed = refreshed(party, tokens["refresh_token"]).json()
    told = {
        "userinfo": party.userinfo(tokens["access_token"]).json(),
        "introspection": party.http.post("/oidc/introspect", data=asked, auth=(party.client_id, SECRET)).json(),
        "a code": party.claims(begun, party.exchange(begun, code).json()),
        "a refreshed token": party.userinfo(renewed["access_token"]).json(),
        "a new login": party.userinfo(provider.tokens(party)[1]["access_token"]).json(),
    }
    assert {step: "uniid" in claims for step, claims in told.items()} == dict.fromkeys(told, False)
    assert all("sub" in claims for claims in told.values()), told


@one_database
def test_it_is_told_as_long_as_the_agreement_holds(provider: Provider) -> None:
    party = refreshing(provider)
    assert "uniid" in party.userinfo(tokens_of(provider, party)[1]["access_token"]).json()


def test_a_clients_key_that_is_taken_away_between_the_code_and_its_redemption(
    provider: Provider, clock: StandingClock
) -> None:
    holder = KeyHolder(clock)
    service_id = provider.another("keyed", token_endpoint_auth_method="private_key_jwt", jwks=holder.jwks)
    party = provider.party("keyed")
    begun, code = provider.code(party)
    with provider.system.database.writing() as db:
        row = db.get_one(Service, service_id)
        row.registration = {**row.registration, "jwks": KeyHolder(clock).jwks}
    answer = party.exchange(begun, code, client_id="keyed", **holder.shows("keyed"))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_key_of_ours_that_is_out_of_use_signs_nothing_and_is_published_no_more(provider: Provider) -> None:
    party = provider.party()
    begun, code = provider.code(party)
    before = {key["kid"] for key in party.http.get("/oidc/jwks").json()["keys"]}
    for _ in range(3):  # current, previous, out of use
        with provider.system.database.writing() as db:
            rotate(db, provider.system)
    with provider.system.database.writing() as db:
        signers = {signer.kid for signer in key_ring(db, provider.system).signers.values()}
    assert signers.isdisjoint(before)
    tokens = party.exchange(begun, code).json()
    published = {key["kid"] for key in party.http.get("/oidc/jwks").json()["keys"]}
    assert header_of(tokens["id_token"])["kid"] in published
    assert published.isdisjoint(before)


def test_a_disabled_service_cannot_have_a_browser_sent_to_it_by_a_logout(provider: Provider) -> None:
    party = provider.party()
    browser = provider.logged_in()
    begun, answer = provider.ask(browser, party)
    tokens = party.exchange(begun, answer["code"]).json()
    every_service(provider)
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
