"""A DOCTYPE: entities from outside, from inside, or none at all (XXE; CVE-2025-23369, CVE-2025-25291 and -25292)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.saml.hostile.places import everywhere, refuses

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@everywhere
@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE x>",
        '<!DOCTYPE x SYSTEM "http://bait.example/x.dtd">',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
        '<!DOCTYPE x [<!ATTLIST samlp:AuthnRequest ID ID "_default">]>',
    ],
)
def test_a_doctype_is_refused_whatever_stands_in_it(place: Place, doctype: str) -> None:
    assert refuses(place, f"{doctype}{place.good()}".encode())


@everywhere
def test_an_id_through_an_entity_is_refused(place: Place) -> None:
    identifier = place.element(place.document()).get("ID") or ""
    document = place.good().replace(f'ID="{identifier}"', 'ID="&i;"')
    assert refuses(place, f'<!DOCTYPE x [<!ENTITY i "{identifier}">]>{document}'.encode())
