"""The public key is taken as a shared secret (CVE-2021-21239)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.saml.hostile.places import NS, wherever_xml_is_signed, refuses

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_a_public_key_is_no_shared_secret(place: Place) -> None:
    root = place.document()
    method = root.find(".//ds:SignatureMethod", NS)
    assert method is not None
    method.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
    assert refuses(place, root)
