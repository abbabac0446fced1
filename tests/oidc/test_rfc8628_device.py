"""A screen without a keyboard is logged in from another browser, by the person who sits before it and nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import select, update

from idp.store.audit import AuditEvent
from idp.store.device_authorizations import DeviceAuthorization
from idp.store.people import Person
from idp.store.services import Service
from idp.usecases.device_authorizations import LENGTH, LETTERS, read_code
from idp.usecases.services import change_oidc, find_client
from idp.usecases.sessions import end_all_sessions
from policies.vocabulary import Factor
from tests import recipes
from tests.opponents.browser import SITE, Browser
from tests.opponents.databases import postgresql_is_long

if TYPE_CHECKING:
    from idp.usecases.system import System
    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider
    from tests.opponents.browser import Page

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
PICTURES = "house sun cat key"


@dataclass
class Screen:
    """A board or a television: a public client that cannot open a browser."""

    http: httpx.Client
    client_id: str = "tavlen"

    def ask(self, **other: str) -> httpx.Response:
        return self.http.post(
            "/oidc/device_authorization", data={"client_id": self.client_id, "scope": "openid", **other}
        )

    def poll(self, codes: dict[str, Any], **other: str) -> httpx.Response:
        form = {"grant_type": DEVICE_CODE, "client_id": self.client_id, "device_code": codes["device_code"], **other}
        return self.http.post("/oidc/token", data=form)

    def hears(self, codes: dict[str, Any]) -> str:
        answer = self.poll(codes)
        return str(answer.json()["error"]) if answer.status_code == 400 else "tokens"


@pytest.fixture
def screen(provider: Provider) -> Screen:
    provider.another("tavlen", redirect_uri="http://localhost:9000/none", confidential=False, grant_types=[DEVICE_CODE])
    transport = httpx.WSGITransport(app=provider.app)
    return Screen(httpx.Client(transport=transport, base_url=SITE))


def typed(browser: Browser, code: str) -> Page:
    return browser.submit(browser.open("/device"), ("user_code", code))


def allowed(browser: Browser, code: str, answer: str = "allow") -> Page:
    """Type the code in a browser whose person is logged in, and answer the question."""
    page = typed(browser, code)
    assert page.step == "other-screen", f"{page.address} {page.heading} {page.error}"
    return browser.submit(page, ("answer", answer))


# ── The device authorization endpoint ──


def test_a_screen_is_given_a_code_to_show_and_one_to_ask_with(screen: Screen) -> None:
    answer = screen.ask()
    codes = answer.json()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert codes.keys() == {
        "device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in", "interval"
    }  # fmt: skip
    assert codes["verification_uri"] == f"{SITE}/device"
    assert codes["verification_uri_complete"] == f"{SITE}/device?user_code={codes['user_code']}"
    assert (codes["expires_in"], codes["interval"]) == (600, 5)
    assert len(codes["device_code"]) == 43
    assert len(codes["user_code"]) == LENGTH + 1
    assert set(codes["user_code"]) <= {*LETTERS, "-"}


@postgresql_is_long
@pytest.mark.parametrize(
    ("form", "status", "error", "names"),
    [
        ({"scope": ""}, 400, "invalid_scope", "scope"),
        ({"scope": "profile"}, 400, "invalid_scope", "scope"),
        ({"client_id": "nobody"}, 401, "invalid_client", "client"),
        ({"client_id": ""}, 401, "invalid_client", "client"),
        ({"client_secret": "guessed"}, 401, "invalid_client", "token_endpoint_auth_method"),
        ({"client_id": "laeringsportalen", "client_secret": recipes.SECRET}, 401, "invalid_client", "auth_method"),
        (
            {"acr_values": "https://data.gov.dk/concept/core/nsis/High"},
            400,
            "unmet_authentication_requirements",
            "NSIS",
        ),
    ],
)
def test_a_wrong_request_is_refused_by_the_rule_that_it_breaks(
    screen: Screen, form: dict[str, str], status: int, error: str, names: str
) -> None:
    answer = screen.ask(**form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert names in answer.json()["error_description"]


def test_a_client_that_registered_no_devices_is_given_none(provider: Provider, screen: Screen) -> None:
    auth = ("laeringsportalen", recipes.SECRET)
    answer = screen.http.post("/oidc/device_authorization", data={"scope": "openid"}, auth=auth)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
    asked = screen.http.post("/oidc/token", data={"grant_type": DEVICE_CODE, "device_code": "x"}, auth=auth)
    assert asked.json()["error"] == "unauthorized_client"
    assert provider.party().metadata["device_authorization_endpoint"] == f"{SITE}/oidc/device_authorization"


# ── The whole way ──


def test_the_screen_is_told_who_it_is_once_the_person_has_said_so(
    provider: Provider, screen: Screen, clock: StandingClock
) -> None:
    codes = screen.ask().json()
    assert screen.hears(codes) == "authorization_pending"
    done = allowed(provider.logged_in(), codes["user_code"])
    assert done.path == "/device/allowed"
    clock.advance(seconds=5)
    answer = screen.poll(codes)
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    party = provider.party("tavlen", secret=None)
    claims = party.userinfo(tokens["access_token"]).json()
    assert claims["uniid"] == provider.asta.uniid
    assert tokens["scope"] == "openid"


def test_the_person_logs_in_on_the_way_and_types_the_code_as_they_like(provider: Provider, screen: Screen) -> None:
    codes = screen.ask().json()
    browser = provider.browser()
    page = typed(browser, f" {codes['user_code'].replace('-', ' ').lower()} ")
    assert page.step == "username"
    page = browser.tap(browser.type_username(page, provider.asta.username), PICTURES)
    assert page.step == "other-screen"
    assert codes["user_code"] in page.body
    assert "Tjenesten tavlen" in page.body
    assert browser.submit(page, ("answer", "allow")).path == "/device/allowed"
    assert screen.hears(codes) == "tokens"


def test_an_address_with_the_code_shows_it_and_does_nothing(provider: Provider, screen: Screen) -> None:
    codes = screen.ask().json()
    browser = provider.logged_in()
    page = browser.open(codes["verification_uri_complete"].removeprefix(SITE))
    assert codes["user_code"] in page.body
    assert screen.hears(codes) == "authorization_pending"
    assert browser.submit(page).step == "other-screen"


def test_no_means_no(provider: Provider, screen: Screen) -> None:
    codes = screen.ask().json()
    browser = provider.logged_in()
    assert allowed(browser, codes["user_code"], "no").path == "/device/refused"
    assert screen.hears(codes) == "access_denied"
    assert typed(browser, codes["user_code"]).error
    with provider.system.database.reading() as db:
        events = db.execute(select(AuditEvent.event)).scalars().all()
    assert "service:device:refused" in events


def test_whoever_was_at_the_device_before_answers_for_nobody_else(provider: Provider, screen: Screen) -> None:
    codes = screen.ask().json()
    browser = provider.logged_in()
    page = typed(browser, codes["user_code"])
    forged = browser.post(page.address, [("about", "0"), ("answer", "allow")])
    assert forged.step == "other-screen"
    assert browser.post(page.address, [("answer", "allow")]).step == "other-screen"
    assert screen.hears(codes) == "authorization_pending"


# ── Asking ──


def test_a_screen_that_asks_too_often_must_wait_longer_each_time(screen: Screen, clock: StandingClock) -> None:
    codes = screen.ask().json()
    heard = []
    for seconds in (0, 4, 5, 14, 20, 0):
        clock.advance(seconds=seconds)
        heard.append(screen.hears(codes))
    pending, slow = "authorization_pending", "slow_down"
    # The interval is 5 seconds, then 10, 15 and so on; each question counts, also one that came too soon.
    assert heard == [pending, slow, slow, slow, pending, slow]


def test_a_code_ends_after_ten_minutes(provider: Provider, screen: Screen, clock: StandingClock) -> None:
    codes = screen.ask().json()
    browser = provider.logged_in()
    page = typed(browser, codes["user_code"])
    clock.advance(seconds=600)
    assert screen.hears(codes) == "expired_token"
    late = browser.submit(page, ("answer", "allow"))
    assert (late.path, late.status) == ("/device/too-late", 410)
    assert typed(browser, codes["user_code"]).error
    assert screen.hears(codes) == "expired_token"


def test_a_device_code_is_used_once_and_a_second_time_ends_what_it_gave(provider: Provider, screen: Screen) -> None:
    codes = screen.ask().json()
    allowed(provider.logged_in(), codes["user_code"])
    token = screen.poll(codes).json()["access_token"]
    assert screen.hears(codes) == "invalid_grant"
    assert provider.party("tavlen", secret=None).userinfo(token).status_code == 401


@postgresql_is_long
@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"device_code": "another"}, "invalid_grant"),
        ({"device_code": ""}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "{device_code}"}, "unauthorized_client"),
        ({"client_id": "fjernsyn"}, "invalid_grant"),
    ],
)
def test_nothing_is_given_for_another_code_or_to_another_client(
    provider: Provider, screen: Screen, other: dict[str, str], error: str
) -> None:
    provider.another("fjernsyn", confidential=False, grant_types=[DEVICE_CODE])
    codes = screen.ask().json()
    allowed(provider.logged_in(), codes["user_code"])
    filled = {name: value.format_map(codes) for name, value in other.items()}
    assert screen.poll(codes, **filled).json()["error"] == error


def test_a_device_code_is_no_authorization_code(provider: Provider) -> None:
    provider.another("begge", confidential=False, grant_types=["authorization_code", DEVICE_CODE])
    screen = Screen(httpx.Client(transport=httpx.WSGITransport(app=provider.app), base_url=SITE), "begge")
    codes = screen.ask().json()
    allowed(provider.logged_in(), codes["user_code"])
    answer = screen.http.post(
        "/oidc/token", data={"grant_type": "authorization_code", "client_id": "begge", "code": codes["device_code"]}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert screen.hears(codes) == "tokens"


@postgresql_is_long
@pytest.mark.parametrize("what", ["session", "person", "service"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_ends_on_the_way_ends_the_way(provider: Provider, screen: Screen, what: str, when: str) -> None:
    def end(system: System) -> None:
        with system.database.writing() as db:
            if what == "session":
                end_all_sessions(db, system, provider.asta.id, why="test")
            elif what == "person":
                db.execute(update(Person).where(Person.id == provider.asta.id).values(blocked_at=system.now()))
            else:
                db.execute(update(Service).where(Service.identifier == "tavlen").values(disabled_at=system.now()))

    codes = screen.ask().json()
    browser = provider.logged_in()
    page = typed(browser, codes["user_code"])
    if when == "before":
        end(provider.system)
        assert browser.submit(page, ("answer", "allow")).path != "/device/allowed"
    else:
        browser.submit(page, ("answer", "allow"))
        end(provider.system)
    answer = screen.poll(codes)
    assert answer.status_code in {400, 401}
    assert answer.json()["error"] in {"authorization_pending", "invalid_grant", "invalid_client"}


def test_a_service_that_is_no_device_any_more_waits_for_nobody(provider: Provider, screen: Screen) -> None:
    """Else it could be of the sector of others for as long as the person needs, and a device again afterwards."""
    codes = screen.ask().json()
    with provider.system.database.writing() as db:
        client = find_client(db, "tavlen")
        assert client is not None
        metadata = {"redirect_uris": ["https://forlag.example/cb"], "token_endpoint_auth_method": "none"}
        change_oidc(db, provider.system, client, metadata)
    assert typed(provider.logged_in(), codes["user_code"]).status == 403


# ── Who may ──


def test_of_the_levels_only_known_ones_are_kept(provider: Provider, screen: Screen) -> None:
    """Anybody may ask for a public client, and the rows stay for a day."""
    screen.ask(acr_values="ToFaktor " + "x" * 5000)
    screen.ask(acr_values="x" * 5000)
    with provider.system.database.reading() as db:
        kept = db.execute(select(DeviceAuthorization.acr_values).order_by(DeviceAuthorization.id)).scalars().all()
    assert kept == ["ToFaktor", None]


def test_the_level_that_the_device_asks_for_is_asked_of_the_person(provider: Provider, screen: Screen) -> None:
    codes = screen.ask(acr_values="ToFaktor").json()
    page = typed(provider.logged_in(), codes["user_code"])
    assert (page.path, page.status) == ("/device", 403)
    assert screen.hears(codes) == "access_denied"


def test_the_level_that_was_reached_is_told(provider: Provider, screen: Screen) -> None:
    codes = screen.ask(acr_values="To_Faktor EnFaktor").json()
    browser = provider.logged_in(factor=Factor.PASSKEY)
    allowed(browser, codes["user_code"])
    token = screen.poll(codes).json()["access_token"]
    assert provider.party("tavlen", secret=None).userinfo(token).json()["unilogin_loa"] == "EnFaktor"


def test_a_licence_that_is_missing_says_no(provider: Provider, screen: Screen) -> None:
    with provider.system.database.writing() as db:
        db.execute(update(Service).where(Service.identifier == "tavlen").values(requires_licence=True))
    codes = screen.ask().json()
    page = allowed(provider.logged_in(), codes["user_code"])
    assert page.status == 403
    assert screen.hears(codes) == "access_denied"


# ── Codes that are typed ──


@pytest.mark.parametrize(
    ("typed_code", "read"),
    [
        ("wdjb-mjht", "WDJB-MJHT"),
        (" WDJB MJHT ", "WDJB-MJHT"),
        ("WDJBMJHT", "WDJB-MJHT"),
        ("w d j b – m j h t", "WDJB-MJHT"),
        ("WDJB-MJH", None),
        ("WDJB-MJHTT", None),
        ("WDJB-MJHA", None),
        ("ＷDJB-MJHT", None),
        ("WDJB-MJH1", None),
        ("", None),
        ("W" * 10_000, None),
    ],
)
def test_a_code_reads_the_same_however_it_is_typed(typed_code: str, read: str | None) -> None:
    assert read_code(typed_code) == read


def test_guessing_codes_slows_a_network_down_and_no_school(
    provider: Provider, screen: Screen, clock: StandingClock
) -> None:
    codes, school = screen.ask().json(), Browser(provider.app, address="198.51.100.9")
    school.tap(school.type_username(typed(school, codes["user_code"]), provider.asta.username), PICTURES)
    school.submit(typed(school, codes["user_code"]), ("answer", "allow"))
    codes = screen.ask().json()
    guesser = provider.browser()
    tries = 0
    while guesser.post("/device", [("user_code", "BBBB-BBBB")], follow=False).status == 400:
        tries += 1
    assert tries < provider.system.rules.lockout.network.free_failures
    assert guesser.post("/device", [("user_code", codes["user_code"])], follow=False).status == 429
    assert typed(school, codes["user_code"]).step == "other-screen"
    clock.advance(seconds=30)
    assert guesser.post("/device", [("user_code", codes["user_code"])]).step == "username"


def test_a_code_that_no_screen_shows_reads_like_one_that_is_over(provider: Provider, screen: Screen) -> None:
    codes = screen.ask().json()
    with provider.system.database.writing() as db:
        db.execute(update(DeviceAuthorization).values(expires_at=provider.system.now() - timedelta(seconds=1)))
    browser = provider.browser()
    old, never = typed(browser, codes["user_code"]), typed(browser, "BBBB-BBBB")
    assert old.error == never.error != ""
    assert old.status == never.status == 400
    assert typed(browser, "not a code").error != old.error


def test_no_code_is_kept_as_it_is_shown(provider: Provider, screen: Screen) -> None:
    codes = screen.ask().json()
    with provider.system.database.reading() as db:
        row = db.execute(select(*DeviceAuthorization.__table__.columns)).one()
    kept = repr(tuple(row))
    assert codes["user_code"] not in kept
    assert codes["device_code"] not in kept
