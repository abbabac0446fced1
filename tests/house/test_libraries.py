"""What the libraries must agree on among themselves."""

from __future__ import annotations

import xmlsec
from lxml import etree


def test_lxml_and_xmlsec_carry_the_same_libxml2() -> None:
    assert xmlsec.get_libxml_version() == etree.LIBXML_VERSION
