"""The message is changed and signed again with a key whose certificate says the same names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from tests.opponents.saml_service import signed_by
from tests.saml.hostile.places import (
    query_of,
    refuses,
    refuses_query,
    stranger,
    wherever_a_query_is_signed,
    wherever_xml_is_signed,
)
from tests.saml.hostile.wrapping import signature_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp.saml.intake import Arrived, Kind
    from tests.saml.hostile.places import Place


@wherever_xml_is_signed
def test_a_key_that_the_message_brings_along_is_not_believed(place: Place) -> None:
    root = place.document()
    element = place.element(root)
    element.remove(signature_of(element))
    again = etree.fromstring(signed_by(stranger(), etree.tostring(place.changed(element), encoding="unicode")).encode())
    parent = element.getparent()
    if parent is None:
        root = again
    else:
        parent.replace(element, again)
    assert refuses(place, root)


@wherever_a_query_is_signed
def test_a_query_signed_with_a_strangers_key_is_refused(
    kind: Kind, message: Callable[[], str], read: Callable[[Arrived], object]
) -> None:
    assert refuses_query(read, query_of(message(), kind), query_of(message(), kind, keys=stranger()))
