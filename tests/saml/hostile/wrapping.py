"""The eight shapes of signature wrapping (Somorovsky et al., 2012; SAMLRaider's numbers), for any signed element."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from lxml import etree

from tests.saml.hostile.places import NS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.saml.hostile.places import Place

    Element = etree._Element

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"


def signature_of(element: Element) -> Element:
    found = element.find("ds:Signature", NS)
    assert found is not None
    return found


def without_signature(element: Element) -> Element:
    copy = deepcopy(element)
    copy.remove(signature_of(copy))
    return copy


def wrapped(place: Place, arrange: Callable[[Element, Element], Element]) -> Element:
    """A message in which the evil element stands in the good one's place. ``arrange`` takes evil and good, and returns what stands there.

    The evil one comes with the good one's signature in it.
    """
    root = place.document()
    good = place.element(root)
    evil = place.changed(deepcopy(good))
    evil.set("ID", "_evil")
    parent = good.getparent()
    if parent is None:
        return arrange(evil, deepcopy(good))
    at = parent.index(good)
    parent.remove(good)
    parent.insert(at, arrange(evil, deepcopy(good)))
    return root


def inside_the_signature(evil: Element, good: Element) -> Element:
    signature_of(evil).append(without_signature(good))
    return evil


def before_the_signature(evil: Element, good: Element) -> Element:
    evil.insert(evil.index(signature_of(evil)), without_signature(good))
    return evil


def good_one_first_inside(evil: Element, good: Element) -> Element:
    evil.remove(signature_of(evil))
    evil.insert(0, good)
    return evil


def around_the_good_one(evil: Element, good: Element) -> Element:
    evil.remove(signature_of(evil))
    evil.append(good)
    return evil


def good_one_last(evil: Element, good: Element) -> Element:
    evil.append(without_signature(good))
    return evil


def inside_the_key_info(evil: Element, good: Element) -> Element:
    etree.SubElement(signature_of(evil), f"{_DS}KeyInfo").append(without_signature(good))
    return evil


def evil_one_in_the_key_info(evil: Element, good: Element) -> Element:
    """What stands in a signature is outside of what it signs."""
    evil.remove(signature_of(evil))
    there = signature_of(good)
    info = there.find(f"{_DS}KeyInfo")
    (etree.SubElement(there, f"{_DS}KeyInfo") if info is None else info).append(evil)
    return good


def inside_extensions(evil: Element, good: Element) -> Element:
    evil.remove(signature_of(evil))
    extensions = etree.Element(f"{_SAMLP}Extensions")
    extensions.append(good)
    evil.insert(1, extensions)
    return evil


def inside_an_object(evil: Element, good: Element) -> Element:
    etree.SubElement(signature_of(evil), f"{_DS}Object").append(without_signature(good))
    return evil


def beside(place: Place, *, evil_first: bool, evil_signed: bool) -> Element:
    """A Response with both assertions, or an evil message beside the good one in an element around them."""
    root = place.document()
    good = place.element(root)
    evil = place.changed(deepcopy(good))
    evil.set("ID", "_evil")
    if not evil_signed:
        evil.remove(signature_of(evil))
    else:
        good.remove(signature_of(good))
    parent = good.getparent()
    if parent is None:
        parent = etree.Element(root.tag, attrib=dict(root.attrib))
        parent.set("ID", "_around")
        parent.append(good)
    parent.insert(parent.index(good) + (not evil_first), evil)
    return parent if good.getparent() is parent and root is good else root


def stuffed(place: Place, inside: str) -> bytes:
    """The good message with something more at the end of what is signed, as text, for no parser would take some of it."""
    good = place.good()
    at = good.rindex("</" if place.signed in {".", None} else f"</{place.signed}")
    return (good[:at] + inside + good[at:]).encode()
