"""Registering a service from RFC 7591 metadata, in code and on the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from joserfc.jwk import ECKey
from sqlalchemy import select

from admin_ui.cli import Operator, commands
from idp.outside.fetch import Fetcher, Unfetchable
from idp.settings import FetchSettings
from idp.store.agreements import Agreement
from idp.store.audit import AuditEvent
from idp.store.services import Service
from idp.usecases.client_metadata import MetadataRefused, accept
from idp.usecases.client_metadata_members import DEVICE_CODE
from idp.usecases.client_registration import may_register
from idp.usecases.sectors import fetch_listed
from idp.usecases.services import find_client, register_oidc, secret_is_right
from policies.vocabulary import ReleasePackage
from tests import recipes

if TYPE_CHECKING:
    from click.testing import Result

    from idp.usecases.system import System
    from tests.conftest import StandingClock

KEYS = {"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}
HONEST = {"redirect_uris": ["http://localhost:9000/cb"]}


def skolepas(system: System, *words: str, text: str | None = None, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setattr(Operator, "system", system)
    return CliRunner().invoke(commands, list(words), input=text)


@pytest.mark.spec("RFC 7591", "2")
def test_what_is_left_out_gets_the_strict_default() -> None:
    accepted = accept(HONEST)
    assert accepted.sector is None
    assert accepted.registration["token_endpoint_auth_method"] == "client_secret_basic"
    assert accepted.registration["require_pkce"] is True
    assert accepted.registration["subject_type"] == "pairwise"


@pytest.mark.spec("RFC 7591", "3.2.1")
def test_what_nobody_gets_is_left_out_of_the_answer_and_unknown_members_are_ignored() -> None:
    wanted = {"grant_types": ["authorization_code", "refresh_token"], "scope": "offline_access openid x", "sings": True}
    registration = accept({**HONEST, **wanted}).registration
    assert registration["grant_types"] == wanted["grant_types"]
    assert registration["scope"] == "openid offline_access"
    assert "sings" not in registration


def test_a_device_without_a_browser_needs_no_address_and_is_a_sector_of_its_own(system: System) -> None:
    device = {"grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "token_endpoint_auth_method": "none"}
    with system.database.writing() as db:
        registered = register_oidc(db, system, device)
        client = find_client(db, registered.client_id)
    assert client is not None
    assert (client.redirect_uris, client.sector) == ((), f"client:{registered.client_id}")
    assert registered.registration["response_types"] == []


@pytest.mark.spec("FAPI 2.0 Security Profile", "5.3.2")
def test_a_profile_fills_in_what_it_means(system: System) -> None:
    with system.database.writing() as db:
        registered = register_oidc(db, system, {**HONEST, "fapi_2_profile": True, "jwks": KEYS})
        client = find_client(db, registered.client_id)
    assert client is not None
    assert (client.fapi, client.requires_par, client.dpop_bound, client.requires_pkce) == (True,) * 4
    assert (client.auth_method, client.algorithm, client.secret_digest) == ("private_key_jwt", "ES256", None)


def test_what_is_not_registered_is_not_given(system: System) -> None:
    with system.database.writing() as db:
        client = find_client(db, register_oidc(db, system, HONEST).client_id)
    assert client is not None
    assert (client.fapi, client.dpop_bound, client.introspects, client.needs_consent) == (False,) * 4
    assert (client.scope, client.grant_types) == (("openid", "profile", "email"), ("authorization_code",))
    assert (client.access_token_format, client.userinfo_alg, client.backchannel_logout_uri) == ("opaque", None, None)


def test_a_secret_that_was_replaced_counts_until_its_time_is_up(system: System, clock: StandingClock) -> None:
    with system.database.writing() as db:
        registered = register_oidc(db, system, HONEST)
        client = find_client(db, registered.client_id)
    assert client is not None
    assert registered.client_secret is not None
    until = system.now() + timedelta(hours=1)
    new = replace(
        client, secret_digest=b"x" * 32, previous_secret_digest=client.secret_digest, previous_secret_until=until
    )
    assert secret_is_right(system, new, registered.client_secret)
    clock.advance(hours=1)
    assert not secret_is_right(system, new, registered.client_secret)


@pytest.mark.spec("RFC 7591", "3.2.2")
@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ([], "invalid_client_metadata"),
        ({}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": "https://a.example/"}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://a.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://a.example/#x"]}, "invalid_redirect_uri"),
        ({**HONEST, "post_logout_redirect_uris": ["http://a.example/"]}, "invalid_redirect_uri"),
        ({**HONEST, "client_name": ""}, "invalid_client_metadata"),
        ({**HONEST, "client_name#da": 7}, "invalid_client_metadata"),
        ({**HONEST, "token_endpoint_auth_method": "client_secret_jwt"}, "invalid_client_metadata"),
        ({**HONEST, "grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({**HONEST, "grant_types": ["authorization_code", "password"]}, "invalid_client_metadata"),
        ({**HONEST, "response_types": ["code", "token"]}, "invalid_client_metadata"),
        ({**HONEST, "scope": "profile"}, "invalid_client_metadata"),
        ({**HONEST, "subject_type": "public"}, "invalid_client_metadata"),
        ({**HONEST, "id_token_signed_response_alg": "none"}, "invalid_client_metadata"),
        ({**HONEST, "id_token_signed_response_alg": "HS256"}, "invalid_client_metadata"),
        ({**HONEST, "id_token_encrypted_response_alg": "RSA-OAEP"}, "invalid_client_metadata"),
        ({**HONEST, "userinfo_signed_response_alg": "none"}, "invalid_client_metadata"),
        ({**HONEST, "userinfo_encrypted_response_alg": "RSA-OAEP"}, "invalid_client_metadata"),
        ({**HONEST, "grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({**HONEST, "grant_types": []}, "invalid_client_metadata"),
        ({**HONEST, "grant_types": ["refresh_token"]}, "invalid_client_metadata"),
        ({"grant_types": []}, "invalid_client_metadata"),
        ({**HONEST, "response_types": []}, "invalid_client_metadata"),
        ({**HONEST, "scope": "openid offline_access"}, "invalid_client_metadata"),
        ({**HONEST, "token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({**HONEST, "token_endpoint_auth_signing_alg": "ES256"}, "invalid_client_metadata"),
        ({**HONEST, "jwks": KEYS, "jwks_uri": "https://a.example/jwks"}, "invalid_client_metadata"),
        ({**HONEST, "jwks_uri": "http://localhost:9000/jwks"}, "invalid_client_metadata"),
        ({**HONEST, "jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}, "invalid_client_metadata"),
        ({**HONEST, "require_signed_request_object": True}, "invalid_client_metadata"),
        ({**HONEST, "request_object_signing_alg": "none"}, "invalid_client_metadata"),
        ({**HONEST, "token_endpoint_auth_method": "none", "may_introspect": True}, "invalid_client_metadata"),
        ({**HONEST, "backchannel_logout_session_required": True}, "invalid_client_metadata"),
        ({**HONEST, "backchannel_logout_uri": "http://localhost:9000/out"}, "invalid_client_metadata"),
        ({**HONEST, "frontchannel_logout_uri": "https://another.example/out"}, "invalid_client_metadata"),
        ({**HONEST, "fapi_2_profile": True}, "invalid_client_metadata"),
        (
            {**HONEST, "fapi_2_profile": True, "jwks": KEYS, "dpop_bound_access_tokens": False},
            "invalid_client_metadata",
        ),
        (
            {**HONEST, "fapi_2_profile": True, "jwks": KEYS, "token_endpoint_auth_method": "none"},
            "invalid_client_metadata",
        ),
        (
            {**HONEST, "fapi_2_profile": True, "jwks": KEYS, "id_token_signed_response_alg": "RS256"},
            "invalid_client_metadata",
        ),
        ({**HONEST, "default_max_age": -1}, "invalid_client_metadata"),
        ({**HONEST, "default_max_age": True}, "invalid_client_metadata"),
        ({**HONEST, "default_max_age": 10**30}, "invalid_client_metadata"),
        ({**HONEST, "client_name": "\ud800"}, "invalid_client_metadata"),
        ({**HONEST, "jwks": {"keys": [{**KEYS["keys"][0], "note": "\x00"}]}}, "invalid_client_metadata"),
        ({**HONEST, "jwks": {"keys": [{**KEYS["keys"][0], "note": 1e400}]}}, "invalid_client_metadata"),
        ({**HONEST, "client_uri": "javascript:alert(1)"}, "invalid_client_metadata"),
        ({**HONEST, "token_endpoint_auth_method": "none", "require_pkce": False}, "invalid_client_metadata"),
        ({"redirect_uris": ["https://a.example/", "https://b.example/"]}, "invalid_client_metadata"),
        ({**HONEST, "sector_identifier_uri": "https://another.example/uris.json"}, "invalid_client_metadata"),
    ],
)
def test_metadata_that_cannot_be_honoured_is_refused(metadata: Any, error: str) -> None:  # noqa: ANN401
    with pytest.raises(MetadataRefused) as refused:
        accept(metadata)
    assert refused.value.to_json()["error"] == error


def test_every_fault_is_reported_at_once() -> None:
    with pytest.raises(MetadataRefused) as refused:
        accept({"redirect_uris": ["http://a.example/", "ftp://b"], "client_name": "", "scope": ""})
    members = [fault["member"] for fault in refused.value.to_json()["faults"]]
    assert members == ["redirect_uris", "redirect_uris", "client_name", "scope"]


@pytest.mark.spec("OpenID Connect Registration", "5")
def test_a_client_is_of_the_sector_whose_list_names_all_its_addresses() -> None:
    addresses = ["https://a.example/", "https://b.example/"]
    metadata = {"redirect_uris": addresses, "sector_identifier_uri": "https://c.example/uris.json"}
    assert accept(metadata, ("https://x.example/", *addresses)).sector == "c.example"
    for listed in (None, (), ("https://a.example/",), ("https://a.example", "https://b.example")):
        with pytest.raises(MetadataRefused):
            accept(metadata, listed)


@pytest.mark.spec("OpenID Connect Core", "8.1")
@pytest.mark.parametrize(
    ("metadata", "sector"),
    [
        ({"redirect_uris": ["https://a.example/1", "https://a.example:8443/2"]}, "a.example"),
        ({"redirect_uris": ["http://localhost:9000/cb"]}, None),
        ({"redirect_uris": ["https://a.example/"], "grant_types": ["authorization_code", DEVICE_CODE]}, None),
    ],
)
def test_nobody_comes_into_the_sector_of_another(metadata: dict[str, Any], sector: str | None) -> None:
    assert accept(metadata).sector == sector


@pytest.mark.spec("OpenID Connect Registration", "5")
def test_no_device_comes_into_a_sector_by_a_list_that_anybody_may_read() -> None:
    victims = ["https://a.example/"]
    metadata = {"redirect_uris": victims, "sector_identifier_uri": "https://a.example/uris.json"}
    assert accept(metadata, tuple(victims)).sector == "a.example"
    with pytest.raises(MetadataRefused):
        accept({**metadata, "grant_types": ["authorization_code", DEVICE_CODE]}, tuple(victims))


def test_the_list_of_a_sector_is_fetched_and_anything_else_is_none() -> None:
    class Answers(Fetcher):
        def get_json(self, url: str) -> Any:  # noqa: ANN401
            found = {"https://a.example/list": ["https://a.example/", 7], "https://a.example/object": {}}.get(url)
            if found is None:
                raise Unfetchable("ConnectError")
            return found

    fetcher = Answers(FetchSettings())
    named = [f"https://a.example/{path}" for path in ("list", "object", "nothing")]
    found = [fetch_listed(fetcher, {"sector_identifier_uri": address}) for address in named]
    assert found == [("https://a.example/",), None, None]
    assert [fetch_listed(fetcher, metadata) for metadata in ({}, [], {"sector_identifier_uri": "ftp://a"})] == [
        None
    ] * 3


def test_the_secret_is_told_once_and_kept_as_a_digest(system: System) -> None:
    with system.database.writing() as db:
        registered = register_oidc(db, system, HONEST, package=ReleasePackage.SMALL)
        public = register_oidc(db, system, {**HONEST, "token_endpoint_auth_method": "none"})
    assert registered.client_secret is not None
    assert public.client_secret is None
    assert registered.client_secret not in repr(registered)
    with system.database.reading() as db:
        client = find_client(db, registered.client_id)
        assert client is not None
        assert secret_is_right(system, client, registered.client_secret)
        assert not secret_is_right(system, client, registered.client_secret + "x")
        open_client = find_client(db, public.client_id)
        assert open_client is not None
        assert not secret_is_right(system, open_client, "")
        packages = db.execute(select(Agreement.institution_id, Agreement.package)).all()
    assert [tuple(row) for row in packages] == [(None, "small")]


def test_the_command_prints_one_json_object(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = {**HONEST, "client_name": "School", "client_name#da": "Skole", "client_name#en": "School!"}
    words = ("services", "add-oidc", "--metadata", "-", "--agreement", "medium")
    answer = skolepas(system, *words, text=json.dumps(metadata), monkeypatch=monkeypatch)
    assert answer.exit_code == 0
    told = json.loads(answer.stdout)
    assert {"client_id", "client_secret", "client_id_issued_at", "redirect_uris"} <= set(told)
    with system.database.reading() as db:
        names = db.execute(select(Service.name_da, Service.name_en)).one()
        events = db.execute(select(AuditEvent.event)).scalars().all()
    assert tuple(names) == ("Skole", "School!")
    assert {"service:service:registered", "agreement:agreement:decided"} <= set(events)


@pytest.mark.parametrize("text", ["{", '{"redirect_uris": ["http://a.example/"]}', "[]", "\ufeff"])
def test_the_command_reports_faults_as_json_on_standard_error(
    system: System, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    answer = skolepas(system, "services", "add-oidc", "--metadata", "-", text=text, monkeypatch=monkeypatch)
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert json.loads(answer.stderr)["error"] in {"invalid_client_metadata", "invalid_redirect_uri"}
    with system.database.reading() as db:
        assert db.execute(select(Service.id)).all() == []


def test_an_operator_can_look_at_a_service_and_disable_it(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    with system.database.writing() as db:
        recipes.a_service(db, system)
    assert json.loads(skolepas(system, "services", "list", monkeypatch=monkeypatch).stdout)[0]["disabled_at"] is None
    shown = skolepas(system, "services", "show", "laeringsportalen", monkeypatch=monkeypatch).stdout
    assert json.loads(shown)["registration"]["scope"] == "openid"
    assert "secret" not in shown.replace("client_secret_basic", "")
    assert skolepas(system, "services", "disable", "laeringsportalen", monkeypatch=monkeypatch).exit_code == 0
    assert json.loads(skolepas(system, "services", "list", monkeypatch=monkeypatch).stdout)[0]["disabled_at"]
    for command in ("show", "disable"):
        assert skolepas(system, "services", command, "nobody", monkeypatch=monkeypatch).exit_code == 1


def test_an_operator_can_agree_license_and_grant(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    with system.database.writing() as db:
        recipes.a_service(db, system, package=None)
        school = recipes.a_school(db, system)
        teacher = recipes.a_teacher(db, system, school)

    def done(*words: str) -> Any:  # noqa: ANN401
        answer = skolepas(system, *words, monkeypatch=monkeypatch)
        assert answer.exit_code == 0, answer.stderr
        return json.loads(answer.stdout) if answer.stdout.startswith(("{", "[")) else answer.stdout

    at = ("--institution", school.number)
    done("agreements", "approve", "laeringsportalen", *at, "--package", "full")
    done("agreements", "approve", "laeringsportalen", *at, "--package", "small")
    assert [row["package"] for row in done("agreements", "list")] == ["small"]
    done("licences", "grant", "laeringsportalen", *at, "--actor-group", "Elev", "--to", "2027-07-31")
    assert done("licences", "list")[0]["ends_on"] == "2027-07-31"
    done("licences", "end", str(done("licences", "list")[0]["id"]))
    assert done("licences", "list") == []
    done("rights", "grant", teacher.username, "brugeradministrator", *at)
    assert done("rights", "list")[0]["institution"] == school.number
    done("rights", "end", str(done("rights", "list")[0]["id"]))
    assert done("rights", "list") == []
    for words in (
        ("rights", "grant", teacher.username, "brugeradministrator"),
        ("rights", "grant", teacher.username, "driftsansvarlig", *at),
        ("rights", "grant", "nobody", "driftsansvarlig"),
        ("rights", "end", "99"),
        ("agreements", "approve", "nobody", "--package", "small"),
        ("licences", "grant", "laeringsportalen", "--institution", "XXXXXX"),
    ):
        assert skolepas(system, *words, monkeypatch=monkeypatch).exit_code == 1, words


def test_an_operator_can_rotate_and_list_keys(
    system: System, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = json.loads(skolepas(system, "keys", "rotate", monkeypatch=monkeypatch).stdout)
    assert [key["status"] for key in made] == ["current", "next"] * 3
    too_soon = skolepas(system, "keys", "rotate", monkeypatch=monkeypatch)
    assert (too_soon.exit_code, "before 10:00" in too_soon.stderr) == (1, True)
    clock.advance(hours=1)
    skolepas(system, "keys", "rotate", monkeypatch=monkeypatch)
    skolepas(system, "keys", "rotate", "--at-once", monkeypatch=monkeypatch)
    listed = skolepas(system, "keys", "list", monkeypatch=monkeypatch).stdout
    statuses = sorted(key["status"] for key in json.loads(listed))
    assert statuses == ["current"] * 3 + ["next"] * 3 + ["previous"] * 3 + ["retired"] * 3
    kid = next(key["kid"] for key in json.loads(listed) if key["status"] == "current")
    assert [skolepas(system, "keys", "revoke", kid, monkeypatch=monkeypatch).exit_code for _ in range(2)] == [0, 1]
    assert "PRIVATE" not in listed


def test_the_operator_changes_a_secret_and_the_old_one_counts_so_long(
    system: System, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with system.database.writing() as db:
        old = register_oidc(db, system, HONEST, client_id="portal").client_secret
        register_oidc(db, system, {**HONEST, "token_endpoint_auth_method": "none"}, client_id="open")
    words = ("services", "new-secret", "--keep-hours", "2")
    new = json.loads(skolepas(system, *words, "portal", monkeypatch=monkeypatch).stdout)["client_secret"]
    assert skolepas(system, *words, "open", monkeypatch=monkeypatch).exit_code == 1
    clock.advance(hours=1)

    def right() -> list[bool]:
        with system.database.reading() as db:
            client = find_client(db, "portal")
        assert client is not None
        return [secret_is_right(system, client, secret or "") for secret in (old, new)]

    before = right()
    clock.advance(hours=1)
    assert (before, right()) == ([True, True], [False, True])


def test_the_operator_makes_tokens_to_register_with_and_ends_them(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("services", "registration-token", "--note", "Forlaget", "--minutes", "5", "--uses", "2")
    answer = skolepas(system, *words, monkeypatch=monkeypatch)
    token = json.loads(answer.stdout)["registration_token"]
    assert "closed" in answer.stderr
    with system.database.reading() as db:
        assert may_register(db, system, token)
    assert "1 token ended" in skolepas(system, "services", "end-registration-tokens", monkeypatch=monkeypatch).stdout
    with system.database.reading() as db:
        assert not may_register(db, system, token)


def test_the_operator_changes_what_is_registered_and_what_is_left_out_is_gone(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    with system.database.writing() as db:
        secret = register_oidc(db, system, {**HONEST, "contacts": ["a@b.example"]}, client_id="portal").client_secret
    words = ("services", "change-oidc", "portal", "--metadata", "-")

    def changed(**metadata: Any) -> tuple[dict[str, Any], Any]:  # noqa: ANN401
        answer = skolepas(system, *words, text=json.dumps({**HONEST, **metadata}), monkeypatch=monkeypatch)
        with system.database.reading() as db:
            return json.loads(answer.stdout), find_client(db, "portal")

    told, client = changed(client_name="Nyt")
    assert (told["client_name"], "contacts" in told, "client_secret" in told) == ("Nyt", False, False)
    assert secret_is_right(system, client, secret or "")
    told, client = changed(token_endpoint_auth_method="none")
    assert not secret_is_right(system, client, secret or "")
    told, client = changed()
    assert secret_is_right(system, client, told["client_secret"])
    refused = skolepas(system, *words, text="{}", monkeypatch=monkeypatch)
    unknown = skolepas(system, "services", "change-oidc", "x", "--metadata", "-", text="{}", monkeypatch=monkeypatch)
    assert (refused.exit_code, unknown.exit_code) == (1, 1)
