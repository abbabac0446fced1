"""Services that register and manage themselves, over HTTP: closed, then by a token, and never with more than their own."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import select

from idp.app import create_app
from idp.outside.fetch import Fetcher
from idp.store.audit import AuditEvent
from idp.store.failed_requests import FailedRequest
from idp.store.registration import InitialAccessToken
from idp.usecases import client_registration, grants
from idp.usecases.services import change_oidc, find_client, secret_is_right
from tests.opponents.key_holder import KeyHolder
from tests.opponents.relying_party import RelyingParty

if TYPE_CHECKING:
    from idp.usecases.services import Client
    from idp.usecases.system import System
    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider

METADATA = {"redirect_uris": ["https://forlag.example/cb"], "client_name": "Forlaget"}
SECTOR = {"sector_identifier_uri": "https://forlag.example/sector.json"}


class Sector(Fetcher):
    """Answers with what the sector lists."""

    listed: object = METADATA["redirect_uris"]

    def get_json(self, url: str) -> object:
        assert url == SECTOR["sector_identifier_uri"]
        return self.listed


@dataclass
class Door:
    """The registration endpoint, as a vendor's program sees it."""

    system: System
    http: httpx.Client

    def token(self, *, minutes: int = 10, uses: int = 1) -> str:
        with self.system.database.writing() as db:
            made = client_registration.make_initial_token(db, self.system, note="Forlaget", minutes=minutes, uses=uses)
        return made.token

    def register(self, token: str | None, metadata: Any = None, **more: Any) -> httpx.Response:  # noqa: ANN401
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {**METADATA, **more} if metadata is None else metadata
        return self.http.post("/oidc/register", json=body, headers=headers)

    def registered(self, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        answer = self.register(self.token(), **more)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def at(self, own: dict[str, Any], method: str = "GET", **update: Any) -> httpx.Response:  # noqa: ANN401
        headers = {"Authorization": f"Bearer {own['registration_access_token']}"}
        return self.http.request(
            method, own["registration_client_uri"], headers=headers, **({"json": update} if update else {})
        )

    def client(self, own: dict[str, Any]) -> Client:
        with self.system.database.reading() as db:
            found = find_client(db, own["client_id"])
        assert found is not None
        return found

    def events(self) -> list[str]:
        with self.system.database.reading() as db:
            return list(db.execute(select(AuditEvent.event).order_by(AuditEvent.id)).scalars())


def a_door(system: System, registration: str = "initial-access-token") -> Door:
    settings = replace(system.settings, oidc=replace(system.settings.oidc, registration=registration))
    system = replace(system, settings=settings, fetcher=Sector(settings.fetch))
    transport = httpx.WSGITransport(app=create_app(system))
    return Door(system, httpx.Client(transport=transport, base_url="http://localhost:8080"))


@pytest.fixture
def door(system: System) -> Door:
    return a_door(system)


def test_by_default_nobody_registers_and_nobody_manages(system: System) -> None:
    door = a_door(system, "closed")
    own = {"registration_access_token": "x", "registration_client_uri": "/oidc/register/service-1"}
    for answer in (door.register(door.token()), door.at(own)):
        assert (answer.status_code, answer.json()["error"]) == (403, "access_denied")
    assert "registration_endpoint" not in door.http.get("/.well-known/openid-configuration").json()


@pytest.mark.spec("RFC 7517", "5")
@pytest.mark.spec("RFC 7591", "2")
def test_members_that_nobody_knows_are_ignored_whatever_they_hold(door: Door, clock: StandingClock) -> None:
    odd = {"odd": "\0", "far": float("1e300") * 10, "deep": [[["\ud800"]]], "\ud800_encrypted_response_alg": "none"}
    body = json.dumps({**METADATA, **odd, "jwks": {**KeyHolder(clock).jwks, **odd}}).replace("Infinity", "1e400")
    headers = {"Authorization": f"Bearer {door.token()}", "Content-Type": "application/json"}
    answer = door.http.post("/oidc/register", content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    own = answer.json()
    assert own["jwks"].keys() == {"keys"}
    assert odd.keys().isdisjoint(own)
    headers["Authorization"] = f"Bearer {own['registration_access_token']}"
    changed = body.replace("{", f'{{"client_id": "{own["client_id"]}", ', 1)
    assert door.http.put(own["registration_client_uri"], content=changed, headers=headers).status_code == 200


@pytest.mark.spec("RFC 7591", "3.2.1")
def test_a_token_registers_a_service_and_is_then_used_up(door: Door) -> None:
    token = door.token()
    answer = door.register(token)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    told = answer.json()
    assert {"client_id", "client_secret", "client_id_issued_at", "registration_access_token"} <= set(told)
    assert told["client_secret_expires_at"] == 0
    assert told["registration_client_uri"] == f"http://localhost:8080/oidc/register/{told['client_id']}"
    assert (told["redirect_uris"], told["scope"]) == (METADATA["redirect_uris"], "openid profile email")
    assert secret_is_right(door.system, door.client(told), told["client_secret"])
    assert door.register(token).status_code == 401
    assert door.events() == ["service:registration-token:made", "service:service:registered"]
    assert "registration_endpoint" in door.http.get("/.well-known/openid-configuration").json()


def test_a_token_ends_with_its_time_or_by_the_operator(door: Door, clock: StandingClock) -> None:
    late, ended = door.token(minutes=10), door.token(minutes=60)
    clock.advance(minutes=10)
    with door.system.database.writing() as db:
        assert client_registration.end_initial_tokens(db, door.system) == 1
    for token in (late, ended, "x", None):
        answer = door.register(token)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="registration"')


@pytest.mark.spec("RFC 7591", "3.2.2")
@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({}, "invalid_redirect_uri"),
        ([], "invalid_client_metadata"),
        ({**METADATA, "redirect_uris": ["https://forlag.example/*"]}, "invalid_redirect_uri"),
        ({**METADATA, "may_introspect": True}, "invalid_client_metadata"),
        ({**METADATA, "request_uris": ["https://forlag.example/r"]}, "invalid_client_metadata"),
        ({**METADATA, "sector_identifier_uri": "https://forlag.example/sector.json#x"}, "invalid_client_metadata"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_refused_uses_nothing_up_and_names_the_member(door: Door, metadata: object, error: str) -> None:
    token = door.token()
    answer = door.register(token, metadata)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    with door.system.database.reading() as db:
        assert db.execute(select(InitialAccessToken.uses_left)).scalar_one() == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"redirect_uris": ["https://a.example/"], "redirect_uris": ["https://b.example/"]}', "application/json"),
        (b'{"redirect_uris": [NaN]}', "application/json"),
        (b"[" * 60_000, "application/json"),
        (b" " * 70_000, "application/json"),
        (b"\xff", "application/json"),
        (b"", "application/json"),
        (json.dumps(METADATA).encode(), "text/plain"),
    ],
)
def test_what_cannot_be_read_is_refused(door: Door, body: bytes, kind: str) -> None:
    headers = {"Authorization": f"Bearer {door.token()}", "Content-Type": kind}
    answer = door.http.post("/oidc/register", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


@pytest.mark.spec("OpenID Connect Registration", "5")
def test_the_sector_of_a_service_is_what_its_list_says(door: Door) -> None:
    assert door.client(door.registered(**SECTOR)).sector == "forlag.example"
    Sector.listed = ["https://another.example/cb"]
    try:
        answer = door.register(door.token(), **SECTOR)
    finally:
        Sector.listed = METADATA["redirect_uris"]
    assert (answer.status_code, answer.json()["faults"][0]["member"]) == (400, "sector_identifier_uri")


@pytest.mark.spec("RFC 7592", "2.1")
def test_a_service_reads_what_it_registered_and_no_other(door: Door) -> None:
    one, other = door.registered(), door.registered()
    answer = door.at(one)
    assert answer.status_code == 200
    assert answer.json() == {
        name: value for name, value in one.items() if name not in {"client_secret", "client_secret_expires_at"}
    }
    assert door.at({**one, "registration_client_uri": other["registration_client_uri"]}).status_code == 401
    assert door.at({**one, "registration_client_uri": "/oidc/register/service-none"}).status_code == 401
    assert door.at({**one, "registration_access_token": one["client_secret"]}).status_code == 401


@pytest.mark.spec("RFC 7592", "2.2")
def test_an_update_replaces_everything_and_changes_the_token(door: Door) -> None:
    own = door.registered(contacts=["support@forlag.example"])
    update = {**METADATA, "client_id": own["client_id"], "client_secret": own["client_secret"], "client_name": "Nyt"}
    answer = door.at(own, "PUT", **update)
    told = answer.json()
    assert (answer.status_code, told["client_name"], told["client_secret"]) == (200, "Nyt", own["client_secret"])
    assert "contacts" not in told
    assert told["registration_access_token"] != own["registration_access_token"]
    assert door.at(own).status_code == 401
    assert door.at(told).json()["client_name"] == "Nyt"
    assert door.client(told).name_da == "Nyt"
    assert door.events()[-1] == "service:service:changed"


def test_an_update_without_the_secret_changes_it_and_the_old_one_counts_for_an_hour(
    door: Door, clock: StandingClock
) -> None:
    own = door.registered()
    told = door.at(own, "PUT", **METADATA, client_id=own["client_id"]).json()
    assert told["client_secret"] != own["client_secret"]
    known = [secret_is_right(door.system, door.client(told), who["client_secret"]) for who in (own, told)]
    clock.advance(hours=1)
    later = [secret_is_right(door.system, door.client(told), who["client_secret"]) for who in (own, told)]
    assert (known, later) == ([True, True], [False, True])


def test_a_service_that_becomes_public_has_no_secret_any_more(door: Door) -> None:
    own = door.registered()
    told = door.at(own, "PUT", **METADATA, client_id=own["client_id"], token_endpoint_auth_method="none").json()
    assert "client_secret" not in told
    told = door.at(told, "PUT", **METADATA, client_id=own["client_id"]).json()
    sent = {**METADATA, "client_id": own["client_id"], "client_secret": told["client_secret"]}
    assert "client_secret" not in door.at(told, "PUT", **sent, token_endpoint_auth_method="none").json()
    assert not secret_is_right(door.system, door.client(told), own["client_secret"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("more", "member"),
    [
        ({"client_id": "another"}, "client_id"),
        ({"client_secret": "guessed"}, "client_secret"),
        ({"client_secret": 7}, "client_secret"),
        ({"registration_access_token": "x"}, "registration_access_token"),
        ({"client_id_issued_at": 1}, "client_id_issued_at"),
        ({"may_introspect": True}, "may_introspect"),
        ({"grant_types": ["password"]}, "grant_types"),
    ],
)
def test_an_update_that_is_refused_changes_nothing(door: Door, more: dict[str, Any], member: str) -> None:
    own = door.registered()
    answer = door.at(own, "PUT", **{**METADATA, "client_id": own["client_id"], "client_name": "Nyt", **more})
    assert (answer.status_code, answer.json()["faults"][0]["member"]) == (400, member)
    assert door.at(own).json()["client_name"] == "Forlaget"
    with door.system.database.reading() as db:
        assert db.execute(select(FailedRequest.parameter)).scalars().all() == [member]


@pytest.mark.spec("RFC 7592", "2.3")
def test_a_service_that_withdraws_ends_with_all_it_was_granted(door: Door) -> None:
    own = door.registered()
    answer = door.at(own, "DELETE")
    assert (answer.status_code, answer.content) == (204, b"")
    assert door.client(own).disabled
    assert [door.at(own, method).status_code for method in ("GET", "DELETE")] == [401, 401]
    assert door.events()[-1] == "service:service:disabled"


def test_a_service_that_registered_itself_is_told_a_pseudonym_and_no_more(provider: Provider) -> None:
    door = a_door(provider.system)
    own = door.registered(redirect_uris=["http://localhost:9000/callback"])
    party = RelyingParty(provider.system, provider.app, client_id=own["client_id"], secret=own["client_secret"])
    begun, tokens = provider.tokens(party)
    told = party.claims(begun, tokens)
    person = {"uniid", "aktoer_gruppe", "institution_ids", "has_license", "name", "given_name", "email"}
    assert not person & set(told)
    assert set(party.userinfo(tokens["access_token"]).json()) == {"sub", "unilogin_loa", "loa", "spec_ver"}
    door.at(own, "DELETE")
    assert party.userinfo(tokens["access_token"]).status_code == 401
    with provider.system.database.reading() as db:
        assert grants.find_token(db, provider.system, tokens["access_token"]) is None


def test_whether_people_are_asked_is_for_the_operator_to_say(door: Door) -> None:
    """Consent tells names that no school has agreed to, and its end tells unasked what a school has agreed to."""
    answer = door.register(door.token(), needs_consent=True)
    assert (answer.status_code, answer.json()["faults"][0]["member"]) == (400, "needs_consent")
    own = door.registered()
    update = {**METADATA, "client_id": own["client_id"]}
    assert door.at(own, "PUT", **update, needs_consent=True).status_code == 400
    with door.system.database.writing() as db:
        client = find_client(db, own["client_id"])
        assert client is not None
        change_oidc(db, door.system, client, {**METADATA, "needs_consent": True})
    for more in ({}, {"needs_consent": False}):
        answer = door.at(own, "PUT", **update, **more)
        assert (answer.status_code, answer.json()["faults"][0]["member"]) == (400, "needs_consent")
    assert door.at(own, "PUT", **update, needs_consent=True).status_code == 200


def test_what_cannot_be_written_down_is_no_id_and_no_secret(door: Door) -> None:
    own = door.registered()
    assert door.at({**own, "registration_client_uri": "/oidc/register/%00"}).status_code == 401
    answer = door.http.put(
        own["registration_client_uri"],
        content=json.dumps({**METADATA, "client_id": own["client_id"], "client_secret": "\ud800"}),
        headers={"Authorization": f"Bearer {own['registration_access_token']}", "Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["faults"][0]["member"]) == (400, "client_secret")
