"""The message is changed and signed again with a key whose certificate says the same names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from tests.opponents.saml_service import signed_by
from tests.saml.hostile.places import wherever_xml_is_signed, refuses, stranger
from tests.saml.hostile.wrapping import signature_of

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_a_key_that_the_message_brings_along_is_not_believed(place: Place) -> None:
    root = place.document()
    element = place.element(root)
    element.remove(signature_of(element))
    again = etree.fromstring(signed_by(stranger(), etree.tostring(place.changed(element), encoding="unicode")).encode())
    parent = element.getparent()
    if parent is None:
        root = again
    else:
        parent.replace(element, again)
    assert refuses(place, root)
