"""Wrapping 1: the good message, without its signature, inside the signature of the evil one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.saml.hostile.places import refuses, wherever_xml_is_signed
from tests.saml.hostile.wrapping import inside_the_signature, wrapped

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_a_good_message_inside_the_signature_signs_nothing_around_it(place: Place) -> None:
    assert refuses(place, wrapped(place, inside_the_signature))
