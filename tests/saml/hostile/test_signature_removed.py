"""The signature is taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.saml.hostile.places import wherever_xml_is_signed, refuses
from tests.saml.hostile.wrapping import signature_of

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_a_message_without_its_signature_is_refused(place: Place) -> None:
    root = place.document()
    element = place.element(root)
    element.remove(signature_of(element))
    assert refuses(place, root)
