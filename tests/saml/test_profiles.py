"""What each profile makes of the claims that may leave."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.saml.profiles import written_for
from idp.saml.profiles.attribute_names import PAIRWISE_ID, SUBJECT_ID, asked_claims
from idp.saml.profiles.oiosaml import PERSON, PROFESSIONAL, kind_of
from idp.saml.profiles.saml2int import SIGN
from idp.saml.profiles.shapes import NO_AUTHN_CONTEXT, REQUEST_DENIED, LoginFacts, Unmet, Written
from idp.usecases.organizations import Organization
from idp.usecases.service_providers import (
    PERSISTENT,
    TRANSIENT,
    AttributeService,
    Profile,
    PublishedMetadata,
    RequestedAttribute,
    SamlOptions,
    ServiceProvider,
)
from policies.assurance import NSIS_LOA
from policies.identifiers import pairwise_subject
from policies.vocabulary import ActorGroup, Assurance

SUBJECT = pairwise_subject(b"s" * 32, "portal.example", "asta1234")
URI = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
RELEASED: dict[str, str | tuple[str, ...]] = {
    "sub": SUBJECT,
    "uniid": "1000013b36",
    "aktoer_gruppe": "Elev",
    "unilogin_loa": "EnFaktor",
    "loa": "2",
    "spec_ver": "OIDC.3.0-UNILOGIN",
    "institution_ids": "[A04441,A04442]",
    "has_license": "true",
    "given_name": "Asta",
    "grupper": ("1a", "kor"),
}


def a_service(profile: Profile, *, metadata: dict[str, Any] | None = None, **options: Any) -> ServiceProvider:  # noqa: ANN401
    return ServiceProvider(
        service_id=1, entity_id="https://portal.example/saml", name_da="Portalen", name_en="The portal",
        sector="portal.example", options=SamlOptions(profile=profile, **options),
        metadata=PublishedMetadata(entity_id="https://portal.example/saml", **(metadata or {})),
    )  # fmt: skip


def login(**about: Any) -> LoginFacts:  # noqa: ANN401
    usual: dict[str, Any] = {
        "subject": SUBJECT, "actor_group": ActorGroup.PUPIL, "assurance": Assurance.EN_FAKTOR, "scope": "skolepas.example"
    }  # fmt: skip
    return LoginFacts(**{**usual, **about})


def attributes(profile: Profile, released: dict[str, Any] | None = None, **about: Any) -> dict[str, tuple[str, ...]]:  # noqa: ANN401
    said = written_for(a_service(profile), RELEASED if released is None else released, login(**about))
    assert isinstance(said, Written)
    assert all(each.name_format == URI for each in said.attributes)
    return {each.name: each.values for each in said.attributes}


def asking(*names: str, index: int = 1, is_default: bool = True) -> dict[str, Any]:
    requested = tuple(RequestedAttribute(name=name, name_format=URI) for name in names)
    return {"attribute_services": (AttributeService(index=index, is_default=is_default, requested=requested),)}


@pytest.mark.spec("saml2int", "SDP-IDP20")
def test_a_service_of_unilogin_gets_the_long_names_and_each_of_several_values_by_itself() -> None:
    assert attributes(Profile.UNILOGIN) == {
        "dk:unilogin:uniid": ("1000013b36",),
        "dk:unilogin:aktoergruppe": ("Elev",),
        "dk:unilogin:loa": ("EnFaktor",),
        "dk:gov:saml:attribute:AssuranceLevel": ("2",),
        "dk:unilogin:institution_ids": ("A04441", "A04442"),
        "dk:unilogin:has_license": ("true",),
        "urn:oid:2.5.4.42": ("Asta",),
        "dk:unilogin:grupper": ("1a", "kor"),
    }


def test_who_belongs_to_no_institution_with_an_agreement_has_no_attribute_of_institutions() -> None:
    assert "dk:unilogin:institution_ids" not in attributes(Profile.UNILOGIN, {**RELEASED, "institution_ids": "[]"})


@pytest.mark.parametrize("profile", [Profile.PLAIN, Profile.UNILOGIN, Profile.SAML2INT])
def test_nothing_leaves_that_was_not_released(profile: Profile) -> None:
    assert attributes(profile, {}) == {}


@pytest.mark.parametrize(
    ("profile", "assurance", "context"),
    [
        (Profile.UNILOGIN, Assurance.EN_FAKTOR, "dk:unilogin:loa:EnFaktor"),
        (Profile.UNILOGIN, Assurance.VOKSEN_VERIFICERET, "dk:unilogin:loa:VoksenVerificeret"),
        (Profile.UNILOGIN, Assurance.TO_FAKTOR, "dk:unilogin:loa:ToFaktor"),
        (Profile.PLAIN, Assurance.TO_FAKTOR, "https://refeds.org/profile/mfa"),
        (Profile.SAML2INT, Assurance.TO_FAKTOR, "https://refeds.org/profile/mfa"),
        (
            Profile.SAML2INT,
            Assurance.VOKSEN_VERIFICERET,
            "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
        ),
    ],
)
def test_the_strength_of_the_login_is_told_in_the_profiles_words(
    profile: Profile, assurance: Assurance, context: str
) -> None:
    said = written_for(a_service(profile), RELEASED, login(assurance=assurance))
    assert isinstance(said, Written)
    assert said.context_class == context


@pytest.mark.spec("SAML Subject Identifier Attributes", "2.2")
@pytest.mark.spec("saml2int", "SDP-IDP15")
@pytest.mark.parametrize(
    ("sign", "expected"),
    [
        ((), set()),
        (("none",), set()),
        (("pairwise-id",), {PAIRWISE_ID}),
        (("any",), {PAIRWISE_ID}),
        (("subject-id",), {SUBJECT_ID}),
    ],
)
def test_a_service_gets_the_identifier_that_it_signals(sign: tuple[str, ...], expected: set[str]) -> None:
    service = a_service(Profile.SAML2INT, metadata={"entity_attributes": ((SIGN, sign),)})
    said = written_for(service, RELEASED, login())
    assert isinstance(said, Written)
    found = {each.name: each.values for each in said.attributes if each.name in {PAIRWISE_ID, SUBJECT_ID}}
    assert set(found) == expected
    for values in found.values():
        (value,) = values
        name, _, scope = value.partition("@")
        assert scope == "skolepas.example"
        assert name.isalnum()
        assert name == name.lower()
        assert len(name) <= 127
    assert said.name_id_formats[0] == TRANSIENT


@pytest.mark.spec("saml2int", "SDP-IDP16")
def test_a_service_that_needs_the_identifier_that_nobody_agreed_to_gets_no_assertion() -> None:
    service = a_service(Profile.SAML2INT, metadata={"entity_attributes": ((SIGN, ("subject-id",)),)})
    said = written_for(service, {name: value for name, value in RELEASED.items() if name != "uniid"}, login())
    assert isinstance(said, Unmet)
    assert said.second_status == REQUEST_DENIED


@pytest.mark.spec("saml2int", "SDP-G02")
def test_a_value_of_more_than_256_characters_is_left_out_and_not_cut() -> None:
    said = attributes(Profile.SAML2INT, {**RELEASED, "given_name": "A" * 257, "family_name": "B" * 256})
    assert "urn:oid:2.5.4.42" not in said
    assert said["urn:oid:2.5.4.4"] == ("B" * 256,)


@given(st.text())
def test_what_no_xml_can_carry_is_left_out_of_a_name(name: str) -> None:
    for values in attributes(Profile.PLAIN, {"given_name": name, "grupper": ("1a", name)}).values():
        assert all(values)
        assert "\x00" not in "".join(values)


@pytest.mark.spec("OIOSAML 3.0.3", "O6")
def test_a_pupil_comes_to_a_public_service_as_a_person() -> None:
    said = written_for(a_service(Profile.OIOSAML), {**RELEASED, NSIS_LOA: "Low"}, login())
    assert isinstance(said, Written)
    found = {each.name: each.values for each in said.attributes}
    assert found["https://data.gov.dk/model/core/specVersion"] == ("OIO-SAML-3.0",)
    assert found[NSIS_LOA] == ("Low",)
    assert found["https://data.gov.dk/model/core/eid/firstName"] == ("Asta",)
    assert not [name for name in found if "professional" in name]
    assert said.context_class == f"{NSIS_LOA}/Low"
    assert said.name_id_prefix == "https://data.gov.dk/model/core/eid/person/uuid/"
    assert said.name_id_formats == (PERSISTENT, TRANSIENT)


@pytest.mark.spec("OIOSAML 3.0.3", "O10")
def test_staff_come_to_a_public_service_for_whom_they_work() -> None:
    belongs = Organization(cvr="12345678", name="Eksempel Kommune")
    about = {"actor_group": ActorGroup.STAFF, "organization": belongs}
    found = attributes(Profile.OIOSAML, {**RELEASED, NSIS_LOA: "Substantial"}, **about)
    assert found["https://data.gov.dk/model/core/eid/professional/cvr"] == ("12345678",)
    assert found["https://data.gov.dk/model/core/eid/professional/orgName"] == ("Eksempel Kommune",)


@pytest.mark.spec("OIOSAML 3.0.3", "O11")
def test_a_public_service_gets_no_half_assertion() -> None:
    service = a_service(Profile.OIOSAML)
    without_level = written_for(service, RELEASED, login())
    without_work = written_for(service, {**RELEASED, NSIS_LOA: "Low"}, login(actor_group=ActorGroup.EXTERNAL))
    assert isinstance(without_level, Unmet)
    assert isinstance(without_work, Unmet)
    assert (without_level.second_status, without_work.second_status) == (NO_AUTHN_CONTEXT, REQUEST_DENIED)


def test_as_what_somebody_comes_is_what_they_are_at_school() -> None:
    kinds = {group: kind_of(group) for group in ActorGroup}
    assert kinds == {
        ActorGroup.PUPIL: PERSON, ActorGroup.CONTACT: PERSON,
        ActorGroup.STAFF: PROFESSIONAL, ActorGroup.EXTERNAL: PROFESSIONAL,
    }  # fmt: skip


@pytest.mark.spec("SAML Metadata", "2.4.4.2")
@pytest.mark.parametrize(
    ("metadata", "index", "expected"),
    [
        ({}, None, None),
        ({}, 3, None),
        (asking("dk:unilogin:uniid", "urn:oid:2.5.4.42"), None, {"sub", "uniid", "given_name"}),
        (asking("uniid", "urn:nobody:knows"), None, {"sub", "uniid"}),
        (asking("dk:unilogin:uniid"), 1, {"sub", "uniid"}),
        (asking("dk:unilogin:uniid"), 2, {"sub"}),
        (asking("dk:unilogin:uniid", is_default=False), None, {"sub", "uniid"}),
    ],
)
def test_what_a_service_asks_for_in_its_metadata_narrows_what_is_agreed(
    metadata: dict[str, Any], index: int | None, expected: set[str] | None
) -> None:
    assert asked_claims(a_service(Profile.UNILOGIN, metadata=metadata), index) == expected


def test_what_was_registered_narrows_too_and_never_the_levels_that_oiosaml_demands() -> None:
    metadata = asking("dk:unilogin:uniid", "urn:oid:2.5.4.42")
    service = a_service(Profile.UNILOGIN, metadata=metadata, attributes=("uniid", "email"))
    assert asked_claims(service, None) == {"sub", "uniid"}
    oio = a_service(Profile.OIOSAML, attributes=("uniid",))
    assert asked_claims(oio, None) == {"sub", "uniid", NSIS_LOA}
    asked = asking("https://data.gov.dk/model/core/eid/firstName")
    assert asked_claims(a_service(Profile.OIOSAML, metadata=asked), None) == {"sub", "given_name", NSIS_LOA}
