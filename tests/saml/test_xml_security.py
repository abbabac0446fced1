"""What is believed of signatures and encryption that others made: one shape, known keys, nothing weak."""

from __future__ import annotations

import re
from base64 import b64decode
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree

from idp.outside.xml_encryption import Way, encrypted_element, recipient
from idp.outside.xml_security import NotDecrypted, NotVerified, decrypt, verify_query, verify_signed
from idp.saml.bindings_3_4_send_redirect import redirect_to
from idp.saml.core_2_3_assertion import write_assertion
from tests.saml.written import keys, told

if TYPE_CHECKING:
    from collections.abc import Callable

ALGORITHMS = ["RS256", "ES256"]


@cache
def signed(algorithm: str = "RS256") -> str:
    return write_assertion(told(), signer=keys(algorithm).signer)


def believed(text: str, *certificates: bytes) -> bool:
    try:
        verify_signed(etree.fromstring(text.encode()), certificates or (keys().certificate,))
    except NotVerified:
        return False
    return True


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_any_of_the_senders_keys_may_have_signed(algorithm: str) -> None:
    other, own = keys(algorithm, "another").certificate, keys(algorithm).certificate
    assert believed(signed(algorithm), other, own)
    assert not believed(signed(algorithm), other)
    assert not believed(signed(algorithm), keys("ES256" if algorithm == "RS256" else "RS256").certificate)


def test_nobodys_keys_prove_nothing() -> None:
    with pytest.raises(NotVerified, match="no key"):
        verify_signed(etree.fromstring(signed().encode()), [])


def swapped(before: str, after: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert before in text
        return text.replace(before, after, 1)

    return change


def without_signature(text: str) -> str:
    return re.sub("<ds:Signature .*</ds:Signature>", "", text)


def twice(text: str) -> str:
    (signature,) = re.findall("<ds:Signature .*</ds:Signature>", text)
    return text.replace(signature, signature * 2)


DSIG = "http://www.w3.org/2000/09/xmldsig#"


@pytest.mark.parametrize(
    "change",
    [
        swapped("asta1234", "emil1234"),
        without_signature,
        twice,
        swapped("xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"),
        swapped("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", f"{DSIG}rsa-sha1"),
        swapped("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", f"{DSIG}hmac-sha1"),
        swapped("http://www.w3.org/2001/04/xmlenc#sha256", f"{DSIG}sha1"),
        swapped(f"{DSIG}enveloped-signature", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        swapped(f'<ds:Transform Algorithm="{DSIG}enveloped-signature"></ds:Transform>', ""),
        swapped("</ds:Transforms>", f'<ds:Transform Algorithm="{DSIG}base64"></ds:Transform></ds:Transforms>'),
        swapped("</ds:SignatureValue>", "</ds:SignatureValue><ds:Object></ds:Object>"),
        swapped('URI="#', 'URI="#x'),
        swapped('URI="#', 'URI="" x="#'),
        swapped("</ds:Reference>", '</ds:Reference><ds:Reference URI=""></ds:Reference>'),
        swapped(' ID="', ' id="'),
        swapped("xml-exc-c14n#", "xml-exc-c14n#WithComments"),
    ],
    ids=lambda change: change.__name__,
)
def test_a_signature_of_another_shape_is_none(change: Callable[[str], str]) -> None:
    assert believed(signed())
    assert not believed(change(signed()))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_query_is_verified_as_it_was_sent(algorithm: str) -> None:
    address = redirect_to(
        "https://idp.example/sso", "SAMLRequest", b"<a/>", relay_state="r", signer=keys(algorithm).signer
    )
    query = urlsplit(address).query
    members = parse_qs(query)
    over, value = query.partition("&Signature=")[0].encode(), b64decode(members["Signature"][0])
    method, own = members["SigAlg"][0], (keys(algorithm, "another").certificate, keys(algorithm).certificate)
    verify_query(over, value, method, own)
    for wrong in [
        (over + b"x", value, method, own),
        (over, value[:-1], method, own),
        (over, value, method, own[:1]),
        (over, value, method, ()),
        (over, value, f"{DSIG}rsa-sha1", own),
        (over, value, "", own),
    ]:
        with pytest.raises(NotVerified):
            verify_query(*wrong)


BLOCKS = ["http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2009/xmlenc11#aes128-gcm"]
TRANSPORTS = ["http://www.w3.org/2009/xmlenc11#rsa-oaep", "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"]


def encrypted(block: str = BLOCKS[0], transport: str = TRANSPORTS[0]) -> str:
    return encrypted_element(
        "<a>hej</a>", recipient([(keys(name="service").certificate, (block, transport))], Way.STRONGEST)
    )


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_is_encrypted_to_any_of_our_keys_is_read(block: str, transport: str) -> None:
    found = decrypt(
        etree.fromstring(encrypted(block, transport)), [keys(name="another").private, keys(name="service").private]
    )
    assert found == b"<a>hej</a>"


def test_the_key_may_stand_beside_what_it_opens() -> None:
    inside = etree.fromstring(f"<wrapper>{encrypted()}</wrapper>")
    (key,) = inside.iter("{*}EncryptedKey")
    inside.append(key)
    assert decrypt(inside[0], [keys(name="service").private]) == b"<a>hej</a>"


@pytest.mark.parametrize(
    "change",
    [
        swapped(BLOCKS[0], "http://www.w3.org/2001/04/xmlenc#aes256-cbc"),
        swapped(TRANSPORTS[0], "http://www.w3.org/2001/04/xmlenc#rsa-1_5"),
        swapped("xmlenc#Element", "xmlenc#Content"),
        swapped("</xenc:EncryptedKey>", "</xenc:EncryptedKey><xenc:EncryptedKey></xenc:EncryptedKey>"),
        swapped(
            "</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>",
            "AAAA</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>",
        ),
    ],
)
def test_what_is_encrypted_otherwise_is_not(change: Callable[[str], str]) -> None:
    with pytest.raises(NotDecrypted):
        decrypt(etree.fromstring(change(encrypted())), [keys(name="service").private])


def test_a_key_of_somebody_else_opens_nothing() -> None:
    with pytest.raises(NotDecrypted):
        decrypt(etree.fromstring(encrypted()), [keys(name="another").private])
