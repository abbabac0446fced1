"""A second signature inside the first."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from tests.opponents.saml_service import signed_by
from tests.saml.hostile.places import (
    SERVICE,
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
def test_a_signature_in_a_signature_is_refused(place: Place) -> None:
    root = place.document()
    signature = signature_of(place.element(root))
    signature[2 if len(signature) > 2 else 1].append(deepcopy(signature))
    assert refuses(place, root)


@wherever_xml_is_signed
def test_two_signatures_are_refused(place: Place) -> None:
    root = place.document()
    signature = signature_of(place.element(root))
    signature.addnext(deepcopy(signature))
    assert refuses(place, root)


@wherever_a_query_is_signed
def test_a_signed_message_in_a_signed_query_is_refused(
    kind: Kind, message: Callable[[], str], read: Callable[[Arrived], object]
) -> None:
    """Bindings 3.4.4.1: whoever signs the query takes the signature out of the message."""
    assert refuses_query(read, query_of(message(), kind), query_of(signed_by(SERVICE.keys, message()), kind))
