from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.attribute_release import KNOWN_CLAIMS, InstitutionFacts, ReleaseFacts, release, release_on_consent
from policies.protection import SchoolRecord
from policies.vocabulary import ActorGroup, Assurance, Level, ReleasePackage

if TYPE_CHECKING:
    from policies.tables import Rules

SMALL, MEDIUM, FULL = ReleasePackage.SMALL, ReleasePackage.MEDIUM, ReleasePackage.FULL

EMMA = ReleaseFacts(
    sub="pseudonym",
    uniid="1000013b36",
    actor_group=ActorGroup.PUPIL,
    assurance=Assurance.EN_FAKTOR,
    institutions=(InstitutionFacts("A04441", SMALL),),
    records=(SchoolRecord("Emma", "Holm"),),
    level=Level.G1,
    birth_date=date(2019, 5, 4),
    email="emma.holm@example.dk",
    groups=("1a",),
)

NONE_CLAIMS = {"sub": "pseudonym", "unilogin_loa": "EnFaktor", "loa": "2", "spec_ver": "OIDC.3.0-UNILOGIN"}
SMALL_CLAIMS = NONE_CLAIMS | {
    "uniid": "1000013b36",
    "aktoer_gruppe": "Elev",
    "institution_ids": "[A04441]",
    "has_license": "false",
}
MEDIUM_CLAIMS = SMALL_CLAIMS | {"name": "Emma Holm", "given_name": "Emma", "family_name": "Holm", "trin": "1"}
FULL_CLAIMS = MEDIUM_CLAIMS | {"birthdate": "2019-05-04", "email": "emma.holm@example.dk", "grupper": ("1a",)}


@pytest.mark.parametrize(
    ("package", "claims"),
    [(None, NONE_CLAIMS), (SMALL, SMALL_CLAIMS), (MEDIUM, MEDIUM_CLAIMS), (FULL, FULL_CLAIMS)],
)
def test_the_agreement_decides_what_leaves(
    rules: Rules, package: ReleasePackage | None, claims: dict[str, object]
) -> None:
    assert dict(release(rules.release, EMMA, package)) == claims


def test_a_protected_pupil_leaves_with_the_alias_and_no_address(rules: Rules) -> None:
    protected = SchoolRecord("Emma", "Holm", "Ida", "Lund", protected=True)
    released = release(rules.release, replace(EMMA, records=(*EMMA.records, protected)), FULL)
    assert (released["name"], released["given_name"], released["family_name"]) == ("Ida Lund", "Ida", "Lund")
    assert "email" not in released
    assert "Emma" not in str(dict(released))


def test_a_protected_pupil_without_an_alias_leaves_without_a_name(rules: Rules) -> None:
    released = release(rules.release, replace(EMMA, records=(SchoolRecord("Emma", "Holm", protected=True),)), FULL)
    assert not {"name", "given_name", "family_name", "email"} & released.keys()


@pytest.mark.parametrize(
    ("institutions", "licence_required", "ids", "licence"),
    [
        ((), False, "[]", "false"),
        ((InstitutionFacts("A04441", None, has_licence=True),), False, "[]", "false"),
        ((InstitutionFacts("A04441", SMALL),), False, "[A04441]", "false"),
        ((InstitutionFacts("A04441", SMALL),), True, "[]", "false"),
        ((InstitutionFacts("A04441", SMALL, has_licence=True),), True, "[A04441]", "true"),
        (
            (InstitutionFacts("B00002", SMALL), InstitutionFacts("A04441", FULL, has_licence=True)),
            False,
            "[A04441,B00002]",
            "true",
        ),
        (
            (InstitutionFacts("B00002", SMALL), InstitutionFacts("A04441", FULL, has_licence=True)),
            True,
            "[A04441]",
            "true",
        ),
        ((InstitutionFacts("B00002"), InstitutionFacts("A04441", SMALL)), False, "[A04441]", "false"),
    ],
)
def test_only_institutions_with_an_agreement_and_where_needed_a_licence_are_named(
    rules: Rules, institutions: tuple[InstitutionFacts, ...], ids: str, licence: str, *, licence_required: bool
) -> None:
    facts = replace(EMMA, institutions=institutions, licence_required=licence_required)
    released = release(rules.release, facts, SMALL)
    assert (released["institution_ids"], released["has_license"]) == (ids, licence)


def test_what_was_not_asked_for_stays_but_for_the_subject(rules: Rules) -> None:
    assert dict(release(rules.release, EMMA, FULL, requested=["trin"])) == {"sub": "pseudonym", "trin": "1"}
    assert set(release(rules.release, EMMA, FULL, requested=[])) == {"sub"}


def test_an_unknown_value_is_left_out(rules: Rules) -> None:
    teacher = replace(EMMA, actor_group=ActorGroup.STAFF, level=None, birth_date=None, email=None, groups=())
    assert set(release(rules.release, teacher, FULL)) == set(MEDIUM_CLAIMS) - {"trin"}


def test_every_claim_says_which_rule_let_it_out(rules: Rules) -> None:
    released = release(rules.release, EMMA, FULL)
    assert released.why.keys() == released.keys()
    assert {name: released.why[name] for name in ("sub", "uniid", "name", "grupper")} == {
        "sub": "release:without-agreement",
        "uniid": "release:agreement-small",
        "name": "release:agreement-medium",
        "grupper": "release:agreement-full",
    }


@given(package=st.none() | st.sampled_from(ReleasePackage), requested=st.sets(st.sampled_from(sorted(KNOWN_CLAIMS))))
def test_asking_never_widens_the_agreement(rules: Rules, package: ReleasePackage | None, requested: set[str]) -> None:
    asked = release(rules.release, EMMA, package, requested)
    assert dict(asked).items() <= dict(release(rules.release, EMMA, package)).items()


def test_a_cpr_number_has_no_claim() -> None:
    assert not [name for name in KNOWN_CLAIMS if "cpr" in name.lower() or "civil" in name.lower()]


def test_a_person_lets_a_service_that_is_not_the_schools_know_one_small_package(rules: Rules) -> None:
    released = release_on_consent(rules.release, EMMA)
    named = {"name": "Emma Holm", "given_name": "Emma", "family_name": "Holm", "aktoer_gruppe": "Elev"}
    assert dict(released) == NONE_CLAIMS | named
    assert {name for name, rule in released.why.items() if rule == "release:own-consent"} == set(named)
    assert set(release_on_consent(rules.release, EMMA, {"given_name"})) == {"sub", "given_name"}


@pytest.mark.parametrize("alias", [("Ida", "Lund"), (None, None)])
def test_a_protected_name_never_leaves_on_consent_and_neither_does_its_alias(
    rules: Rules, alias: tuple[str | None, str | None]
) -> None:
    protected = replace(EMMA, records=(*EMMA.records, SchoolRecord("Emma", "Holm", *alias, protected=True)))
    assert dict(release_on_consent(rules.release, protected)) == NONE_CLAIMS | {"aktoer_gruppe": "Elev"}


@pytest.mark.parametrize("package", [None, *ReleasePackage])
def test_no_agreement_adds_to_what_a_person_lets_a_service_know(rules: Rules, package: ReleasePackage | None) -> None:
    agreed = replace(EMMA, institutions=(InstitutionFacts("A04441", package, has_licence=True),))
    assert release_on_consent(rules.release, agreed) == release_on_consent(rules.release, EMMA)
