"""Userinfo: what Danish services read, in the forms they parse, for as long as its reason lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from joserfc import jwt
from sqlalchemy import update

from idp.store.affiliations import Affiliation
from idp.store.grants import AccessToken
from idp.store.institutions import Institution
from idp.store.people import Person, SchoolRecord
from idp.store.services import Service
from idp.usecases import agreements, licences
from idp.usecases.sessions import end_all_sessions
from policies.vocabulary import ActorGroup, Level, ReleasePackage
from tests import recipes
from tests.opponents.relying_party import SITE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from tests.conftest import StandingClock
    from tests.oidc.conftest import Provider


def userinfo(
    provider: Provider, client_id: str = "laeringsportalen", person: recipes.Someone | None = None
) -> dict[str, object]:
    party = provider.party(client_id)
    begun, answer = provider.ask(provider.logged_in(person), party)
    told: dict[str, object] = party.userinfo(party.exchange(begun, answer["code"]).json()["access_token"]).json()
    return told


@pytest.mark.spec("OIDC Core", "5.3.2")
def test_the_claims_have_the_forms_that_todays_clients_parse(provider: Provider) -> None:
    told = userinfo(provider)
    assert {name: told[name] for name in set(told) - {"sub"}} == {
        "uniid": provider.asta.uniid,
        "aktoer_gruppe": "Elev",
        "unilogin_loa": "EnFaktor",
        "loa": "2",
        "institution_ids": f"[{provider.school.number}]",
        "has_license": "false",
        "spec_ver": "OIDC.3.0-UNILOGIN",
    }


def test_a_token_runs_out(provider: Provider, clock: StandingClock) -> None:
    party = provider.party()
    _, tokens = provider.tokens(party)
    clock.advance(seconds=299)
    assert party.userinfo(tokens["access_token"]).status_code == 200
    clock.advance(seconds=1)
    assert party.userinfo(tokens["access_token"]).status_code == 401


ENDS: dict[str, Callable[[Session, Provider], object]] = {
    "session": lambda db, provider: end_all_sessions(db, provider.system, provider.asta.id, why="elsewhere"),
    "person blocked": lambda db, provider: db.execute(update(Person).values(blocked_at=provider.system.now())),
    "person": lambda db, provider: db.execute(update(Person).values(ended_at=provider.system.now())),
    "service": lambda db, provider: db.execute(update(Service).values(disabled_at=provider.system.now())),
    "attachment": lambda db, provider: db.execute(update(Affiliation).values(valid_to=provider.system.now())),
    "token": lambda db, provider: db.execute(update(AccessToken).values(revoked_at=provider.system.now())),
}


@pytest.mark.parametrize("what", ENDS)
def test_a_token_dies_at_once_with_what_it_hangs_on(provider: Provider, what: str) -> None:
    party = provider.party()
    _, tokens = provider.tokens(party)
    assert party.userinfo(tokens["access_token"]).status_code == 200
    with provider.system.database.writing() as db:
        ENDS[what](db, provider)
    answer = party.userinfo(tokens["access_token"])
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_an_agreement_that_ends_is_felt_at_once(provider: Provider) -> None:
    party = provider.party()
    _, tokens = provider.tokens(party)
    with provider.system.database.writing() as db:
        agreements.refuse(db, provider.system, service_id=provider.service_id, institution_id=provider.school.id)
    assert set(party.userinfo(tokens["access_token"]).json()) == {"sub", "unilogin_loa", "loa", "spec_ver"}


def test_an_institutions_own_answer_comes_before_the_operators(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        agreements.approve(
            db, provider.system, service_id=provider.service_id, institution_id=provider.school.id,
            package=ReleasePackage.MEDIUM,
        )  # fmt: skip
    assert userinfo(provider)["name"] == "Asta Prøvesen"


def test_an_agreement_of_one_school_says_nothing_about_the_pupils_of_another(provider: Provider) -> None:
    service_id = provider.another("local", package=None)
    with provider.system.database.writing() as db:
        other = recipes.a_school(db, provider.system)
        stranger = recipes.a_pupil(db, provider.system, other)
        agreements.approve(
            db, provider.system, service_id=service_id, institution_id=other.id, package=ReleasePackage.SMALL
        )
    assert "uniid" not in userinfo(provider, "local")
    assert userinfo(provider, "local", stranger)["institution_ids"] == f"[{other.number}]"


def test_an_institution_that_has_ended_is_not_named(provider: Provider) -> None:
    party = provider.party()
    _, tokens = provider.tokens(party)
    with provider.system.database.writing() as db:
        db.execute(update(Institution).values(ended_at=provider.system.now()))
    assert "uniid" not in party.userinfo(tokens["access_token"]).json()


def test_a_protected_person_is_shown_by_the_alias_even_where_another_school_does_not_protect(
    provider: Provider,
) -> None:
    provider.another("full", package=ReleasePackage.FULL)
    with provider.system.database.writing() as db:
        hidden = recipes.a_pupil(db, provider.system, provider.school, protected=True, first_name="Hemmelig")
    told = userinfo(provider, "full", hidden)
    assert told["name"] == "Alias Navn"
    assert "Hemmelig" not in str(told)


def test_a_licence_counts_for_whom_and_when_it_is_meant(provider: Provider, clock: StandingClock) -> None:
    today = clock.now().date()
    with provider.system.database.writing() as db:
        teacher = recipes.a_teacher(db, provider.system, provider.school)
        licences.grant(
            db, provider.system, service_id=provider.service_id, institution_id=provider.school.id,
            actor_group=ActorGroup.PUPIL, ends_on=today,
        )  # fmt: skip
    assert userinfo(provider)["has_license"] == "true"
    assert userinfo(provider, person=teacher)["has_license"] == "false"
    clock.advance(days=1)
    assert userinfo(provider)["has_license"] == "false"


def test_a_licence_for_a_class_counts_in_that_class(provider: Provider) -> None:
    with provider.system.database.writing() as db:
        group = recipes.a_class(db, provider.system, provider.school, "5b", Level.G5)
        inside = recipes.a_pupil(db, provider.system, provider.school, group=group)
        licences.grant(
            db, provider.system, service_id=provider.service_id, institution_id=provider.school.id, group_id=group
        )
    assert userinfo(provider, person=inside)["has_license"] == "true"
    assert userinfo(provider)["has_license"] == "false"


def test_where_a_licence_is_required_and_missing_the_service_hears_no(provider: Provider) -> None:
    party = provider.party()
    with provider.system.database.writing() as db:
        db.execute(update(Service).values(requires_licence=True))
    assert provider.ask(provider.logged_in(), party)[1]["error"] == "access_denied"
    with provider.system.database.writing() as db:
        db.execute(update(Service).values(missing_licence_url="https://service.example/no-licence"))
    page = provider.logged_in().open(party.begin().address)
    assert page.address == "https://service.example/no-licence"
    with provider.system.database.writing() as db:
        licences.grant(db, provider.system, service_id=provider.service_id, institution_id=provider.school.id)
    assert userinfo(provider)["has_license"] == "true"


def test_somebody_at_two_schools_is_named_at_both_and_described_by_the_acting_one(provider: Provider) -> None:
    provider.another("full", package=ReleasePackage.FULL)
    with provider.system.database.writing() as db:
        other = recipes.a_school(db, provider.system)
        moved = recipes.a_pupil(db, provider.system, other, level=Level.G7, first_name="Freja")
        for table in (SchoolRecord, Affiliation):
            db.execute(update(table).where(table.person_id == moved.id).values(person_id=provider.asta.id))
    told = userinfo(provider, "full")
    assert told["institution_ids"] == f"[{','.join(sorted([provider.school.number, other.number]))}]"
    assert (told["trin"], told["given_name"]) == ("1", "Asta")


@pytest.mark.spec("OIDC Core", "5.3.2")
@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_client_that_registered_it_gets_a_signed_answer(provider: Provider, algorithm: str) -> None:
    provider.another("signed", userinfo_signed_response_alg=algorithm)
    party = provider.party("signed")
    _, tokens = provider.tokens(party)
    answer = party.userinfo(tokens["access_token"])
    assert answer.headers["Content-Type"] == "application/jwt"
    assert answer.headers["Cache-Control"] == "no-store"
    claims = jwt.decode(answer.text, party.keys(), algorithms=[algorithm]).claims
    assert (claims["iss"], claims["aud"], claims["uniid"]) == (SITE, "signed", provider.asta.uniid)
