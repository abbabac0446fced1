"""From a query, a form or a SOAP envelope to one message that means one thing."""

from __future__ import annotations

import zlib
from base64 import b64encode
from urllib.parse import quote, urlencode

import pytest

from idp.saml.intake import arrived_by_post, arrived_by_redirect, arrived_by_soap
from idp.saml.refusals import Refused

MESSAGE = '<p:A xmlns:p="urn:p" ID="_1"><p:B ID="_2">æ</p:B></p:A>'.encode()


def deflated(message: bytes = MESSAGE) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b64encode(packer.compress(message) + packer.flush()).decode()


def query(**members: str) -> bytes:
    return urlencode({"SAMLRequest": deflated(), **members}).encode()


def form(message: bytes = MESSAGE, **members: str) -> bytes:
    return urlencode({"SAMLRequest": b64encode(message).decode(), **members}).encode()


def envelope(inside: bytes = MESSAGE) -> bytes:
    return (
        b'<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header/><S:Body>'
        + inside
        + b"</S:Body></S:Envelope>"
    )


def test_a_message_comes_in_three_ways() -> None:
    assert arrived_by_redirect(query()).xml == MESSAGE
    assert arrived_by_post(form()).xml == MESSAGE
    assert arrived_by_soap(envelope()).root.tag == "{urn:p}A"


def test_relay_state_is_kept_byte_for_byte() -> None:
    state = "x&<æ ~%2B\u00a0\u3000\U0001f469\u200d\U0001f692"
    assert arrived_by_redirect(query(RelayState=state)).relay_state == state
    assert arrived_by_post(form(RelayState=state)).relay_state == state
    assert arrived_by_post(form()).relay_state is None
    assert arrived_by_post(form(RelayState="")).relay_state == ""
    assert arrived_by_post(form(RelayState="s" * 4096)).relay_state == "s" * 4096


@pytest.mark.spec("SAML Bindings", "3.4.4.1")
def test_what_a_query_signs_is_the_text_that_came() -> None:
    """Lower-case percent-encoding, such as .NET writes, and another order of the parameters change what is signed."""
    message = quote(deflated(), safe="").lower().replace(deflated().lower(), deflated())
    packed = quote(deflated(), safe="").replace("%2B", "%2b").replace("%3D", "%3d").replace("%2F", "%2f")
    came = f"Signature=AAAA&SigAlg=urn%3ax&other=1&RelayState=a%2fb&SAMLRequest={packed}".encode()
    read = arrived_by_redirect(came)
    assert message
    assert read.query is not None
    assert read.query.signed == f"SAMLRequest={packed}&RelayState=a%2fb&SigAlg=urn%3ax".encode()
    assert read.query.algorithm == "urn:x"


def test_folded_base64_and_plus_signs_that_became_spaces_are_read() -> None:
    text = b64encode(MESSAGE).decode()
    folded = "\r\n".join(text[at : at + 20] for at in range(0, len(text), 20))
    assert arrived_by_post(urlencode({"SAMLRequest": folded}).encode()).xml == MESSAGE
    assert arrived_by_redirect(f"SAMLRequest={deflated()}".encode()).xml == MESSAGE


@pytest.mark.parametrize(
    ("came", "rule"),
    [
        (b"", "no-message"),
        (query(SAMLResponse=deflated()), "no-message"),
        (query() + b"&SAMLRequest=x", "twice"),
        (query() + b"&SAML%52equest=x", "twice"),
        (query(RelayState="a") + b"&RelayState=b", "twice"),
        (query(Signature="AAAA", SigAlg="x") + b"&Signature=AAAA", "twice"),
        (query(Signature="AAAA"), "signature-incomplete"),
        (query(SigAlg="x"), "signature-incomplete"),
        (query(SAMLEncoding="urn:other"), "encoding-unknown"),
        (query(RelayState="s" * 4097), "relay-state-too-long"),
        (query() + b"&RelayState=%ff", "relay-state-unreadable"),
        (query(RelayState="a\nb"), "relay-state-unreadable"),
        (b"SAMLRequest=%21%21", "not-base64"),
        (query(SAMLRequest=b64encode(MESSAGE).decode()), "not-deflated"),
        (query(SAMLRequest=deflated()[:-8]), "not-deflated"),
        (query(SAMLRequest=deflated(b"<a>" + b" " * 10_000_000 + b"</a>")), "too-large"),
        (query(x="y" * 16_384), "too-large"),
        (b"a=b&" * 200 + query(), "too-many"),
    ],
)
def test_a_query_that_is_not_one_is_refused_by_name(came: bytes, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        arrived_by_redirect(came)
    assert refused.value.fault.rule == rule


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"not xml",
        b"<a><b></a>",
        b"<a/>tail",
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b"<a>x<!-- -->y</a>",
        b"<!-- before --><a/>",
        b"<a><?pi x?></a>",
        b'<a xml:id="x"/>',
        b'<a ID="x"><b ID="x"/></a>',
        b'<a ID="x"><b id="x"/></a>',
        "<?xml version='1.0' encoding='utf-16'?><a/>".encode("utf-16"),
        b"\xff\xfe<a/>",
        b"<a>" + b"x" * 70_000 + b"</a>",
        b"<a>" * 300 + b"</a>" * 300,
    ],
)
def test_a_document_that_could_mean_two_things_is_none(message: bytes) -> None:
    with pytest.raises(Refused) as refused:
        arrived_by_post(form(message))
    assert refused.value.fault.rule == "not-a-document"


@pytest.mark.parametrize(
    "body",
    [
        MESSAGE,
        envelope(b""),
        envelope(MESSAGE * 1 + b"<b/>"),
        envelope().replace(b"S:Envelope", b"S:Letter"),
        envelope(b'<a xmlns="relative"/>'),  # which has no canonical form
        b"",
    ],
)
def test_an_envelope_holds_one_message(body: bytes) -> None:
    with pytest.raises(Refused):
        arrived_by_soap(body)
