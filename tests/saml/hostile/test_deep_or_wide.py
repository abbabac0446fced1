"""A document that is all depth, or all width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.saml.hostile.places import everywhere, refuses, wherever_xml_is_signed
from tests.saml.hostile.wrapping import stuffed

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place

ENTITIES = "md:EntitiesDescriptor"


@everywhere
@pytest.mark.parametrize(
    "inside", ["<a>" * 5_000 + "</a>" * 5_000, "<a>" * 5_000, f"<{ENTITIES}>" * 400 + f"</{ENTITIES}>" * 400]
)
def test_a_deep_document_is_refused(place: Place, inside: str) -> None:
    assert refuses(place, stuffed(place, inside))


@everywhere
def test_a_document_that_is_nothing_but_wide_is_refused(place: Place) -> None:
    assert refuses(place, f"<r>{'<a/>' * 10_000}</r>".encode())


@wherever_xml_is_signed
@pytest.mark.parametrize("inside", ["<a/>", '<a b="" c="" d=""/>', "&lt;", "x"])
def test_a_message_that_was_made_wide_is_refused(place: Place, inside: str) -> None:
    room = 50_000 if "Request" in place.name else 150_000
    assert refuses(place, stuffed(place, inside * (room // len(inside))))
