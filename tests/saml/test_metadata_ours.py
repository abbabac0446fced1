"""What we publish about ourselves, and who has been seen to read it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from lxml import etree

from admin_ui.cli import Operator
from admin_ui.cli.keys import keys
from idp.app import create_app
from idp.outside.xml_security import verify_signed
from idp.saml.metadata_ours import address_for
from idp.usecases.saml_keys import SIGNING_KEYS
from tests.opponents.browser import Browser
from tests.opponents.databases import postgresql_is_long
from tests.opponents.saml_service import IDP, SamlService

if TYPE_CHECKING:
    from tests.conftest import StandingClock
    from tests.saml.provider import Provider

pytestmark = postgresql_is_long
MD = {
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "mdui": "urn:oasis:names:tc:SAML:metadata:ui",
}
PORTAL = SamlService()


def read(provider: Provider) -> etree._Element:
    answer = Browser(provider.app).open("/saml/metadata")
    assert answer.status == 200
    return etree.fromstring(answer.body.encode())


def certificates(root: etree._Element, use: str) -> list[str]:
    path = f"md:IDPSSODescriptor/md:KeyDescriptor[@use='{use}']//ds:X509Certificate"
    return [str(each.text) for each in root.findall(path, MD)]


@pytest.mark.spec("SAML Metadata", "2.4.3")
def test_our_metadata_is_signed_by_a_key_that_it_names_and_says_where_everything_is(provider: Provider) -> None:
    root = read(provider)
    verify_signed(root, provider.certificates()[:1])
    assert root.get("entityID") == IDP
    role = root.find("md:IDPSSODescriptor", MD)
    assert role is not None
    ends = {
        (etree.QName(each).localname, str(each.get("Binding")).rpartition(":")[2], each.get("Location"))
        for each in role
        if each.get("Location")
    }
    assert ends == {
        ("SingleSignOnService", "HTTP-Redirect", "http://localhost:8080/saml/sso"),
        ("SingleSignOnService", "HTTP-POST", "http://localhost:8080/saml/sso"),
        ("SingleLogoutService", "HTTP-Redirect", "http://localhost:8080/saml/slo"),
        ("SingleLogoutService", "HTTP-POST", "http://localhost:8080/saml/slo"),
        ("SingleLogoutService", "SOAP", "http://localhost:8080/saml/slo/soap"),
    }
    names = {each.get("{http://www.w3.org/XML/1998/namespace}lang") for each in root.iter("{*}DisplayName")}
    assert names == {"da", "en"}
    assert role.get("errorURL") == "http://localhost:8080/saml/error"


def test_the_next_keys_stand_beside_the_current_ones_and_one_key_to_encrypt_to(provider: Provider) -> None:
    root = read(provider)
    assert len(certificates(root, "signing")) == 4
    assert len(certificates(root, "encryption")) == 1
    with provider.system.database.writing() as db:
        SIGNING_KEYS.rotate(db, provider.system)
    after = certificates(
        etree.fromstring(Browser(create_app(provider.system)).open("/saml/metadata").body.encode()), "signing"
    )
    assert set(certificates(root, "signing")) < set(after) or len(after) == 6


def test_it_is_the_same_all_day_and_another_tomorrow_and_never_over(provider: Provider, clock: StandingClock) -> None:
    browser = Browser(provider.app)
    first = browser.open("/saml/metadata")
    clock.advance(hours=3)
    assert browser.open("/saml/metadata").body == first.body
    clock.advance(hours=21)
    later = browser.open("/saml/metadata")
    assert later.body != first.body
    until = etree.fromstring(later.body.encode()).get("validUntil")
    assert until is not None
    assert until >= (clock.now() + timedelta(days=14)).strftime("%Y-%m-%dT")
    assert first.headers["ETag"] != later.headers["ETag"]
    assert first.headers["Content-Type"].startswith("application/samlmetadata+xml")


def test_contacts_are_those_that_the_operator_named(provider: Provider) -> None:
    assert not read(provider).findall("md:ContactPerson", MD)
    settings = provider.system.settings
    saml = replace(settings.saml, technical_contact="drift@skole.example")
    system = replace(provider.system, settings=replace(settings, saml=saml))
    (contact,) = read(replace(provider, app=create_app(system))).findall("md:ContactPerson", MD)
    assert contact.get("contactType") == "technical"
    assert contact.findtext("md:EmailAddress", namespaces=MD) == "mailto:drift@skole.example"


def rollover(provider: Provider) -> dict[str, object]:
    told = CliRunner().invoke(keys, ["rollover"], obj=Operator(None, provider.system))
    assert told.exit_code == 0, told.output
    shown: dict[str, object] = json.loads(told.stdout)
    return shown


def test_a_service_that_reads_its_own_address_is_seen_to_have_read_the_next_keys(provider: Provider) -> None:
    service_id = provider.register(PORTAL)
    assert rollover(provider)["have_not_read_the_next"] == [PORTAL.entity_id]
    address = address_for(provider.system, service_id)
    assert Browser(provider.app).open(address).status == 200
    assert rollover(provider)["have_not_read_the_next"] == []
    assert Browser(provider.app).open(address[:-1]).status == 404
    assert Browser(provider.app).open(address.replace("/for/", "/for/9")).status == 404


def test_one_service_is_signed_for_with_the_next_key_and_back_again(provider: Provider) -> None:
    provider.register(PORTAL.but(consumers=("https://portal.example/acs",)))
    current, following = provider.certificates()[0], provider.certificates()[2]
    kids = [key["kid"] for key in rollover(provider)["keys"]]  # type: ignore[index, attr-defined]
    browser = provider.logged_in()

    def signed_with() -> bytes:
        page = browser.open(PORTAL.by_redirect(PORTAL.authn_request()))
        for certificate in (current, following):
            try:
                PORTAL.read(page, [certificate])
            except Exception:  # noqa: BLE001, S112 (by the other key)
                continue
            return certificate
        raise AssertionError("by neither")

    def sign_with(*arguments: str) -> int:
        done = CliRunner().invoke(keys, ["sign-with", *arguments], obj=Operator(None, provider.system))
        return done.exit_code

    assert signed_with() == current
    assert sign_with(PORTAL.entity_id, "--kid", kids[2]) == 0
    assert signed_with() == following
    assert sign_with(PORTAL.entity_id) == 0
    assert signed_with() == current
    assert sign_with(PORTAL.entity_id, "--kid", "nothing") == 1
    assert sign_with("https://nobody.example", "--kid", kids[2]) == 1


def test_who_is_sent_to_us_by_a_service_that_could_not_use_the_login_is_told_what_to_do(provider: Provider) -> None:
    page = Browser(provider.app, languages="en").open("/saml/error?errorurl_code=AUTHORIZATION_FAILURE&x=<script>")
    assert page.heading == "The service did not let you in"
    assert "AUTHORIZATION_FAILURE" in page.body
    assert "<script>" not in page.body
