"""A second signature inside the first."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from tests.saml.hostile.places import wherever_xml_is_signed, refuses
from tests.saml.hostile.wrapping import signature_of

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_a_signature_in_a_signature_is_refused(place: Place) -> None:
    root = place.document()
    signature = signature_of(place.element(root))
    signature[2 if len(signature) > 2 else 1].append(deepcopy(signature))
    assert refuses(place, root)


@wherever_xml_is_signed
def test_two_signatures_are_refused(place: Place) -> None:
    root = place.document()
    signature = signature_of(place.element(root))
    signature.addnext(deepcopy(signature))
    assert refuses(place, root)
