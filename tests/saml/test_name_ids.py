"""Who an assertion is about, and whom a request expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from idp.store.people import SchoolRecord
from policies.vocabulary import ReleasePackage
from tests.opponents.browser import Browser
from tests.opponents.databases import postgresql_is_long
from tests.saml.asking import NAME_ID, PORTAL, SUCCESS, policy, second

if TYPE_CHECKING:
    from tests.opponents.saml_service import SamlService
    from tests.saml.provider import Provider

pytestmark = postgresql_is_long


def test_a_persistent_name_is_the_same_each_time_and_a_transient_one_never(provider: Provider) -> None:
    provider.register(PORTAL)
    other = PORTAL.but(entity_id="https://other.example/saml")
    provider.register(other)

    def named(service: SamlService, name: str) -> str:
        said = provider.asked(service, policy(f"{NAME_ID}{name}", AllowCreate="true")).assertion
        assert said is not None
        assert said.name_id is not None
        assert said.name_id.format == f"{NAME_ID}{name}"
        return said.name_id.value

    assert named(PORTAL, "persistent") == named(PORTAL, "persistent") != named(other, "persistent")
    assert named(PORTAL, "transient") != named(PORTAL, "transient")


@pytest.mark.spec("saml2int", "SDP-IDP12")
def test_a_service_of_a_federation_gets_a_transient_name_whatever_its_metadata_lists(provider: Provider) -> None:
    lists = PORTAL.but(encrypted=True, name_ids=f"<md:NameIDFormat>{NAME_ID}persistent</md:NameIDFormat>")
    elsewhere = lists.but(entity_id="https://other.example/saml")
    provider.register(lists, profile="saml2int")
    provider.register(elsewhere)
    for service, name in ((lists, "transient"), (elsewhere, "persistent")):
        said = provider.asked(service).assertion
        assert said is not None
        assert said.name_id is not None
        assert said.name_id.format == f"{NAME_ID}{name}"


@pytest.mark.parametrize(
    "asked",
    [
        policy("urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted"),
        policy("urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"),
        policy(f"{NAME_ID}persistent", SPNameQualifier="https://other.example"),
        policy("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"),
    ],
)
def test_a_name_that_nobody_gets_is_answered_with_a_status(provider: Provider, asked: str) -> None:
    provider.register(PORTAL)
    assert second(provider.asked(PORTAL, asked)) == "InvalidNameIDPolicy"


def test_an_e_mail_address_is_a_name_where_the_agreement_lets_it_leave(provider: Provider) -> None:
    provider.register(PORTAL, package=ReleasePackage.FULL)
    with provider.system.database.writing() as db:
        db.execute(update(SchoolRecord).values(email="asta@skole.example"))
    said = provider.asked(PORTAL, policy("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress")).assertion
    assert said is not None
    assert said.name_id is not None
    assert said.name_id.value == "asta@skole.example"


def test_a_service_that_expects_somebody_else_is_not_told_who_is_there(provider: Provider) -> None:
    provider.register(PORTAL)
    read = provider.asked(
        PORTAL,
        f'<saml:Subject><saml:NameID Format="{NAME_ID}persistent">somebody</saml:NameID></saml:Subject>',
        IsPassive="true",
    )
    assert second(read) == "NoPassive"
    said = provider.asked(PORTAL).assertion
    assert said is not None
    assert said.name_id is not None
    own = f'<saml:Subject><saml:NameID Format="{NAME_ID}persistent">{said.name_id.value}</saml:NameID></saml:Subject>'
    assert provider.asked(PORTAL, own, IsPassive="true").status == SUCCESS


def test_a_hint_fills_in_the_username(provider: Provider) -> None:
    provider.register(PORTAL)
    inside = f"<saml:Subject><saml:NameID>{provider.asta.username}</saml:NameID></saml:Subject>"
    page = Browser(provider.app).open(PORTAL.by_redirect(PORTAL.authn_request(inside)))
    assert provider.asta.username in page.body
