"""Services that only the browser can tell, and the page on which a person sees what was logged out and what was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from idp.outside.jose import verify
from idp.usecases import services
from idp.usecases.logout import SHOWN_FOR
from tests.oidc.leaving import HOME, Leaving, frame_sources, frames, leaving, standings, with_private_services
from tests.opponents.databases import postgresql_is_long
from tests.opponents.logout_receiver import LogoutReceiver

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider

pytestmark = postgresql_is_long

FRONT = {"frontchannel_logout_uri": "https://front.example/out"}
BACK = {"backchannel_logout_uri": "https://back.example/out"}


@pytest.fixture
def one(provider: Provider) -> Leaving:
    return leaving(provider)


@pytest.mark.spec("OIDC Front-Channel Logout", "2, 3")
def test_a_frame_tells_a_service_which_session_has_ended(one: Leaving) -> None:
    tokens = one.also_at("front", **FRONT)
    sid = verify(tokens["id_token"], one.provider.party().http.get("/oidc/jwks").json())["sid"]
    one.also_at("with-query", frontchannel_logout_uri="https://other.example:8443/out?of=us")
    page = one.log_out()
    first, second = frames(page)
    assert first == ("https://front.example/out", {"iss": "http://localhost:8080", "sid": sid})
    assert second[0] == "https://other.example:8443/out"
    assert second[1]["of"] == "us"
    assert second[1]["sid"] != sid
    assert frame_sources(page) == ["https://front.example", "https://other.example:8443"]
    assert page.body.count('sandbox="allow-scripts allow-same-origin"') == 2


def test_the_page_goes_on_by_itself_or_by_its_link(one: Leaving) -> None:
    one.also_at("front", **FRONT)
    page = one.log_out(state="a&b")
    assert page.status == 200
    onward = page.soup.select_one("a[data-go-on]")
    assert onward is not None
    assert onward["href"] == f"{HOME}?state=a%26b"
    assert page.link("Gå videre til Tjenesten laeringsportalen") == onward["href"]
    assert page.soup.select_one("script[src*='logged_out.js']")


def test_no_other_page_may_load_a_frame(one: Leaving) -> None:
    one.also_at("front", **FRONT)
    for address in ("/", "/logout"):
        assert frame_sources(one.browser.open(address)) == []
    one.log_out()
    assert frame_sources(one.browser.open("/")) == []
    assert frame_sources(one.browser.open("/logout")) == ["https://front.example"]


def test_who_asks_is_told_by_its_frame_too(one: Leaving) -> None:
    one.also_at("front", **FRONT)
    page = one.log_out("front")
    assert [address for address, _ in frames(page)] == ["https://front.example/out"]
    assert standings(page)["Tjenesten front"] == "told"


@pytest.mark.parametrize(
    ("registration", "standing", "framed", "stays"),
    [
        ({}, "cannot-be-told", False, True),
        (FRONT, "by-this-page", True, True),
        (BACK, "being-told", False, False),
        ({**FRONT, **BACK}, "being-told", False, False),
    ],
)
def test_how_a_service_can_be_told_decides_where_the_browser_goes(
    one: Leaving, registration: dict[str, str], standing: str, *, framed: bool, stays: bool
) -> None:
    one.also_at("other", **registration)
    page = one.log_out()
    assert (page.status == 200) is stays
    assert (page.address == HOME) is not stays
    page = one.browser.open("/logout")
    assert standings(page)["Tjenesten other"] == standing
    assert bool(frames(page)) is framed


def test_nothing_goes_on_by_itself_while_the_person_has_something_to_read(one: Leaving) -> None:
    one.also_at("front", **FRONT)
    one.also_at("silent")
    page = one.log_out()
    assert page.soup.select_one("a[data-go-on]") is None
    assert page.soup.select_one("script[src*='logged_out.js']") is None
    assert page.link("Gå videre til Tjenesten laeringsportalen") == HOME


def test_a_reload_shows_how_things_stand_now(provider: Provider, clock: StandingClock) -> None:
    one = leaving(with_private_services(provider))
    with LogoutReceiver(statuses=[500]) as receiver:
        one.also_at("told", backchannel_logout_uri=receiver.address)
        one.also_at("silent")
        page = one.log_out()
        seen = [standings(page)["Tjenesten told"]]
        for _ in range(2):
            one.work()
            clock.advance(minutes=1)
            page = one.browser.open(page.link("Se hvordan det står til nu"))
            seen.append(standings(page)["Tjenesten told"])
    assert seen == ["being-told", "being-told", "told"]
    assert standings(page)["Tjenesten laeringsportalen"] == "told"
    assert page.link("Gå videre til Tjenesten laeringsportalen") == HOME


def test_the_page_is_for_the_browser_that_left_and_not_for_long(one: Leaving, clock: StandingClock) -> None:
    one.also_at("silent")
    address = one.log_out().address
    assert one.provider.browser().open(address).address == HOME
    assert standings(one.browser.open("/logout"))
    clock.advance(seconds=SHOWN_FOR.total_seconds())
    assert standings(one.browser.open("/logout")) == {}


def test_the_next_who_logs_in_does_not_see_it(one: Leaving) -> None:
    one.also_at("silent")
    one.log_out()
    assert one.browser.cookie("skolepas-left") is not None
    page = one.browser.open(one.provider.party().begin().address)
    one.browser.tap(one.browser.type_username(page, one.provider.asta.username), "house sun cat key")
    assert one.browser.cookie("skolepas-left") is None


def test_a_disabled_service_is_neither_told_nor_framed(one: Leaving) -> None:
    one.also_at("front", **FRONT)
    with one.system.database.writing() as db:
        services.disable(db, one.system, services.service_id_of(db, "front") or 0, why="Test")
    page = one.log_out()
    assert (standings(page)["Tjenesten front"], frames(page)) == ("cannot-be-told", [])


def test_the_page_speaks_the_language_that_the_service_wishes(one: Leaving) -> None:
    one.also_at("silent")
    page = one.log_out(ui_locales="fr en-GB da")
    assert page.heading == "You are logged out"
    assert "The service silent" in standings(page)
