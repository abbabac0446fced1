"""Refresh tokens: used once, never for more than was granted, never longer than their reason; twice ends the family."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from idp.store.affiliations import Affiliation
from idp.store.agreements import Agreement
from idp.store.audit import AuditEvent
from idp.store.grants import Grant, RefreshToken
from idp.store.institutions import Institution
from idp.store.login_sessions import LoginSession
from idp.store.people import Person
from idp.usecases import own_sessions
from idp.usecases.administration_sessions import Visit
from idp.usecases.logout import log_out
from idp.usecases.services import disable
from idp.usecases.sessions import end_all_sessions, end_session
from policies.vocabulary import ActorGroup
from tests.opponents.databases import one_database
from tests.recipes import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider
    from tests.opponents.relying_party import Begun, RelyingParty

REGISTERED = {"grant_types": ["authorization_code", "refresh_token"], "scope": "openid profile offline_access"}


def refreshing(provider: Provider, client_id: str = "refreshing", **about: Any) -> RelyingParty:  # noqa: ANN401
    provider.another(client_id, **{**REGISTERED, **about})
    return provider.party(client_id)


def tokens_of(provider: Provider, party: RelyingParty, scope: str = "openid") -> tuple[Begun, dict[str, Any]]:
    begun, code = provider.code(party, scope=scope)
    return begun, party.exchange(begun, code).json()


def refreshed(party: RelyingParty, refresh_token: str, **more: str) -> httpx.Response:
    return party.post_token(grant_type="refresh_token", refresh_token=refresh_token, **more)


@pytest.mark.spec("RFC 6749", "6")
@pytest.mark.spec("OIDC Core", "12.2")
def test_a_refresh_token_gives_new_tokens_of_the_same_login(provider: Provider, clock: StandingClock) -> None:
    party = refreshing(provider)
    begun, tokens = tokens_of(provider, party)
    first = party.claims(begun, tokens)
    clock.advance(minutes=10)
    answer = refreshed(party, tokens["refresh_token"])
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    again = answer.json()
    assert set(again) == {"access_token", "token_type", "expires_in", "refresh_token", "scope", "id_token"}
    assert not {again["access_token"], again["refresh_token"]} & {tokens["access_token"], tokens["refresh_token"]}
    begun.nonce = ""
    later = party.claims(begun, again)
    assert "nonce" not in later
    same = ("iss", "sub", "aud", "azp", "auth_time", "acr", "amr", "sid")
    assert {name: later[name] for name in same} == {name: first[name] for name in same}
    assert later["iat"] == first["iat"] + 600
    assert party.userinfo(again["access_token"]).status_code == 200


@one_database
def test_who_did_not_register_the_grant_type_gets_no_refresh_token(provider: Provider) -> None:
    _, tokens = tokens_of(provider, provider.party(), "openid offline_access")
    assert "refresh_token" not in tokens


@pytest.mark.spec("RFC 9700", "4.14.2")
def test_a_refresh_token_that_comes_twice_ends_its_family(provider: Provider) -> None:
    party = refreshing(provider)
    _, tokens = tokens_of(provider, party)
    second = refreshed(party, tokens["refresh_token"]).json()
    third = refreshed(party, second["refresh_token"]).json()
    again = refreshed(party, tokens["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert refreshed(party, third["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.userinfo(third["access_token"]).status_code == 401
    with provider.system.database.reading() as db:
        facts = db.execute(select(AuditEvent.facts).where(AuditEvent.event == "service:grant:revoked")).scalars()
        assert [fact["why"] for fact in facts] == ["refresh token used twice"]


def test_of_two_requests_at_once_one_gets_tokens_and_the_other_ends_the_family(provider: Provider) -> None:
    refreshing(provider)
    parties = [provider.party("refreshing") for _ in range(2)]
    _, tokens = tokens_of(provider, parties[0])
    barrier, answers = threading.Barrier(2), []

    def refresh(party: RelyingParty) -> None:
        barrier.wait()
        answers.append(refreshed(party, tokens["refresh_token"]))

    threads = [threading.Thread(target=refresh, args=(party,)) for party in parties]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    given = next(answer.json() for answer in answers if answer.status_code == 200)
    assert refreshed(parties[0], given["refresh_token"]).json()["error"] == "invalid_grant"


@one_database
def test_each_waits_so_long_and_all_end_together(provider: Provider, clock: StandingClock) -> None:
    party = refreshing(provider)
    _, tokens = tokens_of(provider, party)
    clock.advance(seconds=1799)
    tokens = refreshed(party, tokens["refresh_token"]).json()
    clock.advance(seconds=1800)
    assert refreshed(party, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    with provider.system.database.writing() as db:
        db.execute(update(LoginSession).values(expires_at=clock.now().replace(year=2030)))
    _, tokens = tokens_of(provider, party)
    with provider.system.database.writing() as db:
        db.execute(update(LoginSession).values(expires_at=clock.now().replace(year=2030)))
    times = 0
    while "refresh_token" in tokens:
        clock.advance(seconds=1700)
        tokens, times = refreshed(party, tokens["refresh_token"]).json(), times + 1
    assert times == 43200 // 1700 + 1


@one_database
@pytest.mark.spec("RFC 6749", "6")
def test_a_scope_may_be_narrower_for_one_access_token_and_never_wider(provider: Provider) -> None:
    party = refreshing(provider)
    _, tokens = tokens_of(provider, party, "openid profile")
    for wider in ("openid email", "openid profile offline_access", "admin", "OPENID"):
        answer = refreshed(party, tokens["refresh_token"], scope=wider)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope"), wider
    narrow = refreshed(party, tokens["refresh_token"], scope="profile").json()
    assert narrow["scope"] == "profile"
    assert "id_token" not in narrow
    refused = party.userinfo(narrow["access_token"])
    assert (refused.status_code, refused.json()["error"]) == (403, "insufficient_scope")
    assert refreshed(party, narrow["refresh_token"]).json()["scope"] == "openid profile"


@one_database
@pytest.mark.parametrize(
    "form", [{}, {"refresh_token": "x" * 43}, {"refresh_token": "CODE"}, {"refresh_token": "ACCESS"}]
)
def test_what_is_no_refresh_token_is_refused(provider: Provider, form: dict[str, str]) -> None:
    party = refreshing(provider)
    _, code = provider.code(party)
    _, tokens = tokens_of(provider, party)
    known = {"CODE": code, "ACCESS": tokens["access_token"]}
    answer = party.post_token(
        grant_type="refresh_token", **{name: known.get(value, value) for name, value in form.items()}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant" if form else "invalid_request")
    assert refreshed(party, tokens["refresh_token"]).status_code == 200


@one_database
def test_another_client_can_neither_use_nor_burn_it(provider: Provider) -> None:
    party, thief = refreshing(provider), refreshing(provider, "thief")
    _, tokens = tokens_of(provider, party)
    assert refreshed(thief, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    wrong = party.post_token(
        grant_type="refresh_token", refresh_token=tokens["refresh_token"], client_id="refreshing", client_secret="wrong"
    )
    assert wrong.status_code == 401
    second = refreshed(party, tokens["refresh_token"])
    assert second.status_code == 200
    assert refreshed(thief, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert refreshed(party, second.json()["refresh_token"]).status_code == 200


@one_database
def test_a_public_client_rotates_by_its_id_alone(provider: Provider) -> None:
    provider.another("public", confidential=False, **REGISTERED)
    party = provider.party("public", secret=None, method="none")
    begun, code = provider.code(party)
    tokens = party.exchange(begun, code, client_id="public").json()
    answer = refreshed(party, tokens["refresh_token"], client_id="public")
    assert answer.json()["refresh_token"] != tokens["refresh_token"]
    assert refreshed(party, tokens["refresh_token"], client_id="public").json()["error"] == "invalid_grant"


def end_the_session(provider: Provider, why: str) -> None:
    with provider.system.database.writing() as db:
        for session_id in db.execute(select(LoginSession.id)).scalars().all():
            end_session(db, provider.system, session_id, why=why)


def log_the_person_out(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        for session_id in db.execute(select(LoginSession.id)).scalars().all():
            log_out(db, provider.system, session_id, service_id=None)


def let_the_session_expire(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        db.execute(update(LoginSession).values(expires_at=provider.system.now()))


def changed(model: Any, **values: Any) -> Callable[[Provider], None]:  # noqa: ANN401
    def change(provider: Provider) -> None:
        now = {name: provider.system.now() if value == "now" else value for name, value in values.items()}
        with provider.system.database.writing() as db:
            db.execute(update(model).values(**now))

    return change


def give_a_new_code(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        end_all_sessions(db, provider.system, provider.asta.id, why="new-code")


def disable_the_service(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        disable(db, provider.system, db.execute(select(Grant.service_id)).scalars().first() or 0, why="a test")


LEAVES_OFFLINE = {
    "logout": log_the_person_out,
    "expiry": let_the_session_expire,
    "another login in the browser": lambda provider: end_the_session(provider, "replaced"),
}
ENDS_EVERYTHING = {
    "ended from elsewhere": lambda provider: end_the_session(provider, "elsewhere"),
    "a factor removed": lambda provider: end_the_session(provider, "factor-removed"),
    "a new code": give_a_new_code,
    "a blocked person": changed(Person, blocked_at="now"),
    "a person who ended": changed(Person, ended_at="now"),
    "an ended attachment": changed(Affiliation, valid_to="now"),
    "an ended institution": changed(Institution, ended_at="now"),
    "a disabled service": disable_the_service,
}


@one_database
@pytest.mark.parametrize("scope", ["openid", "openid offline_access"])
@pytest.mark.parametrize("stop", [*LEAVES_OFFLINE, *ENDS_EVERYTHING])
def test_it_dies_with_its_reason(provider: Provider, clock: StandingClock, stop: str, scope: str) -> None:
    party = refreshing(provider)
    _, tokens = tokens_of(provider, party, scope)
    {**LEAVES_OFFLINE, **ENDS_EVERYTHING}[stop](provider)
    if stop != "expiry":
        assert party.userinfo(tokens["access_token"]).status_code == 401
    answer = refreshed(party, tokens["refresh_token"])
    outlives = stop in LEAVES_OFFLINE and scope != "openid"
    assert (answer.status_code == 200) is outlives, answer.text
    if outlives:
        assert party.userinfo(answer.json()["access_token"]).status_code == 200
        clock.advance(days=6)
        assert refreshed(party, answer.json()["refresh_token"]).status_code == 200


@one_database
@pytest.mark.spec("ASVS", "10.4.9")
def test_who_logs_out_everywhere_else_is_rid_of_what_outlived_earlier_logins(provider: Provider) -> None:
    party = refreshing(provider)
    _, earlier = tokens_of(provider, party, "openid offline_access")
    log_the_person_out(provider)
    _, own = tokens_of(provider, party, "openid offline_access")
    with provider.system.database.writing() as db:
        here = db.execute(select(LoginSession).where(LoginSession.ended_at.is_(None))).scalar_one()
        visit = Visit(
            id=1, login_session_id=here.id, person_id=here.person_id, actor_group=ActorGroup.PUPIL,
            acting_affiliation_id=None, institution_id=None, language=None, stale=False,
        )  # fmt: skip
        own_sessions.end_other_sessions(db, provider.system, visit)
    assert refreshed(party, earlier["refresh_token"]).json()["error"] == "invalid_grant"
    assert refreshed(party, own["refresh_token"]).status_code == 200


@one_database
def test_offline_access_needs_a_school_that_agrees_and_a_device_of_ones_own(provider: Provider) -> None:
    party = refreshing(provider)
    for stop in (changed(Agreement, valid_to="now"), changed(LoginSession, shared_device=True)):
        _, tokens = tokens_of(provider, party, "openid offline_access")
        stop(provider)
        tokens = refreshed(party, tokens["refresh_token"]).json()  # while the session lives it is its reason
        let_the_session_expire(provider)
        assert refreshed(party, tokens["refresh_token"]).json()["error"] == "invalid_grant"
        changed(Agreement, valid_to=None)(provider)


@one_database
def test_offline_access_ends_for_good_after_a_month(provider: Provider, clock: StandingClock) -> None:
    party = refreshing(provider)
    _, tokens = tokens_of(provider, party, "openid offline_access")
    days = 0
    while "refresh_token" in tokens:
        clock.advance(days=5)
        tokens, days = refreshed(party, tokens["refresh_token"]).json(), days + 5
    assert days == 30


def test_refresh_tokens_are_kept_as_digests_only(provider: Provider) -> None:
    party = refreshing(provider)
    _, tokens = tokens_of(provider, party)
    with provider.system.database.reading() as db:
        kept = db.execute(select(RefreshToken.digest)).scalars().all()
    assert [len(digest) for digest in kept] == [32]
    assert tokens["refresh_token"].encode() not in kept
    assert SECRET not in str(kept)
