"""Two assertions, the first good and the second read (CVE-2022-41912), in the clear and encrypted."""

from __future__ import annotations

from copy import deepcopy

import pytest
from lxml import etree

from idp.outside.xml_encryption import encrypted_element
from idp.saml.core_3_3_3_response import Protection, write_response
from tests.saml.hostile.places import NS, an_assertion, is_refused, take_encrypted, to_us
from tests.saml.test_core_3_3_read_response import protection, read
from tests.saml.written import keys, told


@pytest.mark.parametrize("how", [protection(), protection(response=True), protection(encrypted=True)])
@pytest.mark.parametrize("first", [True, False])
def test_a_second_assertion_is_refused(how: Protection, first: bool) -> None:  # noqa: FBT001
    root = etree.fromstring(write_response(told(), how))
    (good,) = [*root.findall("saml:Assertion", NS), *root.findall("saml:EncryptedAssertion", NS)]
    other = etree.fromstring(write_response(told(), Protection(signer=keys(name="stranger").signer)))
    (evil,) = other.findall("saml:Assertion", NS)
    root.insert(root.index(good) + (not first), deepcopy(evil))
    document = etree.tostring(root)
    assert is_refused(lambda: read(document))


@pytest.mark.parametrize("around", ["{good}{evil}", "{evil}{good}", "{good} text", "<!-- -->{good}"])
def test_more_than_one_assertion_encrypted_together_is_refused(around: str) -> None:
    good = an_assertion()
    evil = good.replace(' ID="', ' ID="_evil').replace("6f1c", "asta")
    assert evil != good
    take_encrypted(good.encode())
    assert is_refused(lambda: take_encrypted(around.format(good=good, evil=evil).encode()))


def test_an_encrypted_assertion_in_an_encrypted_assertion_is_refused() -> None:
    nested = encrypted_element(an_assertion(), to_us()).encode()
    assert is_refused(lambda: take_encrypted(nested))
