"""The plan of the institutions: which there are, their classes and how many work there. Nobody is drawn here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from policies.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Iterator


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GRUNDSKOLE: Final = "grundskole"
FRISKOLE: Final = "friskole"
DAGTILBUD: Final = "dagtilbud"
GYMNASIUM: Final = "gymnasium"

NORDLYSSKOLEN: Final = "X00A01"
FJORDENS_FRISKOLE: Final = "X00A02"
MAELKEVEJEN: Final = "X00A03"
NORDLYS_GYMNASIUM: Final = "X00A04"

SPECIAL_CLASS: Final = "Regnbuen"
GRADES: Final = tuple(Level(str(grade)) for grade in range(11))

CORE_PEOPLE: Final = 1500
"""People of the four named institutions at full size."""
LEAST_PEOPLE: Final = 400
_PEOPLE_OF_AN_EXTRA_SCHOOL: Final = 1370
_SMALLEST_CLASS: Final = 2
_NUMBERS_OF_A_LETTER: Final = 99
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_SPECIAL_GRADES: Final = ("2", "3", "3", "4", "5", "5", "6", "7", "8")
_CLASS_NAMES: Final = {
    "0a": "Spirerne",
    "0b": "Humlebierne",
    "1a": "Egernene",
    "1b": "Pindsvinene",
    "2a": "Uglerne",
    "2b": "Grævlingerne",
    "3a": "Odderne",
    "3b": "Falkene",
}
_NURSERY_ROOMS: Final = ("Kometerne", "Månerne", "Solstrålerne", "Stjerneskuddet")
_STUDY_LINES: Final = (("x", "Naturvidenskab"), ("s", "Samfund og sprog"))
_LANDSCAPE: Final = _words(
    "Bøge Birke Ege Elle Aske Linde Hassel Gran Fyrre Pile Ahorn Abild Hyben Lyng Mose Sø Bæk Strand Klit Hav Vig Ulve "
    "Ravne Hjorte Lærke Svale Vibe Trane Falke Øster Vester Nørre Sønder Høj Kilde Sten Kløver Hvede Rug Humle"
)
_PLACE: Final = _words("skov bakke vang lund dal mark eng holm kær gård bro bjerg toft have næs sund")


@dataclass(frozen=True, slots=True)
class DemoInstitution:
    """An invented institution. ``kind`` is "grundskole", "friskole", "dagtilbud" or "gymnasium"."""

    number: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """A class (Hovedgruppe): its level, and the level of each place in it (they differ in a special class)."""

    group_id: str
    name: str
    level: Level
    places: tuple[Level, ...]
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Staffing:
    """How many work at an institution, by SkoleGrunddata role."""

    teachers: int = 0
    pedagogues: int = 0
    substitutes: int = 0
    management: int = 0
    technical: int = 0
    consultants: int = 0
    trainees: int = 0
    externals: int = 0


@dataclass(frozen=True, slots=True)
class SchoolPlan:
    """An institution with its classes and posts; ``source`` is the system its file comes from."""

    institution: DemoInstitution
    source: str
    domain: str
    classes: tuple[ClassPlan, ...]
    staffing: Staffing


def plan_schools(people: int) -> Iterator[SchoolPlan]:
    """The four named institutions first, then as many generated grundskoler as ``people`` calls for.

    Raises:
        ValueError: fewer people than the four institutions need to be recognisable.
    """
    if people < LEAST_PEOPLE:
        message = f"a demo municipality has at least {LEAST_PEOPLE} people, not {people}"
        raise ValueError(message)
    size = min(1.0, people / CORE_PEOPLE)
    yield _nordlysskolen(size)
    yield _friskole(size)
    yield _daycare(size)
    yield _gymnasium(size)
    rest = people - CORE_PEOPLE
    schools = math.ceil(rest / _PEOPLE_OF_AN_EXTRA_SCHOOL) if rest > 0 else 0
    for index in range(schools):
        yield _extra_school(index, rest / schools / _PEOPLE_OF_AN_EXTRA_SCHOOL)


def _nordlysskolen(size: float) -> SchoolPlan:
    classes = [_school_class(grade, parallel, 17, size) for grade in GRADES[:10] for parallel in "ab"]
    classes.append(_school_class(Level.G10, "a", 16, size))
    special = tuple(Level(grade) for grade in _SPECIAL_GRADES)
    classes.append(ClassPlan(SPECIAL_CLASS, SPECIAL_CLASS, Level.OTHER, special))
    return SchoolPlan(
        institution=DemoInstitution(NORDLYSSKOLEN, "Nordlysskolen", GRUNDSKOLE),
        source="Nordlys Elevadministration",
        domain="nordlysskolen.example",
        classes=tuple(classes),
        staffing=_school_staffing(len(classes)),
    )


def _extra_school(index: int, size: float) -> SchoolPlan:
    name = _school_name(index)
    classes = tuple(_school_class(grade, parallel, 19, size) for grade in GRADES[:10] for parallel in "abc")
    number = _number(index + 4)
    return SchoolPlan(
        institution=DemoInstitution(number, name, GRUNDSKOLE),
        source="Nordlys Elevadministration",
        domain=f"{number.lower()}.example",
        classes=classes,
        staffing=_school_staffing(len(classes)),
    )


def _school_staffing(classes: int) -> Staffing:
    return Staffing(
        teachers=max(8, round(classes * 1.25)),
        pedagogues=max(2, classes // 4),
        substitutes=3,
        management=2,
        technical=4,
        consultants=1,
        trainees=2,
        externals=1,
    )


def _friskole(size: float) -> SchoolPlan:
    return SchoolPlan(
        institution=DemoInstitution(FJORDENS_FRISKOLE, "Fjordens Friskole", FRISKOLE),
        source="Friskolens Elevprotokol",
        domain="fjordensfriskole.example",
        classes=tuple(_school_class(grade, "", 7, size) for grade in GRADES[:10]),
        staffing=Staffing(teachers=9, pedagogues=2, substitutes=1, technical=1),
    )


def _daycare(size: float) -> SchoolPlan:
    places = (Level.DT,) * _places(13, size)
    return SchoolPlan(
        institution=DemoInstitution(MAELKEVEJEN, "Børnehuset Mælkevejen", DAGTILBUD),
        source="Nordlys Pladsanvisning",
        domain="maelkevejen.example",
        classes=tuple(ClassPlan(room, room, Level.DT, places) for room in _NURSERY_ROOMS),
        staffing=Staffing(pedagogues=11, substitutes=1, technical=1, trainees=1),
    )


def _gymnasium(size: float) -> SchoolPlan:
    levels = (Level.U1, Level.U2, Level.U3)
    return SchoolPlan(
        institution=DemoInstitution(NORDLYS_GYMNASIUM, "Nordlys Gymnasium", GYMNASIUM),
        source="Gymnasiets Studieadministration",
        domain="nordlysgymnasium.example",
        classes=tuple(
            ClassPlan(f"{year}{letter}", f"{year}.{letter}", level, (level,) * _places(20, size), line)
            for year, level in enumerate(levels, start=1)
            for letter, line in _STUDY_LINES
        ),
        staffing=Staffing(teachers=14, management=1, technical=2, externals=1),
    )


def _school_class(grade: Level, parallel: str, pupils: int, size: float) -> ClassPlan:
    group_id = f"{grade}{parallel}"
    uneven = pupils + (int(grade) * 3 + len(parallel) * ord(parallel or "a")) % 4
    name = _CLASS_NAMES.get(group_id, f"{grade}.{parallel}" if parallel else f"{grade}. klasse")
    return ClassPlan(group_id, name, grade, (grade,) * _places(uneven, size), parallel.upper() or None)


def _places(pupils: int, size: float) -> int:
    return max(_SMALLEST_CLASS, round(pupils * size))


def _number(index: int) -> str:
    """Six characters: X00A01 ... X00A99, X00B01 ... X00Z99, X01A01 ..."""
    block, place = divmod(index, len(_LETTERS) * _NUMBERS_OF_A_LETTER)
    letter, number = divmod(place, _NUMBERS_OF_A_LETTER)
    return f"X{block:02d}{_LETTERS[letter]}{number + 1:02d}"


def _school_name(index: int) -> str:
    """A name no other demo school has: every landscape with every place, then from the start with a number."""
    again, pair = divmod(index, len(_LANDSCAPE) * len(_PLACE))
    landscape = _LANDSCAPE[pair % len(_LANDSCAPE)]
    place = _PLACE[(pair + pair // len(_LANDSCAPE)) % len(_PLACE)]
    return f"{landscape}{place}skolen" + (f" {again + 1}" if again else "")
