"""Wrapping 7: one of the two in Extensions, where anything may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.saml.hostile.places import refuses, wherever_xml_is_signed
from tests.saml.hostile.wrapping import inside_extensions, wrapped

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_a_good_one_in_extensions_vouches_for_nothing(place: Place) -> None:
    assert refuses(place, wrapped(place, inside_extensions))
