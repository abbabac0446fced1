"""The public key is taken as a shared secret (CVE-2021-21239)."""

from __future__ import annotations

import hmac
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

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
def test_a_public_key_is_no_shared_secret(place: Place) -> None:
    root = place.document()
    method = root.find(".//ds:SignatureMethod", NS)
    assert method is not None
    method.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
    assert refuses(place, root)


@wherever_a_query_is_signed
def test_a_public_key_is_no_shared_secret_of_a_query(
    kind: Kind, message: Callable[[], str], read: Callable[[Arrived], object]
) -> None:
    good = query_of(message(), kind)
    said = good.partition(b"&Signature=")[0].replace(b"rsa-sha256", b"hmac-sha256")
    value = b64encode(hmac.digest(SERVICE.keys.certificate, said, "sha256"))
    assert refuses_query(read, good, said + b"&Signature=" + quote(value, safe="").encode())
