"""Two assertions, the first good and the second read (CVE-2022-41912), in the clear and encrypted."""

from __future__ import annotations

from copy import deepcopy

import pytest
from lxml import etree

from idp.saml.core_3_3_3_response import Protection, write_response
from idp.saml.refusals import Refused
from tests.saml.hostile.places import NS
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
    with pytest.raises(Refused):
        read(etree.tostring(root))
