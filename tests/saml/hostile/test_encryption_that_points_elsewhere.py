"""Encryption whose value or key is said to stand somewhere else: in a file of ours, or at an address."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from idp.outside.xml_encryption import encrypted_element, recipient
from idp.outside.xml_security import NotDecrypted, decrypt
from tests.saml.hostile.bounds import BAIT, attempted, baited
from tests.saml.hostile.places import NS
from tests.saml.written import keys

if TYPE_CHECKING:
    from pathlib import Path

XENC = f"{{{NS['xenc']}}}"
DS = f"{{{NS['ds']}}}"


def an_encrypted_element() -> etree._Element:
    return etree.fromstring(encrypted_element("<a/>", recipient([(keys(name="service").certificate, ())])))


def is_read(encrypted: etree._Element) -> bool:
    element = etree.fromstring(baited(etree.tostring(encrypted)))
    try:
        decrypt(element, [keys(name="service").private])
    except NotDecrypted:
        return False
    return True


def test_what_is_encrypted_as_it_should_be_is_read() -> None:
    assert attempted(lambda: is_read(an_encrypted_element()))


@pytest.mark.parametrize("of", ["xenc:CipherData", "ds:KeyInfo/xenc:EncryptedKey/xenc:CipherData"])
@pytest.mark.parametrize("where", ["file", "/dev/zero", BAIT, "#_here", ""])
def test_a_value_that_stands_elsewhere_is_not_fetched(tmp_path: Path, of: str, where: str) -> None:
    """In a file it would be a way to learn what is on this machine, and in one without an end, to stop it."""
    root = an_encrypted_element()
    root.set("Id", "_here")
    (data,) = root.findall(of, NS)
    file = tmp_path / "value"
    file.write_bytes(b64decode(data[0].text or ""))
    data[:] = [etree.Element(f"{XENC}CipherReference", URI=file.as_uri() if where == "file" else where)]
    assert not attempted(lambda: is_read(root))


@pytest.mark.parametrize("what", ["RetrievalMethod", "KeyInfoReference"])
@pytest.mark.parametrize("of", ["ds:KeyInfo", "ds:KeyInfo/xenc:EncryptedKey/ds:KeyInfo"])
@pytest.mark.parametrize("where", ["/dev/zero", BAIT])
def test_a_key_that_stands_elsewhere_is_not_looked_for(what: str, of: str, where: str) -> None:
    """The key that comes along is the one that counts, so that the rest is only left alone."""
    root = an_encrypted_element()
    (about,) = root.findall(of, NS)
    kind = "http://www.w3.org/2000/09/xmldsig#rawX509Certificate"
    about.insert(0, etree.Element(f"{DS}{what}", URI=where, Type=kind))
    assert attempted(lambda: is_read(root))


def test_a_key_that_takes_a_million_rounds_to_derive_is_not_derived() -> None:
    root = an_encrypted_element()
    (about,) = root.findall("ds:KeyInfo", NS)
    about[:] = [
        etree.fromstring(
            f'<xenc11:DerivedKey xmlns:xenc11="http://www.w3.org/2009/xmlenc11#" xmlns:xenc="{NS["xenc"]}">'
            '<xenc11:KeyDerivationMethod Algorithm="http://www.w3.org/2009/xmlenc11#pbkdf2"><xenc11:PBKDF2-params><xenc11:Salt>'
            "<xenc11:Specified>AAAA</xenc11:Specified></xenc11:Salt><xenc11:IterationCount>2000000000</xenc11:IterationCount>"
            "<xenc11:KeyLength>32</xenc11:KeyLength></xenc11:PBKDF2-params></xenc11:KeyDerivationMethod></xenc11:DerivedKey>"
        )
    ]
    assert not attempted(lambda: is_read(root))
