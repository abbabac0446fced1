"""What an operator is shown of a release to a SAML service."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from admin_ui.cli import Operator, commands
from idp.saml.core_3_3_3_response import Protection, write_response
from idp.saml.profiles.shapes import Written
from idp.saml.release_preview import SamlPreview, saml_preview
from idp.saml.said import said_to
from idp.store.agreements import Agreement
from idp.store.services import Service
from idp.usecases.known_service_providers import find_service_provider
from idp.usecases.organizations import Organization, set_organization
from idp.usecases.release_preview import imagined_login
from idp.usecases.saml_keys import saml_key_ring
from idp.usecases.service_provider_json import registration_of
from idp.usecases.service_providers import (
    EncryptionKey,
    Profile,
    PublishedMetadata,
    SamlOptions,
    ServiceProvider,
)
from policies.assurance import NSIS_LOA
from policies.vocabulary import AgreementStatus, Assurance, Protocol, ReleasePackage
from tests import recipes
from tests.opponents.databases import postgresql_is_long
from tests.opponents.saml_reader import read_message
from tests.saml.written import keys, told

if TYPE_CHECKING:
    from idp.usecases.system import System

pytestmark = postgresql_is_long
ENTITY = "https://portal.example/saml"


@dataclass
class Desk:
    """An operator who asks, with a school, a pupil and a teacher."""

    system: System
    school: recipes.School
    asta: recipes.Someone
    teacher: recipes.Someone

    def shown(
        self, someone: recipes.Someone, service: ServiceProvider, assurance: Assurance = Assurance.EN_FAKTOR
    ) -> SamlPreview:
        with self.system.database.writing() as db:
            saml_key_ring(db, self.system)
            found = saml_preview(
                db, self.system, service, someone.id, institution=self.school.number, assurance=assurance
            )
        assert found is not None
        return found

    def notified(self, nsis: str) -> Desk:
        settings = self.system.settings
        login = replace(settings.login, nsis_notified=nsis)
        return replace(self, system=replace(self.system, settings=replace(settings, login=login)))

    def service(self, package: ReleasePackage | None, profile: Profile, **options: Any) -> ServiceProvider:  # noqa: ANN401
        with self.system.database.writing() as db:
            key = EncryptionKey(certificate=keys(name="service").certificate)
            metadata = PublishedMetadata(entity_id=ENTITY, encryption_keys=(key,))
            row = Service(
                protocol=Protocol.SAML, identifier=ENTITY, name_da="Portalen", name_en="The portal",
                registration=registration_of(SamlOptions(profile=profile, **options), metadata),
                sector="portal.example", registered_at=self.system.now(),
            )  # fmt: skip
            db.add(row)
            db.flush()
            if package is not None:
                agreed = Agreement(
                    service_id=row.id, institution_id=None, package=package, status=AgreementStatus.APPROVED,
                    requested_at=self.system.now(), decided_at=self.system.now(), valid_from=self.system.now(),
                )  # fmt: skip
                db.add(agreed)
            found = find_service_provider(db, self.system, ENTITY)
        assert found is not None
        return found


@pytest.fixture
def desk(system: System) -> Desk:
    with system.database.writing() as db:
        school = recipes.a_school(db, system)
        group = recipes.a_class(db, system, school)
        asta = recipes.a_pupil(db, system, school, group=group)
        teacher = recipes.a_teacher(db, system, school, of=group)
    return Desk(system, school, asta, teacher)


def test_each_attribute_is_shown_as_it_is_sent_with_the_rule_that_lets_it(desk: Desk) -> None:
    shown = desk.shown(desk.asta, desk.service(ReleasePackage.SMALL, Profile.UNILOGIN))
    found = {each.name: (each.values, each.rule) for each in shown.attributes}
    assert found["dk:unilogin:uniid"] == ((desk.asta.uniid,), "release:agreement-small")
    assert found["dk:unilogin:institution_ids"] == ((desk.school.number,), "release:agreement-small")
    assert found["dk:unilogin:loa"] == (("EnFaktor",), "release:without-agreement")
    assert {each.name: each.rule for each in shown.withheld}["given_name"] == "withheld:needs-agreement-medium"
    assert (shown.context_class, shown.signed, shown.encrypted) == ("dk:unilogin:loa:EnFaktor", ("response",), True)
    assert shown.stops == ()


def test_without_an_agreement_a_service_learns_how_strong_the_login_was(desk: Desk) -> None:
    shown = desk.shown(desk.asta, desk.service(None, Profile.PLAIN))
    assert {each.name for each in shown.attributes} == {"dk:unilogin:loa", "dk:gov:saml:attribute:AssuranceLevel"}


def test_what_the_registration_leaves_out_is_not_asked_for(desk: Desk) -> None:
    shown = desk.shown(desk.asta, desk.service(ReleasePackage.MEDIUM, Profile.PLAIN, attributes=("given_name",)))
    assert [each.name for each in shown.attributes] == ["urn:oid:2.5.4.42"]
    assert {each.name: each.rule for each in shown.withheld}["uniid"] == "withheld:not-asked-for"


@pytest.mark.spec("OIOSAML 3.0.3", "O10")
def test_what_a_public_service_would_lack_is_named(desk: Desk) -> None:
    service = desk.service(ReleasePackage.SMALL, Profile.OIOSAML)
    without_level = desk.shown(desk.asta, service)
    assert (without_level.attributes, len(without_level.stops)) == ((), 1)
    notified = desk.notified("Low")
    assert notified.shown(desk.asta, service).stops == ()
    assert "CVR" in notified.shown(desk.teacher, service).stops[0]
    with desk.system.database.writing() as db:
        set_organization(db, desk.system, desk.school.number, Organization(cvr="12345678", name="Eksempel Kommune"))
    shown = notified.shown(desk.teacher, service)
    found = {each.name: each.values for each in shown.attributes}
    assert found["https://data.gov.dk/model/core/eid/professional/cvr"] == ("12345678",)
    assert found[NSIS_LOA] == ("Low",)
    assert shown.context_class == f"{NSIS_LOA}/Low"


def test_somebody_elsewhere_is_not_shown(desk: Desk) -> None:
    service = desk.service(ReleasePackage.SMALL, Profile.PLAIN)
    with desk.system.database.writing() as db:
        other = recipes.a_school(db, desk.system)
        asked = {"institution": other.number, "assurance": Assurance.EN_FAKTOR}
        assert saml_preview(db, desk.system, service, desk.asta.id, **asked) is None


def test_the_operator_reads_it_on_the_command_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.service(ReleasePackage.SMALL, Profile.UNILOGIN)
    monkeypatch.setattr(Operator, "system", desk.system)
    with desk.system.database.writing() as db:
        saml_key_ring(db, desk.system)
    words = ["services", "preview", ENTITY, desk.asta.username]
    answer = CliRunner().invoke(commands, words)
    assert answer.exit_code == 0, answer.output
    assert f'+ dk:unilogin:uniid = ["{desk.asta.uniid}"]  (release:agreement-small, uniid)' in answer.stdout
    assert "Profile: unilogin; signed: response; encrypted." in answer.stdout
    assert "AuthnContextClassRef: dk:unilogin:loa:EnFaktor." in answer.stdout
    assert "- given_name  (withheld:needs-agreement-medium)" in answer.stdout
    shown = json.loads(CliRunner().invoke(commands, [*words, "--json"]).stdout)
    assert shown["profile"] == "unilogin"


@pytest.mark.parametrize("profile", list(Profile))
def test_the_preview_is_what_the_assertion_says(desk: Desk, profile: Profile) -> None:
    notified = desk.notified("Substantial")
    service = desk.service(ReleasePackage.FULL, profile)
    with desk.system.database.writing() as db:
        set_organization(db, desk.system, desk.school.number, Organization(cvr="12345678", name="Eksempel Kommune"))
    for someone in (desk.asta, desk.teacher):
        shown = notified.shown(someone, service, Assurance.TO_FAKTOR)
        with notified.system.database.writing() as db:
            login = imagined_login(
                db, notified.system, service_id=service.service_id, sector=service.sector, person_id=someone.id,
                institution=None, assurance=Assurance.TO_FAKTOR,
            )  # fmt: skip
            assert login is not None
            said = said_to(db, notified.system, service, login.knowledge, acting=login.acting).written
        assert isinstance(said, Written)
        document = write_response(
            told(attributes=said.attributes, context_class=said.context_class), Protection(signer=keys().signer)
        )
        read = read_message(document, certificates=[keys().certificate]).assertion
        assert read is not None
        assert read.attributes == {each.name: each.values for each in shown.attributes}
        assert read.context_class == shown.context_class
