"""Wrapping 5: the evil one keeps the signature, and the good one comes after it without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.saml.hostile.places import refuses, wherever_xml_is_signed
from tests.saml.hostile.wrapping import beside, good_one_last, wrapped

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_an_evil_one_with_the_good_ones_signature_is_not_read(place: Place) -> None:
    assert refuses(place, beside(place, evil_first=True, evil_signed=True))
    assert refuses(place, wrapped(place, good_one_last))
