"""What an operator is shown of a release is what a service is then told, to the letter."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select, update

from admin_ui.cli import Operator, commands
from idp.store.agreements import Licence
from idp.store.audit import AuditEvent
from idp.store.people import SchoolRecord
from idp.usecases import agreements
from idp.usecases.blocking import block
from policies.vocabulary import ActorGroup, Factor, ReleasePackage
from tests import recipes

if TYPE_CHECKING:
    from idp.usecases.system import System
    from tests.oidc.conftest import Provider

PROTOCOL = {"iss", "aud", "azp", "exp", "iat", "auth_time", "acr", "amr", "sid", "at_hash", "jti", "nonce"}


def preview(monkeypatch: pytest.MonkeyPatch, system: System, *words: str) -> dict[str, Any]:
    monkeypatch.setattr(Operator, "system", system)
    answer = CliRunner().invoke(commands, ["services", "preview", *words, "--json"])
    assert answer.exit_code == 0, answer.output
    shown: dict[str, Any] = json.loads(answer.stdout)
    return shown


def sent(claims: list[dict[str, Any]]) -> dict[str, Any]:
    return {claim["name"]: claim["value"] for claim in claims if claim["value"] is not None}


def kept(claims: list[dict[str, Any]]) -> dict[str, str]:
    return {claim["name"]: claim["rule"] for claim in claims if claim["value"] is None}


def of_id_token(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return {name: value for name, value in claims.items() if name not in PROTOCOL}


class People:
    """A handful of people of whom different things are known."""

    def __init__(self, provider: Provider) -> None:
        system = provider.system
        with system.database.writing() as db:
            self.other = recipes.a_school(db, system)
            group = recipes.a_class(db, system, provider.school, code="2b")
            self.known = {
                "pupil": provider.asta,
                "protected": recipes.a_pupil(
                    db, system, provider.school, group=group, first_name="Ida", protected=True
                ),
                "teacher": recipes.a_teacher(db, system, provider.school, of=group),
                "mother": recipes.a_contact(db, system, provider.school, of=provider.asta),
                "elsewhere": recipes.a_pupil(db, system, self.other, first_name="Bo"),
            }
            recipes.also_attached(db, system, self.known["teacher"], self.other, ActorGroup.CONTACT)
            db.execute(update(SchoolRecord).values(email="nogen@skole.example"))
            licence = {
                "service_id": provider.service_id,
                "institution_id": provider.school.id,
                "created_at": system.now(),
            }
            db.execute(insert(Licence), licence)


@pytest.mark.parametrize("scope", ["openid", "openid profile", "openid email profile"])
@pytest.mark.parametrize("package", [None, *ReleasePackage])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_preview_is_what_is_sent(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, package: ReleasePackage | None, scope: str
) -> None:
    people = People(provider)
    service = provider.another("portal", package=package, scope="openid profile email")
    if package is ReleasePackage.FULL:
        with provider.system.database.writing() as db:
            agreements.refuse(db, provider.system, service_id=service, institution_id=people.other.id)
    party = provider.party("portal")
    for name, someone in people.known.items():
        begun, answer = provider.ask(provider.logged_in(someone), party, scope=scope)
        tokens = party.exchange(begun, answer["code"]).json()
        shown = preview(monkeypatch, provider.system, "portal", someone.username, "--scope", tokens["scope"])
        assert sent(shown["userinfo"]) == party.userinfo(tokens["access_token"]).json(), name
        assert sent(shown["id_token"]) == of_id_token(tokens["id_token"]), name
        assert shown["stops"] == [], name


def test_the_preview_is_the_same_on_each_database_and_goes_on_record(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("laeringsportalen", provider.asta.username, "--level", "ToFaktor")
    shown = preview(monkeypatch, provider.system, *words)
    party = provider.party()
    begun, answer = provider.ask(provider.logged_in(factor=Factor.PASSKEY), party)
    tokens = party.exchange(begun, answer["code"]).json()
    assert sent(shown["userinfo"]) == party.userinfo(tokens["access_token"]).json()
    assert (shown["agreement"], shown["actor_group"]) == ("small", "Elev")
    with provider.system.database.reading() as db:
        events = db.execute(select(AuditEvent.event).where(AuditEvent.subject_id == provider.asta.id)).scalars().all()
    assert "service:person:previewed" in events


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_stays_says_which_rule_keeps_it(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    people = People(provider)
    provider.another("full", package=ReleasePackage.FULL)
    pupil = preview(monkeypatch, provider.system, "laeringsportalen", provider.asta.username)
    assert kept(pupil["userinfo"]) == {
        "name": "withheld:needs-agreement-medium",
        "given_name": "withheld:needs-agreement-medium",
        "family_name": "withheld:needs-agreement-medium",
        "trin": "withheld:needs-agreement-medium",
        "birthdate": "withheld:not-known",
        "email": "withheld:needs-agreement-full",
        "grupper": "withheld:needs-agreement-full",
        "https://data.gov.dk/concept/core/nsis/loa": "withheld:not-known",
    }
    protected = preview(
        monkeypatch, provider.system, "full", people.known["protected"].username, "--scope", "openid email"
    )
    assert kept(protected["userinfo"])["email"] == "withheld:protected"
    asked = preview(monkeypatch, provider.system, "full", provider.asta.username, "--scope", "openid email")
    assert kept(asked["userinfo"])["name"] == "withheld:not-asked-for"
    named = preview(
        monkeypatch, provider.system, "full", provider.asta.username, "--claims", '{"id_token": {"given_name": null}}'
    )
    assert (sent(named["id_token"])["given_name"], kept(named["userinfo"])["given_name"]) == (
        "Asta",
        "withheld:not-asked-for",
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_would_stop_the_login_is_said(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    people = People(provider)
    provider.another("asks", needs_consent=True)
    with provider.system.database.writing() as db:
        block(db, provider.system, person_id=provider.asta.id, by=None, reason="Mistanke om misbrug")
    shown = preview(monkeypatch, provider.system, "asks", provider.asta.username, "--scope", "profile")
    stops = ["person-blocked", "scope-without-openid", "scope-not-registered", "needs-consent"]
    assert shown["stops"] == stops
    assert "uniid" in kept(shown["userinfo"])
    there = preview(
        monkeypatch, provider.system, "laeringsportalen", people.known["teacher"].username,
        "--institution", people.other.number,
    )  # fmt: skip
    assert (there["institution"], there["actor_group"]) == (people.other.number, "Kontaktperson")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_is_read_by_people_too_and_says_what_is_not_known(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Operator, "system", provider.system)

    def run(*words: str) -> tuple[int, str]:
        answer = CliRunner().invoke(commands, ["services", "preview", *words])
        return answer.exit_code, answer.output

    code, text = run("laeringsportalen", provider.asta.username)
    assert code == 0
    assert f'  + uniid = "{provider.asta.uniid}"  (release:agreement-small)' in text
    assert "  - email  (withheld:not-known)" in text
    for words in (
        ("nothing", provider.asta.username),
        ("laeringsportalen", "nobody"),
        ("laeringsportalen", provider.asta.username, "--institution", "X99999"),
        ("laeringsportalen", provider.asta.username, "--claims", "[]"),
    ):
        assert run(*words)[0] == 1, words
