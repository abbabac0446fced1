"""Pushed authorization requests: who may push what, and which browser may bring it how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from sqlalchemy import select

from idp.store.grants import Grant
from idp.usecases.services import disable
from tests.oidc.test_rfc9101_request_object import KEYS, inside, signed
from tests.opponents.databases import one_database
from tests.opponents.key_holder import KeyHolder
from tests.opponents.relying_party import SITE, told
from tests.opponents.school_day import PICTURES

if TYPE_CHECKING:
    import httpx

    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider
    from tests.opponents.relying_party import Begun, RelyingParty

URN = "urn:ietf:params:oauth:request_uri:"


def push(party: RelyingParty, fields: list[tuple[str, str]], *, by_key: bool = False, **headers: str) -> httpx.Response:
    """Push a form as it stands, with the secret in the header unless the form authenticates."""
    return party.http.post(
        "/oidc/par",
        content=urlencode(fields),
        headers={"Content-Type": "application/x-www-form-urlencoded", **headers},
        **({} if by_key else {"auth": (party.client_id, party.secret or "")}),
    )


def pushed(party: RelyingParty, **more: str) -> tuple[Begun, str]:
    """Push a good request; return the address that the browser is sent to."""
    begun = party.begin(**more)
    answer = push(party, parse_qsl(urlsplit(begun.address).query))
    assert answer.status_code == 201, answer.text
    return begun, address(party, answer.json()["request_uri"])


def address(party: RelyingParty, request_uri: str, **beside: str) -> str:
    return f"/oidc/authorize?{urlencode({'client_id': party.client_id, 'request_uri': request_uri, **beside})}"


@pytest.mark.spec("RFC 9126", "2.2")
def test_a_pushed_request_is_answered_like_any_other(provider: Provider) -> None:
    party = provider.party()
    begun = party.begin()
    answer = push(party, parse_qsl(urlsplit(begun.address).query))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    told_of = answer.json()
    assert told_of["request_uri"].startswith(URN)
    assert told_of["expires_in"] == 90
    page = provider.logged_in().open(address(party, told_of["request_uri"], scope="nothing", state="other"))
    back = told(page.address)
    assert (back["state"], back["iss"]) == (begun.state, SITE)
    assert party.exchange(begun, back["code"]).status_code == 200


@pytest.mark.spec("FAPI 2.0 Security Profile", "5.3.2.2")
def test_it_may_be_opened_again_in_its_browser_until_the_login_is_over(
    provider: Provider, clock: StandingClock
) -> None:
    party, browser = provider.party(), provider.browser()
    begun, here = pushed(party)
    first = browser.open(here)
    assert first.step == "username"
    clock.advance(minutes=5)  # longer than it waits for a browser
    again = browser.open(here)
    assert again.path == first.path
    elsewhere = provider.logged_in().open(here)
    assert (elsewhere.status, elsewhere.trail) == (400, [])
    page = browser.tap(browser.type_username(again, provider.asta.username), PICTURES)
    code = told(page.address)["code"]
    used = browser.open(here)
    assert (used.status, used.trail) == (400, [])
    assert party.exchange(begun, code).status_code == 200


def test_one_that_is_answered_at_once_is_used_up(provider: Provider) -> None:
    browser = provider.logged_in()
    _, here = pushed(provider.party())
    assert "code" in told(browser.open(here).address)
    assert browser.open(here).status == 400
    # And an error uses it up as well.
    browser, (_, here) = provider.browser(), pushed(provider.party(), prompt="none")
    assert told(browser.open(here).address)["error"] == "login_required"
    assert browser.open(here).status == 400


def test_a_button_pressed_twice_leads_to_the_service_twice(provider: Provider, clock: StandingClock) -> None:
    browser = provider.browser()
    _, here = pushed(provider.party())
    login = browser.open(here)
    page = browser.tap(browser.type_username(login, provider.asta.username), PICTURES)
    assert "code" in told(page.address)
    assert "code" in told(browser.open(login.address).address)
    clock.advance(seconds=15)
    assert browser.open(login.address).address.startswith(SITE)


def test_it_waits_for_a_browser_so_long_and_no_longer(provider: Provider, clock: StandingClock) -> None:
    (_, late), (_, soon) = pushed(provider.party()), pushed(provider.party())
    clock.advance(seconds=89)
    assert "code" in told(provider.logged_in().open(soon).address)
    clock.advance(seconds=1)
    page = provider.logged_in().open(late)
    assert (page.status, page.trail) == (400, [])


@one_database
def test_it_is_for_its_client_alone(provider: Provider) -> None:
    provider.another("another")
    _, here = pushed(provider.party())
    for changed in (
        here.replace("laeringsportalen", "another"),
        here.replace("laeringsportalen", "nobody"),
        here.replace("client_id=laeringsportalen&", ""),
        f"{here}x",
        here[:-1],
        here.replace("request_uri=", "skolepas_posted="),
    ):
        page = provider.logged_in().open(changed)
        assert (page.status, page.trail) == (400, []), changed
    assert "code" in told(provider.logged_in().open(here).address)


@one_database
@pytest.mark.spec("RFC 9126", "2.3")
@pytest.mark.parametrize(
    ("more", "error"),
    [
        ([("redirect_uri", "https://evil.example/")], "invalid_request"),
        ([("redirect_uri", "")], "invalid_request"),
        ([("response_type", "token")], "unsupported_response_type"),
        ([("response_type", "code id_token")], "unsupported_response_type"),
        ([("scope", "profile")], "invalid_scope"),
        ([("code_challenge", "")], "invalid_request"),
        ([("code_challenge_method", "plain")], "invalid_request"),
        ([("prompt", "none login")], "invalid_request"),
        ([("request_uri", f"{URN}x")], "invalid_request"),
        ([("request_uri", "https://evil.example/")], "invalid_request"),
        ([("request", "a.b.c")], "request_not_supported"),
        ([("claims", "{")], "invalid_request"),
        ([("dpop_jkt", "short")], "invalid_request"),
        ([("state", "one"), ("state", "two")], "invalid_request"),
        ([("acr_values", "https://data.gov.dk/concept/core/nsis/loa/High")], "unmet_authentication_requirements"),
        ([("client_id", "another")], "invalid_request"),
    ],
)
def test_what_would_be_refused_at_the_other_endpoint_is_refused_here(
    provider: Provider, more: list[tuple[str, str]], error: str
) -> None:
    names = {name for name, _ in more}
    party = provider.party()
    fields = [pair for pair in parse_qsl(urlsplit(party.begin().address).query) if pair[0] not in names]
    answer = push(party, [*fields, *more])
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert more[0][0] in answer.json()["error_description"]
    assert answer.headers["Cache-Control"] == "no-store"


@one_database
def test_a_client_must_prove_who_it_is(provider: Provider) -> None:
    party = provider.party()
    fields = parse_qsl(urlsplit(party.begin().address).query)
    party.secret = "wrong"
    wrong = push(party, fields)
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert party.http.post("/oidc/par", data=dict(fields)).status_code == 401
    with provider.system.database.writing() as db:
        disable(db, provider.system, provider.service_id, why="")
    assert push(provider.party(), fields).status_code == 401


@one_database
def test_another_method_and_another_kind_of_body_are_refused(provider: Provider) -> None:
    party = provider.party()
    for method in ("GET", "PUT", "DELETE"):
        answer = party.http.request(method, "/oidc/par", auth=(party.client_id, party.secret or ""))
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    answer = party.http.post("/oidc/par", json={"client_id": party.client_id})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    long = push(party, [("state", "x" * 17_000)])
    assert (long.status_code, long.json()["error"]) == (400, "invalid_request")


@pytest.mark.spec("RFC 9126", "3")
def test_a_signed_request_may_be_pushed(provider: Provider) -> None:
    provider.another("signer", jwks=KEYS, require_signed_request_object=True)
    party = provider.party("signer")
    begun = party.begin()
    answer = push(party, [("client_id", "signer"), ("request", signed(inside(provider, begun))), ("scope", "x")])
    assert answer.status_code == 201
    page = provider.logged_in().open(address(party, answer.json()["request_uri"]))
    assert told(page.address)["state"] == begun.state
    unsigned = push(party, parse_qsl(urlsplit(begun.address).query))
    assert (unsigned.status_code, unsigned.json()["error"]) == (400, "invalid_request")
    wrong = push(party, [("client_id", "signer"), ("request", signed(inside(provider, begun, aud="x")))])
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_request_object")


@pytest.mark.spec("RFC 9126", "5")
def test_a_client_that_pushes_does_so_always(provider: Provider) -> None:
    provider.another("pusher", require_pushed_authorization_requests=True, jwks=KEYS)
    party = provider.party("pusher")
    answer = provider.ask(provider.logged_in(), party)[1]
    assert (answer["error"], answer["iss"]) == ("invalid_request", SITE)
    # Neither does it help to post it, or to sign it.
    posted = provider.logged_in().post(
        "/oidc/authorize", [*parse_qsl(urlsplit(party.begin().address).query), ("x", "y" * 5000)]
    )
    assert told(posted.address)["error"] == "invalid_request"
    request = signed(inside(provider, party.begin(), iss=None))
    query = urlencode({"client_id": "pusher", "request": request})
    assert told(provider.logged_in().open(f"/oidc/authorize?{query}").address)["error"] == "invalid_request"
    assert "code" in told(provider.logged_in().open(pushed(party)[1]).address)


@one_database
def test_disabled_meanwhile_the_client_is_refused(provider: Provider) -> None:
    _, here = pushed(provider.party())
    with provider.system.database.writing() as db:
        disable(db, provider.system, provider.service_id, why="")
    page = provider.logged_in().open(here)
    assert (page.status, page.trail) == (403, [])


@one_database
def test_a_posted_request_that_is_too_long_for_an_address_is_kept(provider: Provider, clock: StandingClock) -> None:
    party, browser = provider.party(), provider.browser()
    fields: list[tuple[str, str]] = [*parse_qsl(urlsplit(party.begin().address).query), ("x", "x" * 5000)]
    page = browser.post("/oidc/authorize", fields)
    assert page.step == "username"
    assert "skolepas_posted=" in page.trail[1][0]
    assert len(page.trail[1][0]) < 200
    clock.advance(minutes=5)
    assert browser.open(page.trail[1][0]).path == page.path
    assert provider.browser().open(page.trail[1][0]).status == 400
    wrong: Any
    for wrong in ([("redirect_uri", "https://evil.example/")], [("client_id", "nobody")], [("state", "twice")]):
        names = {name for name, _ in wrong} - {"state"}
        answer = browser.post("/oidc/authorize", [*(pair for pair in fields if pair[0] not in names), *wrong])
        assert (answer.status, answer.trail) == (400, []), wrong
    assert party.http.post("/oidc/authorize", data={"x": "y" * 1_000_000}).status_code == 400


def test_the_code_may_be_bound_to_a_key(provider: Provider) -> None:
    thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    _, here = pushed(provider.party(), dpop_jkt=thumbprint)
    assert told(provider.logged_in().open(here).address)["code"]
    with provider.system.database.reading() as db:
        assert db.execute(select(Grant.dpop_jkt)).scalar_one() == thumbprint
    wrong = provider.ask(provider.logged_in(), provider.party(), dpop_jkt=f"{thumbprint}=")[1]
    assert wrong["error"] == "invalid_request"


@pytest.mark.spec("RFC 9449", "10.1")
def test_a_proof_beside_the_pushed_request_binds_the_code(provider: Provider, clock: StandingClock) -> None:
    party, holder = provider.party(), KeyHolder(clock)
    fields = parse_qsl(urlsplit(party.begin().address).query)
    first = push(party, fields, DPoP=holder.proof(url=f"{SITE}/oidc/par"))
    assert (first.status_code, first.json()["error"]) == (400, "use_dpop_nonce")
    nonce = first.headers["DPoP-Nonce"]
    proof = holder.proof(url=f"{SITE}/oidc/par", nonce=nonce)
    other = push(party, [*fields, ("dpop_jkt", KeyHolder(clock).jkt)], DPoP=proof)
    assert (other.status_code, other.json()["error"]) == (400, "invalid_request")
    again = push(party, fields, DPoP=proof)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_dpop_proof")
    elsewhere = push(party, fields, DPoP=holder.proof(nonce=nonce))
    assert (elsewhere.status_code, elsewhere.json()["error"]) == (400, "invalid_dpop_proof")
    bound = push(party, fields, DPoP=holder.proof(url=f"{SITE}/oidc/par", nonce=nonce))
    assert "code" in told(provider.logged_in().open(address(party, bound.json()["request_uri"])).address)
    with provider.system.database.reading() as db:
        assert db.execute(select(Grant.dpop_jkt)).scalar_one() == holder.jkt


@pytest.mark.spec("FAPI 2.0 Security Profile", "5.3")
def test_a_client_of_the_fapi_profile_logs_somebody_in(provider: Provider, clock: StandingClock) -> None:
    holder = KeyHolder(clock)
    member = {"fapi_2_profile": True, "require_pushed_authorization_requests": True, "dpop_bound_access_tokens": True}
    provider.another("fapi", jwks=holder.jwks, **member, token_endpoint_auth_method="private_key_jwt")
    party = provider.party("fapi", secret=None)
    begun = party.begin()
    fields = parse_qsl(urlsplit(begun.address).query)

    def wrong(*more: tuple[str, str], without: str = "") -> str:
        shown = [pair for pair in fields if pair[0] != without]
        answer = push(party, [*shown, *more, *holder.shows("fapi").items()], by_key=True)
        return str(answer.json().get("error"))

    assert wrong(without="code_challenge") == "invalid_request"
    assert wrong(("response_type", "code id_token"), without="response_type") == "unsupported_response_type"
    assert wrong(("code_challenge_method", "plain"), without="code_challenge_method") == "invalid_request"
    answer = push(party, [*fields, *holder.shows("fapi").items()], by_key=True)
    assert answer.status_code == 201, answer.text
    code = told(provider.logged_in().open(address(party, answer.json()["request_uri"])).address)["code"]
    form = {
        "grant_type": "authorization_code",
        "client_id": "fapi",
        "code": code,
        "redirect_uri": party.redirect_uri,
        "code_verifier": begun.verifier,
    }
    nonce = party.http.post("/oidc/token", data={**form, **holder.shows("fapi")}).headers["DPoP-Nonce"]
    proof = {"DPoP": holder.proof(nonce=nonce)}
    tokens = party.http.post("/oidc/token", data={**form, **holder.shows("fapi")}, headers=proof)
    assert (tokens.status_code, tokens.json().get("token_type")) == (200, "DPoP"), tokens.text
