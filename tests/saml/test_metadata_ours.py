"""What we publish about ourselves, and who has been seen to read it."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from admin_ui.cli import Operator
from admin_ui.cli.keys import keys
from idp.app import create_app
from idp.outside.certificates import der_of
from idp.outside.xml_security import NotVerified, verify_signed
from idp.saml.metadata_ours import address_for
from idp.saml.profiles.attribute_names import PAIRWISE_ID
from idp.usecases import rotating_keys
from idp.usecases.saml_keys import ENCRYPTION_KEYS, METADATA_KEYS, SIGNING_KEYS, saml_decryption_ring
from tests.opponents.browser import Browser
from tests.opponents.databases import postgresql_is_long
from tests.opponents.saml_metadata import SIGNALS_PAIRWISE_ID
from tests.opponents.saml_service import IDP, SamlService

if TYPE_CHECKING:
    from click.testing import Result

    from tests.conftest import StandingClock
    from tests.saml.provider import Provider

pytestmark = postgresql_is_long
MD = {
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "shibmd": "urn:mace:shibboleth:metadata:1.0",
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
def test_our_metadata_is_signed_and_says_where_everything_is(provider: Provider) -> None:
    root = read(provider)
    verify_signed(root, provider.metadata_certificates()[:1])
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


@pytest.mark.spec("saml2int", "SDP-MD10")
def test_the_logo_in_our_metadata_can_be_fetched(provider: Provider) -> None:
    (logo,) = read(provider).findall("md:IDPSSODescriptor/md:Extensions/mdui:UIInfo/mdui:Logo", MD)
    assert (logo.get("width"), logo.get("height")) == ("48", "48")
    answer = Browser(provider.app).open(str(logo.text).removeprefix("http://localhost:8080"))
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("image/svg+xml")


@pytest.mark.spec("saml2int", "SDP-IDP14")
def test_our_metadata_names_the_scope_that_our_identifiers_have(provider: Provider) -> None:
    federated = SamlService(encrypted=True)
    document = federated.metadata().replace("<md:SPSSODescriptor", f"{SIGNALS_PAIRWISE_ID}<md:SPSSODescriptor", 1)
    provider.register(federated, document=document, profile="saml2int")
    said = provider.asked(federated).assertion
    assert said is not None
    (identifier,) = said.attributes[PAIRWISE_ID]
    (scope,) = read(provider).findall("md:IDPSSODescriptor/md:Extensions/shibmd:Scope", MD)
    assert scope.get("regexp") == "false"
    assert identifier.partition("@")[2] == scope.text == "localhost"


@pytest.mark.spec("saml2int", "SDP-MD02")
def test_the_keys_in_our_metadata_change_and_the_one_that_signs_it_stays(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotating_keys, "LOOK_SECONDS", 0.0)
    before, trusted = read(provider), provider.metadata_certificates()[:1]
    for kind in (SIGNING_KEYS, ENCRYPTION_KEYS):
        with provider.system.database.writing() as db:
            kind.rotate(db, provider.system)
    after = read(provider)
    for use in ("signing", "encryption"):
        assert certificates(before, use) != certificates(after, use)
    verify_signed(before, trusted)
    verify_signed(after, trusted)


@pytest.mark.spec("saml2int", "SDP-MD02")
def test_the_key_that_signs_our_metadata_is_none_of_those_in_it(provider: Provider) -> None:
    root = read(provider)
    named = [b64decode(str(each.text)) for each in root.findall(".//md:KeyDescriptor//ds:X509Certificate", MD)]
    assert len(named) == 5
    assert not set(named) & set(provider.metadata_certificates())
    with pytest.raises(NotVerified):
        verify_signed(root, named)


def test_our_metadata_is_signed_with_the_next_key_once_that_is_in_use(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotating_keys, "LOOK_SECONDS", 0.0)
    before, (current, following) = read(provider), provider.metadata_certificates()
    with provider.system.database.writing() as db:
        METADATA_KEYS.rotate(db, provider.system)
    after = read(provider)
    verify_signed(before, [current])
    verify_signed(after, [following])
    assert certificates(before, "signing") == certificates(after, "signing")


@pytest.mark.parametrize("own", [False, True], ids=["public", "of a service"])
def test_an_installation_that_has_no_key_for_metadata_yet_gets_one_and_keeps_the_others(
    provider: Provider, *, own: bool
) -> None:
    kept = provider.certificates()
    with provider.system.database.writing() as db:
        saml_decryption_ring(db, provider.system)
        assert not METADATA_KEYS.listed(db)
    address = address_for(provider.system, provider.register(PORTAL)) if own else "/saml/metadata"
    root = etree.fromstring(Browser(provider.app).open(address).body.encode())
    assert provider.certificates() == kept
    verify_signed(root, provider.metadata_certificates()[:1])


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


def certificate(provider: Provider, *arguments: str) -> Result:
    return CliRunner().invoke(keys, ["certificate", *arguments], obj=Operator(None, provider.system))


def test_the_operator_prints_the_certificate_that_a_service_pins_and_its_fingerprint_beside_it(
    provider: Provider,
) -> None:
    for use, known in (("saml-md", provider.metadata_certificates()), ("saml", provider.certificates())):
        printed = certificate(provider, "--use", use)
        assert printed.exit_code == 0, printed.output
        read_back = x509.load_pem_x509_certificate(printed.stdout.encode())
        assert printed.stdout.startswith("-----BEGIN CERTIFICATE-----\n")
        assert read_back.public_bytes(Encoding.DER) == known[0]
        assert f"SHA-256 {read_back.fingerprint(SHA256()).hex(':').upper()}\n" in printed.stderr
        assert "RS256, current" in printed.stderr


def test_the_certificate_of_the_next_key_is_printed_before_it_signs(provider: Provider) -> None:
    current, following = provider.metadata_certificates()
    with provider.system.database.reading() as db:
        kids = {key.status: key.kid for key in METADATA_KEYS.listed(db)}
    printed = certificate(provider, "--use", "saml-md", "--kid", kids["next"])
    assert der_of(printed.stdout) == following != current
    assert certificate(provider, "--use", "saml", "--kid", kids["next"]).exit_code == 1


def test_the_key_of_our_metadata_turns_by_itself_once_there_was_time_to_give_out_the_next(
    provider: Provider, clock: StandingClock
) -> None:
    def turn() -> Result:
        return CliRunner().invoke(keys, ["rotate", "--use", "saml-md"], obj=Operator(None, provider.system))

    (_, following), others = provider.metadata_certificates(), provider.certificates()
    assert turn().exit_code == 1
    clock.advance(days=provider.system.settings.saml.metadata_days)
    assert turn().exit_code == 0
    assert der_of(certificate(provider, "--use", "saml-md").stdout) == following
    assert provider.certificates() == others


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
