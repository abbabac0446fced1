"""Two elements of one ID, in any of the spellings that some parser takes for an ID."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import etree

from tests.saml.hostile.places import refuses, wherever_an_id_names

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@wherever_an_id_names
@pytest.mark.parametrize("name", ["ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id"])
def test_an_id_that_comes_twice_is_refused(place: Place, name: str) -> None:
    root = place.document()
    element = place.element(root)
    twin = etree.Element("{urn:example}twin")
    twin.set(name, element.get("ID") or "")
    element.append(twin)
    assert refuses(place, root)
