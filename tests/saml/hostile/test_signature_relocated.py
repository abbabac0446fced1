"""The signature stands elsewhere, and still names the element ("The Fragile Lock", 2025)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from tests.saml.hostile.places import refuses, wherever_xml_is_signed
from tests.saml.hostile.wrapping import signature_of

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_a_signature_that_is_no_child_of_what_it_signs_is_refused(place: Place) -> None:
    root = place.document()
    element = place.element(root)
    signature = signature_of(element)
    moved = etree.Element("{urn:oasis:names:tc:SAML:2.0:protocol}Extensions")
    element.remove(signature)
    moved.append(signature)
    element.insert(1, moved)
    assert refuses(place, root)
