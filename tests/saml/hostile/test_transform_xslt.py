"""A transform that runs a program (pysaml2 #1035, GHSA-6qg6-h5xq-x84c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from tests.saml.hostile.places import NS, refuses, wherever_xml_is_signed

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


_BOMB = etree.fromstring(
    '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"><xsl:template match="/">'
    '<xsl:copy-of select="document(&quot;http://bait.example/&quot;)"/></xsl:template></xsl:stylesheet>'
)


@wherever_xml_is_signed
def test_a_stylesheet_is_never_run(place: Place) -> None:
    root = place.document()
    transforms = root.find(".//ds:Transforms", NS)
    assert transforms is not None
    added = etree.SubElement(
        transforms, f"{{{NS['ds']}}}Transform", Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"
    )
    added.append(_BOMB)
    assert refuses(place, root)
