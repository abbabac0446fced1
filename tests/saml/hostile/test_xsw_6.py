"""Wrapping 6: the good one inside the KeyInfo of the evil one's signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.saml.hostile.places import refuses, wherever_xml_is_signed
from tests.saml.hostile.wrapping import inside_the_key_info, wrapped

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_a_good_one_where_a_key_belongs_signs_nothing(place: Place) -> None:
    assert refuses(place, wrapped(place, inside_the_key_info))
