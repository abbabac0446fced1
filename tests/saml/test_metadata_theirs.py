"""A service's metadata: what is read out of it, and what is refused, every fault named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from idp.saml.metadata_theirs import LARGEST, MetadataFault, read_metadata
from idp.usecases.service_providers import POST, REDIRECT
from tests.opponents.saml_metadata import (
    ACS,
    ENTITY,
    SIGNALS_PAIRWISE_ID,
    certificate,
    consumer,
    entities,
    entity,
    key_descriptor,
    role,
)

UI = (
    '<md:Extensions><mdui:UIInfo xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui">'
    '<mdui:DisplayName xml:lang="da">Læringsportalen</mdui:DisplayName>'
    '<mdui:DisplayName xml:lang="en">The Portal</mdui:DisplayName></mdui:UIInfo></md:Extensions>'
)
GCM = "http://www.w3.org/2009/xmlenc11#aes128-gcm"


def faults(document: str | bytes, entity_id: str | None = None) -> str:
    with pytest.raises(MetadataFault) as refused:
        read_metadata(document if isinstance(document, bytes) else document.encode(), entity_id)
    return " ".join(refused.value.faults)


@pytest.mark.spec("SAML Metadata", "2.4.4")
def test_all_that_is_asked_for_is_read() -> None:
    signing, encryption = certificate(), certificate("ec", 256)
    method = f'<md:EncryptionMethod Algorithm="{GCM}"/>'
    inside = (
        UI
        + key_descriptor(signing, "signing")
        + key_descriptor(encryption, "encryption", inside=method)
        + f'<md:SingleLogoutService Binding="{REDIRECT}" Location="https://portal.example/slo" '
        'ResponseLocation="https://portal.example/slo-done"/>'
        "<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>"
        + consumer()
        + consumer("https://portal.example/other", index="7", more=' isDefault="true"')
        + consumer("https://portal.example/artifact", index="9", binding="HTTP-Artifact")
        + '<md:AttributeConsumingService index="1" isDefault="true"><md:ServiceName xml:lang="en">No</md:ServiceName>'
        '<md:RequestedAttribute Name="dk:unilogin:uniid" isRequired="true"/></md:AttributeConsumingService>'
    )
    signs = ' AuthnRequestsSigned="true" WantAssertionsSigned="1"'
    read = read_metadata(entity(SIGNALS_PAIRWISE_ID + role(inside, attributes=signs)).encode())
    assert read.entity_id == ENTITY
    assert (read.name_da, read.name_en) == ("Læringsportalen", "The Portal")
    assert [(one.location, one.binding, one.index, one.is_default) for one in read.consumers] == [
        (ACS, POST, 0, False),
        ("https://portal.example/other", POST, 7, True),
    ]
    assert [(one.location, one.response_location) for one in read.logout] == [
        ("https://portal.example/slo", "https://portal.example/slo-done")
    ]
    assert read.signing_certificates == (signing,)
    assert [(one.certificate, one.algorithms) for one in read.encryption_keys] == [(encryption, (GCM,))]
    assert (read.signs_requests, read.wants_assertions_signed) == (True, True)
    assert read.attribute_services[0].requested[0].name == "dk:unilogin:uniid"
    assert read.attribute_services[0].requested[0].required
    assert read.entity_attributes == (("urn:oasis:names:tc:SAML:profiles:subject-id:req", ("pairwise-id",)),)


@pytest.mark.spec("SAML Metadata", "2.4.1.1")
def test_a_key_without_a_use_is_for_both_and_there_may_be_any_number() -> None:
    first, second = certificate(), certificate("ec", 256)
    read = read_metadata(entity(role(key_descriptor(first) + key_descriptor(second) + consumer())).encode())
    assert read.signing_certificates == (first, second)
    assert tuple(one.certificate for one in read.encryption_keys) == (first, second)


@pytest.mark.spec("SAML Metadata", "2.2.3")
@pytest.mark.parametrize(
    ("first", "second", "default"),
    [
        ("", "", 0),
        (' isDefault="false"', "", 1),
        (' isDefault="false"', ' isDefault="false"', 0),
        ("", ' isDefault="true"', 1),
    ],
)
def test_the_default_consumer_is_the_one_that_says_so_else_the_first_that_does_not_say_no(
    first: str, second: str, default: int
) -> None:
    inside = consumer(more=first) + consumer("https://portal.example/2", index="1", more=second)
    assert [one.is_default for one in read_metadata(entity(role(inside)).encode()).consumers].index(True) == default


def test_of_several_entities_the_named_one_is_read_and_its_end_is_the_nearest_around_it() -> None:
    other = entity(entity_id="https://other.example")
    one = entity(
        role(attributes=' validUntil="2027-01-01T00:00:00Z"'), attributes=' validUntil="2026-12-24T12:00:00+01:00"'
    )
    read = read_metadata(entities(other, one).encode(), ENTITY)
    assert read.entity_id == ENTITY
    assert read.valid_until == datetime(2026, 12, 24, 11, tzinfo=UTC)
    assert "say which one" in faults(entities(other, one))
    assert "0 times" in faults(entities(other), ENTITY)
    assert "2 times" in faults(entities(one, one), ENTITY)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("", "not XML"),
        ("<a>", "not XML"),
        ("<a/>", "no EntityDescriptor"),
        (b"\xff\xfe<\x00a\x00/\x00>\x00", "not UTF-8"),
        ("<!DOCTYPE md:EntityDescriptor [<!ENTITY a 'b'>]>" + entity(), "DOCTYPE"),
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a SYSTEM "file:///etc/passwd">' + entity(), "DOCTYPE"),
        (" " * (LARGEST + 1), "larger"),
        (entity(""), "0 SPSSODescriptors"),
        (entity(role() + role()), "2 SPSSODescriptors"),
        (entity(entity_id="portal"), "absolute URI"),
        (entity(entity_id="https://portal.example/ saml"), "absolute URI"),
        (entity(entity_id="https://portal.example/" + "a" * 240), "longer than 256"),
        (entity(attributes=' validUntil="soon"'), "validUntil"),
        (entity(role("")), "no AssertionConsumerService for HTTP-POST"),
        (entity(role(consumer(binding="HTTP-Artifact"))), "no AssertionConsumerService for HTTP-POST"),
        (entity(role(consumer(index="one"))), "no index"),
        (entity(role(consumer() + consumer("https://portal.example/2"))), "have the index 0"),
        (entity(role(consumer("http://portal.example/acs"))), "is http"),
        (entity(role(consumer("javascript:alert(1)"))), "neither https"),
        (entity(role(consumer("https://portal.example@evil.example/"))), "names a user"),
        (entity(role(consumer("https://*.example/"))), "wildcard"),
        (entity(role(attributes=' AuthnRequestsSigned="yes"')), "AuthnRequestsSigned"),
        (entity(role(key_descriptor(b"no certificate") + consumer())), "cannot be read"),
        (entity(role(key_descriptor(certificate(), "both") + consumer())), "neither signing nor encryption"),
        (entity(role("<md:KeyDescriptor/>" + consumer())), "no X509Certificate"),
        (entity(role(consumer() + "<md:NameIDFormat>urn:a<!-- -->b</md:NameIDFormat>")), "no text"),
    ],
)
def test_what_cannot_be_used_is_refused_and_named(document: str | bytes, said: str) -> None:
    assert said in faults(document)


@pytest.mark.spec("saml2int", "SDP-MD06")
@pytest.mark.parametrize(("kind", "bits"), [("rsa", 1024), ("ec", 192)])
def test_a_weak_key_is_refused(kind: str, bits: int) -> None:
    assert f"{bits} bits" in faults(entity(role(key_descriptor(certificate(kind, bits)) + consumer())))


def test_every_fault_is_named_at_once() -> None:
    said = faults(entity(role(consumer("http://portal.example/acs", index="x")), entity_id="portal"))
    assert all(part in said for part in ("absolute URI", "is http", "no index"))
