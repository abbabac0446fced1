"""The signature is taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.saml.hostile.places import (
    query_of,
    refuses,
    refuses_query,
    wherever_a_query_is_signed,
    wherever_xml_is_signed,
)
from tests.saml.hostile.wrapping import signature_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.saml.intake import Arrived, Kind
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_a_message_without_its_signature_is_refused(place: Place) -> None:
    root = place.document()
    element = place.element(root)
    element.remove(signature_of(element))
    assert refuses(place, root)


@wherever_a_query_is_signed
@pytest.mark.parametrize("removed", ["Signature", "SigAlg", "both"])
def test_a_query_without_its_signature_is_refused(
    kind: Kind, message: Callable[[], str], read: Callable[[Arrived], object], removed: str
) -> None:
    good = query_of(message(), kind)
    gone = (b"Signature=", b"SigAlg=") if removed == "both" else (f"{removed}=".encode(),)
    assert refuses_query(read, good, b"&".join(part for part in good.split(b"&") if not part.startswith(gone)))
