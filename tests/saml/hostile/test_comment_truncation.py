"""A comment inside a text, which some readers cut there (CVE-2017-11427 and its family)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from tests.opponents.saml_service import signed_by
from tests.saml.hostile.places import NS, PLACES, SERVICE, everywhere, one_entity, refuses

if TYPE_CHECKING:
    from tests.saml.hostile.places import Place


@everywhere
def test_a_comment_inside_a_name_is_refused(place: Place) -> None:
    root = place.document()
    (found,) = place.element(root).findall(place.text, NS)
    found.text = "asta"
    found.append(etree.Comment("x"))
    found[-1].tail = "1234.attacker.example"
    assert refuses(place, root)


def test_a_comment_does_not_cut_the_name_that_people_know_a_service_by() -> None:
    """Metadata may have comments, and no signature is over them."""
    (place,) = [each for each in PLACES if each.name == "Metadata"]
    shown = '<mdui:DisplayName xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui" xml:lang="en">Portal of Evil</mdui:DisplayName>'
    inside = shown.join(
        (
            '<md:Extensions><mdui:UIInfo xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui">',
            "</mdui:UIInfo></md:Extensions>",
        )
    )
    document = one_entity(inside)
    assert not refuses(place, document.encode())
    assert refuses(place, document.replace("Portal of", "Portal<!-- --> of").encode())


def test_a_comment_is_refused_in_what_was_signed_with_it_too() -> None:
    """Canonicalization leaves comments out, so that the signature would hold."""
    (place,) = [each for each in PLACES if each.name == "AuthnRequest"]
    message = SERVICE.authn_request("<saml:Subject><saml:NameID>emil<!-- -->.attacker</saml:NameID></saml:Subject>")
    assert refuses(place, signed_by(SERVICE.keys, message).encode())
