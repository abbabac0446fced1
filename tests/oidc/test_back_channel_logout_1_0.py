"""Every service of a session hears that it has ended, however it ended, and without anybody waiting for the network."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from idp.oidc.back_channel_logout_1_0 import logout_token
from idp.outside.fetch import Unfetchable
from idp.outside.jose import verify
from idp.outside.sealing import new_token
from idp.store.outbox import OutboxMessage
from idp.usecases import blocking, logout, outbox, own_sessions, services, sessions
from idp.usecases.grants import find_code, redeem
from idp.usecases.logout_notices import find_participant
from idp.usecases.sessions import ProvenFactor, begin_session
from idp.usecases.signing_keys import key_ring
from policies.vocabulary import Factor
from tests import recipes
from tests.oidc.leaving import HOME, Leaving, leaving, with_private_services
from tests.opponents.databases import sqlite_is_long
from tests.opponents.logout_receiver import LogoutReceiver, read_logout_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider

AWAY = "https://service.example/backchannel"
"""An address that no test reaches."""


@pytest.fixture
def receiver() -> Iterator[LogoutReceiver]:
    with LogoutReceiver() as receiver:
        yield receiver


@pytest.fixture
def one(provider: Provider) -> Leaving:
    return leaving(with_private_services(provider))


@pytest.mark.spec("OIDC Back-Channel Logout", "2.4, 2.5")
@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_service_gets_a_token_that_it_can_check(one: Leaving, receiver: LogoutReceiver, algorithm: str) -> None:
    about = {"backchannel_logout_uri": receiver.address, "id_token_signed_response_alg": algorithm}
    tokens = one.also_at("told", **about)
    page = one.log_out()
    assert (page.address, receiver.posts) == (HOME, [])  # nobody waits for the network
    assert one.work() == 1
    ((content_type, form),) = receiver.posts
    assert content_type == "application/x-www-form-urlencoded"
    assert set(form) == {"logout_token"}
    party = one.provider.party("told")
    claims = read_logout_token(
        receiver.tokens[0],
        party.http.get("/oidc/jwks").json(),
        issuer="http://localhost:8080",
        client_id="told",
        now=int(one.system.now().timestamp()),
        algorithm=algorithm,
    )
    known = verify(tokens["id_token"], party.http.get("/oidc/jwks").json())
    assert (claims["sub"], claims["sid"]) == (known["sub"], known["sid"])
    assert one.kept("notified_at", "told") == one.system.now()
    assert one.work() == 0


def test_the_service_that_asks_is_told_too_and_each_by_its_own_names(one: Leaving, receiver: LogoutReceiver) -> None:
    for client_id in ("asks", "hears"):
        one.also_at(client_id, backchannel_logout_uri=receiver.address)
    one.log_out("asks")
    assert one.waiting() == ["asks", "hears"]
    assert one.work() == 2
    jwks = one.provider.party().http.get("/oidc/jwks").json()
    said = [verify(token, jwks) for token in receiver.tokens]
    assert {claims["aud"] for claims in said} == {"asks", "hears"}
    assert len({claims["sid"] for claims in said}) == 2
    assert len({claims["jti"] for claims in said}) == 2


def _log_out(db: Session, one: Leaving) -> object:
    return logout.log_out(db, one.system, one.session_ids()[0], service_id=None)


def _blocked(db: Session, one: Leaving) -> object:
    return blocking.block(db, one.system, person_id=one.provider.asta.id, by=None, reason="Stjålet tablet")


def _ended_by_an_administrator(db: Session, one: Leaving) -> object:
    return blocking.end_sessions_of(db, one.system, person_id=one.provider.asta.id, by=None)


def _ended_by_a_new_code(db: Session, one: Leaving) -> object:
    return sessions.end_all_sessions(db, one.system, one.provider.asta.id, why="new-code")


def _ended_from_elsewhere(db: Session, one: Leaving) -> object:
    return sessions.end_session(db, one.system, one.session_ids()[0], why="elsewhere")


def _somebody_else_logs_in_here(db: Session, one: Leaving) -> object:
    other = recipes.a_pupil(db, one.system, one.provider.school, code="house sun cat key")
    return begin_session(
        db,
        one.system,
        person_id=other.id,
        factors=[ProvenFactor(Factor.PICTURES, one.system.now())],
        browser="",
        old_token=one.browser.cookie("skolepas"),
    )


@pytest.mark.parametrize(
    "end",
    [
        _log_out, _blocked, _ended_by_an_administrator, _ended_by_a_new_code, _ended_from_elsewhere,
        _somebody_else_logs_in_here,
    ],
)  # fmt: skip
def test_however_a_session_ends_its_services_are_told_in_the_same_transaction(
    one: Leaving, end: Callable[[Session, Leaving], object]
) -> None:
    one.also_at("told", backchannel_logout_uri=AWAY)
    with pytest.raises(LookupError), one.system.database.writing() as db:
        assert end(db, one)
        raise LookupError
    assert one.waiting() == []
    with one.system.database.writing() as db:
        assert end(db, one)
    assert one.waiting() == ["told"]


@sqlite_is_long
def test_a_service_that_redeems_its_code_while_the_session_ends_is_told_too(one: Leaving) -> None:
    one.provider.another("late", backchannel_logout_uri=AWAY)
    party = one.provider.party("late")
    _, answer = one.provider.ask(one.browser, party)
    ending = Thread(target=one.browser.submit, args=(one.browser.open("/logout"),))
    with one.system.database.writing() as db:
        shown = find_code(db, one.system, client_id="late", code=answer["code"])
        assert shown is not None
        assert shown.granted is not None
        assert redeem(db, one.system, shown.granted, access_token=new_token(), refreshes=False)
        ending.start()
        if db.get_bind().dialect.name == "postgresql":  # SQLite lets nobody begin to write meanwhile
            while not db.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one():
                assert ending.is_alive()
    ending.join()
    assert one.waiting() == ["late"]


def test_ending_what_has_ended_tells_nobody_again(one: Leaving) -> None:
    one.also_at("told", backchannel_logout_uri=AWAY)
    for _ in range(2):
        with one.system.database.writing() as db:
            _log_out(db, one)
            _blocked(db, one)
    assert one.waiting() == ["told"]


def test_the_ways_out_of_our_own_pages_tell_too(one: Leaving) -> None:
    one.also_at("told", backchannel_logout_uri=AWAY)
    one.browser.submit(one.browser.open("/logout"))
    assert one.waiting() == ["told"]


def test_who_logs_in_again_keeps_the_services_and_can_still_leave_them(one: Leaving) -> None:
    one.also_at("told", backchannel_logout_uri=AWAY)
    with one.system.database.writing() as db:
        begun = begin_session(
            db,
            one.system,
            person_id=one.provider.asta.id,
            factors=[ProvenFactor(Factor.PICTURES, one.system.now())],
            browser="",
            old_token=one.browser.cookie("skolepas"),
        )
    assert one.waiting() == []
    one.browser.set_cookie("skolepas", begun.token)
    one.log_out("told", go_on=False)  # with the hint of the session before
    assert one.waiting() == ["told"]
    assert one.browser.cookie("skolepas") is None


def test_a_person_ends_a_session_from_mit_login(one: Leaving) -> None:
    one.also_at("told", backchannel_logout_uri=AWAY)
    with one.system.database.writing() as db:
        visit = type("Visit", (), {"person_id": one.provider.asta.id, "login_session_id": 0})
        assert own_sessions.end_other_sessions(db, one.system, visit) == 1  # type: ignore[arg-type]
    assert one.waiting() == ["told"]


@pytest.mark.spec("OIDC Back-Channel Logout", "2.4")
def test_a_token_is_made_when_it_is_sent_and_each_try_has_its_own(
    one: Leaving, receiver: LogoutReceiver, clock: StandingClock
) -> None:
    receiver.statuses += [500, 400]
    one.also_at("told", backchannel_logout_uri=receiver.address)
    one.log_out()
    clock.advance(hours=1)
    assert one.work() == 1
    assert one.work() == 0  # not before its time
    assert one.kept("notified_at", "told") is None
    for seconds in (30, 60):
        clock.advance(seconds=seconds)
        assert one.work() == 1
    jwks = one.provider.party().http.get("/oidc/jwks").json()
    first, second, third = (verify(token, jwks) for token in receiver.tokens)
    assert third["iat"] == int(one.system.now().timestamp())
    assert first["iat"] < second["iat"] < third["iat"]
    assert len({claims["jti"] for claims in (first, second, third)}) == 3
    assert one.kept("notified_at", "told") == one.system.now()
    assert one.kept("notify_fault", "told") is None


def test_who_never_answers_is_given_up_and_the_row_says_why(
    one: Leaving, receiver: LogoutReceiver, clock: StandingClock
) -> None:
    receiver.statuses += [503] * outbox.ATTEMPTS
    one.also_at("told", backchannel_logout_uri=receiver.address)
    one.log_out()
    for _ in range(outbox.ATTEMPTS - 1):
        assert one.work() == 1
        assert one.kept("notify_fault", "told") is None
        clock.advance(hours=7)
    assert one.work() == 1
    assert (one.kept("notified_at", "told"), one.kept("notify_fault", "told")) == (None, "status 503")
    clock.advance(days=7)
    assert one.work() == 0


def test_a_redirect_is_not_followed_and_is_no_answer(one: Leaving, receiver: LogoutReceiver) -> None:
    receiver.statuses += [307]
    one.also_at("told", backchannel_logout_uri=receiver.address)
    one.log_out()
    one.work()
    assert len(receiver.posts) == 1
    assert one.kept("notified_at", "told") is None


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/x",
        "https://127.0.0.1:1/x",
        "https://[::1]:1/x",
        "https://10.0.0.1/",
        "https://169.254.169.254/",
    ],
)
def test_no_service_makes_us_speak_to_our_own_network(provider: Provider, address: str) -> None:
    one = leaving(provider)
    one.also_at("told", backchannel_logout_uri=address)
    one.log_out()
    assert one.work() == 1
    with one.system.database.reading() as db:
        fault = db.execute(select(OutboxMessage.last_fault)).scalar_one()
    assert fault in {"not https", "not a public address"}


def test_a_service_that_was_disabled_meanwhile_is_told_nothing(one: Leaving, receiver: LogoutReceiver) -> None:
    one.also_at("told", backchannel_logout_uri=receiver.address)
    one.log_out()
    with one.system.database.writing() as db:
        services.disable(db, one.system, services.service_id_of(db, "told") or 0, why="Test")
    assert one.work() == 1
    assert receiver.posts == []
    assert one.kept("notify_fault", "told") == "no address"


def test_one_slow_service_holds_up_no_other(one: Leaving, receiver: LogoutReceiver) -> None:
    one.also_at("dead", backchannel_logout_uri="http://127.0.0.1:9/")
    one.also_at("told", backchannel_logout_uri=receiver.address)
    one.log_out()
    assert one.work() == 2
    assert one.kept("notified_at", "told") is not None
    assert one.kept("notified_at", "dead") is None


def test_a_host_that_nobody_reaches_rests_before_it_is_tried_for_anybody(one: Leaving, clock: StandingClock) -> None:
    tried: list[str] = []

    class Unreachable:
        def post_form(self, url: str, _fields: dict[str, str]) -> int:
            tried.append(url)
            raise Unfetchable("ConnectError")

    one.provider = replace(one.provider, system=replace(one.system, fetcher=Unreachable()))
    one.also_at("dead", backchannel_logout_uri=AWAY)
    one.log_out()
    again = Leaving(one.provider, one.provider.logged_in())
    again.visits("dead")
    assert one.work() == 1
    again.log_out("dead")
    assert one.work() == 1
    assert tried == [AWAY]
    clock.advance(minutes=2)
    assert one.work() == 2
    assert 2 <= len(tried) <= 3
    assert len(one.waiting()) == 2


def test_a_logout_token_is_no_id_token(one: Leaving) -> None:
    one.also_at("told", backchannel_logout_uri=AWAY)
    with one.system.database.writing() as db:
        row = next(
            found for n in range(1, 9) if (found := find_participant(db, one.system, n)) and found.identifier == "told"
        )
        token = logout_token(one.system, key_ring(db, one.system), row)
    one.id_tokens["told"] = token
    page = one.log_out("told")
    assert (page.status, page.trail) == (400, [])
    assert one.waiting() == []


def test_a_planted_cookie_of_somebody_elses_session_shows_nothing_while_it_lives(one: Leaving) -> None:
    live = str(one.browser.cookie("skolepas"))
    thief = one.provider.browser()
    thief.set_cookie("skolepas-left", live)
    assert "laeringsportalen" not in thief.open("/logout").body
    with one.system.database.reading() as db:
        assert logout.session_just_ended(db, one.system, new_token()) is None
