"""The token endpoint: a code is good once, for a minute, for one client, one address, one verifier and one login."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text, update

from idp.store.grants import AccessToken, Grant
from idp.store.login_sessions import LoginSession, SessionParticipant
from idp.store.people import Person
from idp.usecases.logout import log_out
from idp.usecases.sessions import end_all_sessions
from tests.opponents.databases import one_database

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider


@pytest.mark.spec("RFC 6749", "4.1.4")
def test_a_code_gives_a_token_and_an_id_token(provider: Provider) -> None:
    party = provider.party()
    begun, code = provider.code(party)
    answer = party.exchange(begun, code)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "scope", "id_token"}
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 300)
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")


@pytest.mark.spec("RFC 6749", "4.1.2")
def test_a_reused_code_is_refused_and_revokes_what_it_gave(provider: Provider) -> None:
    party = provider.party()
    begun, code = provider.code(party)
    token = party.exchange(begun, code).json()["access_token"]
    assert party.userinfo(token).status_code == 200
    again = party.exchange(begun, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert party.userinfo(token).status_code == 401
    with provider.system.database.reading() as db:
        events = db.execute(text("SELECT event FROM audit_event WHERE event = 'service:grant:revoked'")).all()
    assert len(events) == 1


@one_database
@pytest.mark.spec("RFC 6749", "4.1.2")
@pytest.mark.parametrize("seconds", [1, 31, 61, 299])
def test_a_code_that_comes_again_later_revokes_what_it_gave(
    provider: Provider, clock: StandingClock, seconds: int
) -> None:
    party = provider.party()
    begun, code = provider.code(party)
    token = party.exchange(begun, code).json()["access_token"]
    clock.advance(seconds=seconds)
    assert party.userinfo(token).status_code == 200
    assert party.exchange(begun, code).json()["error"] == "invalid_grant"
    assert party.userinfo(token).status_code == 401


def test_a_code_that_comes_again_after_the_logout_ends_what_outlived_it(provider: Provider) -> None:
    about = {"grant_types": ["authorization_code", "refresh_token"], "scope": "openid offline_access"}
    provider.another("offline", **about)
    party, browser = provider.party("offline"), provider.logged_in()
    begun, answer = provider.ask(browser, party, scope="openid offline_access")
    tokens = party.exchange(begun, answer["code"]).json()
    assert tokens["scope"] == "openid offline_access"
    with provider.system.database.writing() as db:
        for session_id in db.execute(select(LoginSession.id)).scalars().all():
            log_out(db, provider.system, session_id, service_id=None)
    refreshed = party.post_token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()
    assert party.userinfo(refreshed["access_token"]).status_code == 200
    assert party.exchange(begun, answer["code"]).json()["error"] == "invalid_grant"
    assert party.userinfo(refreshed["access_token"]).status_code == 401
    again = party.post_token(grant_type="refresh_token", refresh_token=refreshed["refresh_token"])
    assert again.json()["error"] == "invalid_grant"


def test_of_two_requests_at_once_one_gets_tokens_and_the_other_revokes_them(provider: Provider) -> None:
    parties = [provider.party(), provider.party()]
    begun, code = provider.code(parties[0])
    barrier, answers = threading.Barrier(2), []

    def redeem(index: int) -> None:
        barrier.wait()
        answers.append(parties[index].exchange(begun, code))

    threads = [threading.Thread(target=redeem, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    token = next(answer.json()["access_token"] for answer in answers if answer.status_code == 200)
    assert parties[0].userinfo(token).status_code == 401


def test_a_code_is_worth_nothing_after_a_minute(provider: Provider, clock: StandingClock) -> None:
    party = provider.party()
    begun, code = provider.code(party)
    clock.advance(seconds=60)
    assert party.exchange(begun, code).json()["error"] == "invalid_grant"


def test_a_code_of_another_client_is_refused_and_stays_good_for_its_own(provider: Provider) -> None:
    provider.another("another")
    party, thief = provider.party(), provider.party("another")
    begun, code = provider.code(party)
    assert thief.exchange(begun, code).json()["error"] == "invalid_grant"
    assert party.exchange(begun, code).status_code == 200


@one_database
@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"redirect_uri": "http://localhost:9000/callback/"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"code": "x" * 43}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unauthorized_client"),
    ],
)
def test_what_does_not_fit_the_code_is_refused(provider: Provider, other: dict[str, str | None], error: str) -> None:
    party = provider.party()
    begun, code = provider.code(party)
    answer = party.exchange(begun, code, **other)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["Cache-Control"] == "no-store"
    assert party.exchange(begun, code).status_code == 200


def test_the_login_must_hold_when_the_code_is_redeemed(provider: Provider) -> None:
    party = provider.party()
    begun, code = provider.code(party)
    with provider.system.database.writing() as db:
        end_all_sessions(db, provider.system, provider.asta.id, why="elsewhere")
    assert party.exchange(begun, code).json()["error"] == "invalid_grant"
    begun, code = provider.code(party)
    with provider.system.database.writing() as db:
        db.execute(update(Person).values(blocked_at=provider.system.now()))
    assert party.exchange(begun, code).json()["error"] == "invalid_grant"


@one_database
@pytest.mark.spec("RFC 6749", "3.2")
def test_a_request_that_is_no_form_or_says_things_twice_is_refused(provider: Provider) -> None:
    party = provider.party()
    bad = [
        party.http.post("/oidc/token", json={"grant_type": "authorization_code"}),
        party.http.post(
            "/oidc/token",
            content=b"grant_type=a&grant_type=b",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        ),
        party.http.post(
            "/oidc/token", content=b"code=%ff", headers={"Content-Type": "application/x-www-form-urlencoded"}
        ),
        party.http.post("/oidc/token", data={"code": "x" * 20_000}),
    ]
    assert [(answer.status_code, answer.json()["error"]) for answer in bad] == [(400, "invalid_request")] * 4
    assert party.http.get("/oidc/token").status_code == 405


def test_codes_and_tokens_are_kept_as_digests_only(provider: Provider) -> None:
    party = provider.party()
    begun, code = provider.code(party)
    token = party.exchange(begun, code).json()["access_token"]
    with provider.system.database.reading() as db:
        digests = [*db.execute(select(Grant.code_digest)).scalars(), *db.execute(select(AccessToken.digest)).scalars()]
    assert {len(digest) for digest in digests if digest} == {32}
    assert code.encode() not in digests
    assert token.encode() not in digests


def test_the_session_remembers_once_that_the_service_was_told(provider: Provider) -> None:
    party, browser = provider.party(), provider.logged_in()
    for _ in range(2):
        begun, answer = provider.ask(browser, party)
        claims = party.claims(begun, party.exchange(begun, answer["code"]).json())
    with provider.system.database.reading() as db:
        told = db.execute(select(SessionParticipant.subject, SessionParticipant.session_index)).all()
    assert [tuple(row) for row in told] == [(claims["sub"], claims["sid"])]
