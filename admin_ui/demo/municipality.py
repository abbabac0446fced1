"""The demo municipality, Nordlys Kommune: what it holds, and its rolls drawn one institution at a time.

Everything follows from the number of people, the seed and the school year: drawn again, it is the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from admin_ui.demo.chance import Chance
from admin_ui.demo.employment import Employment
from admin_ui.demo.enrolment import Enrolment, Neighbours
from admin_ui.demo.groups import groups_of
from admin_ui.demo.people import People
from admin_ui.demo.personas import PERSONA_INSTITUTIONS, DemoPersona, find_personas
from admin_ui.demo.roll import Roll
from admin_ui.demo.schools import DemoInstitution, plan_schools

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DemoInstitution", "DemoMunicipality", "DemoPersona", "draw_rolls", "plan_municipality"]

MUNICIPALITY: Final = "Nordlys Kommune"
_SCHOOL_YEAR: Final = re.compile(r"(20[0-3]\d)-(20[0-3]\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class DemoMunicipality:
    """The whole of it in outline. ``people`` is how many distinct people the files name, contacts among them."""

    institutions: tuple[DemoInstitution, ...]
    personas: tuple[DemoPersona, ...]
    people: int
    wanted: int = field(repr=False)
    seed: int = field(repr=False)
    school_year: str = field(repr=False)
    name: str = MUNICIPALITY


def plan_municipality(*, people: int = 1500, seed: int = 2026, school_year: str = "2026-2027") -> DemoMunicipality:
    """A municipality of about so many people: four named institutions, and more grundskoler above 1,500.

    Draws everybody once to count them and to find the personas; one institution is in memory at a time, beside the four.

    Args:
        people: about how many, within a few per cent; at least 400.
        seed: other people for another seed, of the same kinds.
        school_year: ``YYYY-YYYY``.

    Raises:
        ValueError: fewer than 400 people, or no school year.
    """
    institutions = []
    named = {}
    drawing = People(Chance(seed), _start_year(school_year))
    for roll in _rolls(people, drawing):
        institutions.append(roll.plan.institution)
        if roll.plan.institution.number in PERSONA_INSTITUTIONS:
            named[roll.plan.institution.number] = roll
    return DemoMunicipality(
        institutions=tuple(institutions),
        personas=find_personas(named),
        people=drawing.drawn,
        wanted=people,
        seed=seed,
        school_year=school_year,
    )


def draw_rolls(municipality: DemoMunicipality) -> Iterator[Roll]:
    """The institutions' rolls in order, each drawn when it is asked for."""
    drawing = People(Chance(municipality.seed), _start_year(municipality.school_year))
    return _rolls(municipality.wanted, drawing)


def _rolls(wanted: int, drawing: People) -> Iterator[Roll]:
    neighbours = Neighbours()
    for plan in plan_schools(wanted):
        pupils = Enrolment(plan, drawing, neighbours).pupils()
        employment = Employment(plan, drawing, pupils)
        yield Roll(
            plan=plan,
            groups=groups_of(plan, drawing.start_year),
            pupils=pupils,
            workers=employment.workers(),
            outsiders=employment.outsiders(),
        )


def _start_year(school_year: str) -> int:
    years = _SCHOOL_YEAR.fullmatch(school_year)
    if years is None or int(years[2]) != int(years[1]) + 1:
        message = f"a school year is written like 2026-2027, not {school_year!r}"
        raise ValueError(message)
    return int(years[1])
