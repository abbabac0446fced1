"""Wrapping by SOAP: the good message in the header or beside the body, where its signature could find it, and an evil one in the body."""

from __future__ import annotations

from copy import deepcopy

import pytest
from lxml import etree

from idp.saml.intake import Kind, arrived_by_soap
from tests.saml.hostile.places import PLACES, Place, is_refused, read_logout_request, read_logout_response

BY_SOAP = [place for place in PLACES if place.name.endswith("by SOAP")]
SHAPES = {
    "in the header": "<S:Header>{good}</S:Header><S:Body>{evil}</S:Body>",
    "after the evil one": "<S:Body>{evil}{good}</S:Body>",
    "before the evil one": "<S:Body>{good}{evil}</S:Body>",
    "in a body of its own": "<S:Body>{good}</S:Body><S:Body>{evil}</S:Body>",
    "around the evil one": "<S:Header>{evil}</S:Header>{good}",
    "after the body": "<S:Body>{evil}</S:Body>{good}",
}


@pytest.mark.parametrize("place", BY_SOAP, ids=lambda place: place.name)
@pytest.mark.parametrize("keeps_the_id", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_good_one_elsewhere_in_the_envelope_signs_nothing(place: Place, shape: str, keeps_the_id: bool) -> None:  # noqa: FBT001
    kind: Kind = "SAMLRequest" if "Request" in place.name else "SAMLResponse"
    read = read_logout_request if kind == "SAMLRequest" else read_logout_response
    good = place.document()
    evil = place.changed(deepcopy(good))
    if not keeps_the_id:
        evil.set("ID", "_evil")
    inside = SHAPES[shape].format(good=etree.tostring(good).decode(), evil=etree.tostring(evil).decode())
    body = f'<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/">{inside}</S:Envelope>'.encode()
    place.take(etree.tostring(good))
    assert is_refused(lambda: read(arrived_by_soap(body, kind)))
