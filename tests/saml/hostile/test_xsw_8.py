"""Wrapping 8: the good one in a ds:Object of the evil one's signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.saml.hostile.places import refuses, wherever_xml_is_signed
from tests.saml.hostile.wrapping import inside_an_object, wrapped

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_a_good_one_in_an_object_of_the_signature_signs_nothing(place: Place) -> None:
    assert refuses(place, wrapped(place, inside_an_object))
