"""SHA-1 and MD5, in the signature and in the digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.saml.hostile.places import NS, wherever_xml_is_signed, refuses

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
@pytest.mark.parametrize(
    ("path", "algorithm"),
    [
        (".//ds:SignatureMethod", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        (".//ds:SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"),
        (".//ds:DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1"),
    ],
)
def test_a_digest_of_old_is_refused(place: Place, path: str, algorithm: str) -> None:
    root = place.document()
    method = root.find(path, NS)
    assert method is not None
    method.set("Algorithm", algorithm)
    assert refuses(place, root)
