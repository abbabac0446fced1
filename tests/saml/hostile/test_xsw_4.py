"""Wrapping 4: an evil, unsigned one around the good, signed one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.saml.hostile.places import refuses, wherever_xml_is_signed
from tests.saml.hostile.wrapping import around_the_good_one, wrapped

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_a_good_one_inside_an_evil_one_vouches_for_nothing(place: Place) -> None:
    assert refuses(place, wrapped(place, around_the_good_one))
