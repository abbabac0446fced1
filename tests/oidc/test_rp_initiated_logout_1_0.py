"""Logging out from a service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from idp.outside.jose import make_key, signer
from idp.outside.sealing import new_token, token_digest
from idp.store.login_sessions import AdministrationSession, LoginSession
from idp.usecases.administration_sessions import current

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider
    from tests.opponents.browser import Browser, Page
    from tests.opponents.relying_party import RelyingParty

HOME = "http://localhost:9000/"


@dataclass
class Visit:
    """A person who is logged in at the service."""

    party: RelyingParty
    browser: Browser
    id_token: str
    access_token: str

    def log_out(self, **parameters: str) -> Page:
        return self.browser.open(f"/oidc/logout?{urlencode(parameters)}")

    @property
    def is_logged_in(self) -> bool:
        return self.party.userinfo(self.access_token).status_code == 200


@pytest.fixture
def visit(provider: Provider) -> Visit:
    party, browser = provider.party(), provider.logged_in()
    begun, answer = provider.ask(browser, party)
    tokens = party.exchange(begun, answer["code"]).json()
    return Visit(party, browser, tokens["id_token"], tokens["access_token"])


@pytest.mark.spec("OIDC RP-Initiated Logout", "2")
def test_with_a_hint_the_session_ends_and_the_browser_goes_where_it_was_registered(visit: Visit) -> None:
    page = visit.log_out(id_token_hint=visit.id_token, post_logout_redirect_uri=HOME, state="a&b=c")
    assert page.address == f"{HOME}?state=a%26b%3Dc"
    assert page.trail[-1][1] == 303
    assert not visit.is_logged_in
    assert visit.browser.cookie("skolepas") is None


def test_an_old_hint_is_as_good_as_a_young_one(visit: Visit, clock: StandingClock) -> None:
    clock.advance(minutes=30)
    assert visit.log_out(id_token_hint=visit.id_token, post_logout_redirect_uri=HOME).address == HOME


def test_a_post_logs_out_too(visit: Visit) -> None:
    page = visit.browser.post("/oidc/logout", [("id_token_hint", visit.id_token), ("post_logout_redirect_uri", HOME)])
    assert page.address == HOME
    assert not visit.is_logged_in


@pytest.mark.spec("OIDC RP-Initiated Logout", "2")
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"state": "x"},
        {"logout_hint": "somebody"},
        {"client_id": "nobody", "post_logout_redirect_uri": HOME},
        {"client_id": "laeringsportalen", "post_logout_redirect_uri": HOME},
    ],
)
def test_without_a_hint_the_person_is_asked_and_nobody_is_sent_on(visit: Visit, parameters: dict[str, str]) -> None:
    page = visit.log_out(**parameters)
    assert (page.status, page.trail) == (200, [])
    assert visit.is_logged_in
    page = visit.browser.submit(page)
    assert page.status == 200
    assert page.address.startswith("http://localhost:8080/")
    assert not visit.is_logged_in


@pytest.mark.spec("OIDC RP-Initiated Logout", "3")
@pytest.mark.parametrize(
    ("parameters", "onward"),
    [
        ({"client_id": "laeringsportalen", "post_logout_redirect_uri": HOME, "state": "a&b"}, f"{HOME}?state=a%26b"),
        ({"client_id": "laeringsportalen"}, None),
        ({"post_logout_redirect_uri": HOME}, None),
        ({"client_id": "nobody", "post_logout_redirect_uri": HOME}, None),
    ],
)
def test_a_service_that_only_named_itself_gets_a_link_and_no_more(
    visit: Visit, parameters: dict[str, str], onward: str | None
) -> None:
    page = visit.browser.submit(visit.log_out(**parameters))
    assert page.heading == "Du er logget ud"
    assert page.soup.select_one("script[src*='logged_out.js']") is None
    assert [str(link["href"]) for link in page.soup.select("a.go")] == [onward or "/"]


def test_what_the_persons_word_carries_is_checked_again(visit: Visit) -> None:
    kept = [("client_id", "laeringsportalen"), ("post_logout_redirect_uri", "https://evil.example/")]
    page = visit.browser.post("/oidc/logout/confirm", kept, headers={"Origin": "http://localhost:8080"})
    assert page.status == 400
    assert not [link for link in page.soup.find_all("a") if str(link["href"]).startswith("http")]


def test_a_form_on_another_site_logs_nobody_out(visit: Visit) -> None:
    visit.browser.post("/oidc/logout/confirm", [], headers={"Origin": "https://evil.example"})
    assert visit.is_logged_in


@pytest.mark.spec("OIDC RP-Initiated Logout", "3")
@pytest.mark.parametrize(
    "address", ["http://localhost:9000", f"{HOME}?x=1", "https://evil.example/", "http://localhost:9000/callback"]
)
def test_an_address_that_is_not_registered_is_refused_and_nothing_ends(visit: Visit, address: str) -> None:
    page = visit.log_out(id_token_hint=visit.id_token, post_logout_redirect_uri=address)
    assert (page.status, page.trail) == (400, [])
    assert visit.is_logged_in


def test_a_hint_that_we_did_not_sign_is_refused(visit: Visit) -> None:
    head, body, tail = visit.id_token.split(".")
    foreign = make_key("RS256")
    forged = signer(foreign.kid, "RS256", foreign.private).sign(
        {"iss": "http://localhost:8080", "aud": "laeringsportalen", "sub": "x", "sid": "y"}
    )
    for hint in (forged, f"eyJhbGciOiJub25lIn0.{body}.", f"{head}.{body}.{tail[:-4]}AAAA", "x", visit.access_token):
        page = visit.log_out(id_token_hint=hint, post_logout_redirect_uri=HOME)
        assert (page.status, page.trail) == (400, [])
    assert visit.is_logged_in


def test_a_client_that_is_not_the_hints_is_refused(visit: Visit) -> None:
    assert visit.log_out(id_token_hint=visit.id_token, client_id="another").status == 400
    assert visit.log_out(id_token_hint=visit.id_token, client_id="laeringsportalen").status == 200
    assert not visit.is_logged_in


def test_a_hint_of_another_session_asks_first(provider: Provider, visit: Visit) -> None:
    elsewhere = provider.logged_in()
    page = elsewhere.open(
        f"/oidc/logout?{urlencode({'id_token_hint': visit.id_token, 'post_logout_redirect_uri': HOME})}"
    )
    assert (page.status, page.trail) == (200, [])
    assert visit.is_logged_in


@pytest.mark.spec("OIDC RP-Initiated Logout", "2")
def test_a_hint_without_the_sessions_cookie_ends_nothing(provider: Provider, visit: Visit) -> None:
    stranger = provider.browser()
    for more in ({}, {"post_logout_redirect_uri": HOME}):
        page = stranger.open(f"/oidc/logout?{urlencode({'id_token_hint': visit.id_token, **more})}")
        assert page.address == more.get("post_logout_redirect_uri", page.address)
        assert visit.is_logged_in


def test_logging_out_twice_is_no_error(visit: Visit) -> None:
    for _ in range(2):
        page = visit.log_out(id_token_hint=visit.id_token, post_logout_redirect_uri=HOME)
        assert page.address == HOME


def test_the_administrations_session_ends_with_the_login_session(provider: Provider, visit: Visit) -> None:
    token = new_token()
    with provider.system.database.writing() as db:
        session_id = db.query(LoginSession.id).scalar()
        db.add(
            AdministrationSession(
                token_digest=token_digest(token), login_session_id=session_id, person_id=provider.asta.id,
                created_at=provider.system.now(), last_seen_at=provider.system.now(),
            )
        )  # fmt: skip
        db.flush()
        assert current(db, provider.system, token) is not None
    visit.log_out(id_token_hint=visit.id_token)
    with provider.system.database.reading() as db:
        assert current(db, provider.system, token) is None
