"""Attributes and namespaces by the thousand: canonicalization takes the square of their number, and comes before any signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.saml.hostile.places import everywhere, refuses, wherever_xml_is_signed
from tests.saml.hostile.wrapping import stuffed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.saml.hostile.places import Place


def opening(*attributes: str) -> str:
    return f"<x {' '.join(attributes)}>"


def attributes(room: int) -> str:
    return opening(*(f'a{n}=""' for n in range(room // 10))) + "</x>"


def namespaces(room: int, many: int = 20_000) -> str:
    many = min(many, room // 40)
    declared = opening(*(f'xmlns:n{n}="u:{n}"' for n in range(many)))
    return f"{declared}{'<a/>' * ((room - len(declared)) // 5)}</x>"


def namespaces_in_each_other(room: int) -> str:
    each, deep = room // 12_000, 200
    openings = (opening(*(f'xmlns:n{n}x{at}="u:{n}"' for n in range(each))) for at in range(deep))
    return f"{''.join(openings)}{'<a/>' * (room // 10)}{'</x>' * deep}"


def attributes_of_namespaces(room: int) -> str:
    return opening(*(f'xmlns:n{n}="u:{n}" n{n}:a=""' for n in range(room // 40))) + "</x>"


def room_in(place: Place) -> int:
    return 55_000 if "Request" in place.name else 220_000


@everywhere
@pytest.mark.parametrize("shape", [attributes, namespaces, namespaces_in_each_other, attributes_of_namespaces])
def test_attributes_and_namespaces_by_the_thousand_are_refused(place: Place, shape: Callable[[int], str]) -> None:
    assert refuses(place, stuffed(place, shape(room_in(place))))


@wherever_xml_is_signed
def test_as_many_as_there_may_be_do_not_take_long_either(place: Place) -> None:
    assert refuses(place, stuffed(place, namespaces(room_in(place) // 2, 80)))
