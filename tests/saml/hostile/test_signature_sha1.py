"""SHA-1 and MD5, in the signature and in the digest."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.saml.hostile.places import (
    NS,
    SERVICE,
    query_of,
    refuses,
    refuses_query,
    wherever_a_query_is_signed,
    wherever_xml_is_signed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.saml.intake import Arrived, Kind
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


@wherever_a_query_is_signed
@pytest.mark.parametrize(
    "algorithm", ["2000/09/xmldsig#rsa-sha1", "2001/04/xmldsig-more#rsa-md5", "2000/09/xmldsig#dsa-sha1"]
)
def test_a_query_signed_with_a_digest_of_old_is_refused(
    kind: Kind, message: Callable[[], str], read: Callable[[Arrived], object], algorithm: str
) -> None:
    good = query_of(message(), kind)
    said = good.partition(b"&SigAlg=")[0] + f"&SigAlg={quote(f'http://www.w3.org/{algorithm}', safe='')}".encode()
    key = load_pem_private_key(SERVICE.keys.private, None)
    value = key.sign(said, PKCS1v15(), SHA1())  # type: ignore[union-attr, call-arg, arg-type]  # noqa: S303
    assert refuses_query(read, good, said + f"&Signature={quote(b64encode(value), safe='')}".encode())
