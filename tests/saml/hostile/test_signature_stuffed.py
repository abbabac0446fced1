"""The evil element in the KeyInfo of the good one's signature, which the enveloped transform leaves out: the signature verifies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.saml.hostile.places import refuses, wherever_xml_is_signed
from tests.saml.hostile.wrapping import evil_one_in_the_key_info, wrapped

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_what_stands_in_a_signature_is_not_signed_by_it(place: Place) -> None:
    assert refuses(place, wrapped(place, evil_one_in_the_key_info))
