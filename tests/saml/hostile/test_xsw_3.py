"""Wrapping 3: an evil, unsigned one before the good, signed one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.saml.hostile.places import refuses, wherever_xml_is_signed
from tests.saml.hostile.wrapping import beside, good_one_first_inside, wrapped

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_an_evil_one_before_a_good_one_is_not_read(place: Place) -> None:
    assert refuses(place, beside(place, evil_first=True, evil_signed=False))
    assert refuses(place, wrapped(place, good_one_first_inside))
