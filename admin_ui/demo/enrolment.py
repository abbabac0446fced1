"""Pupils into classes, family by family: siblings share their parents, within a school and across schools."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from admin_ui.demo.families import ADULT_AGE, Contact, Family, Household, contacts_of, next_family
from admin_ui.demo.groups import groups_of_pupil
from admin_ui.demo.people import mail_name
from admin_ui.demo.roll import Pupil
from admin_ui.demo.schools import GRADES, GRUNDSKOLE
from policies.vocabulary import Level, Role

if TYPE_CHECKING:
    from datetime import date

    from admin_ui.demo.people import People
    from admin_ui.demo.schools import ClassPlan, SchoolPlan

_YOUTH_AGE: Final = {Level.U1: 16, Level.U2: 17, Level.U3: 18}
_SCHOOL_START_AGE: Final = 6
_WITH_MAIL: Final = (*GRADES[7:], *_YOUTH_AGE)
_WITH_TELEPHONE: Final = (*GRADES[5:], *_YOUTH_AGE)
_TWO_SCHOOL_LEVELS: Final = GRADES[5:9]
_PUPILS_PER_SHARED: Final = 400
_FAMILIES_PER_WANDERING: Final = 12
_PLACES_PER_WANDERING: Final = 14
_LOOK_FOR_SIBLINGS: Final = 15
_FIRST_NUMBER: Final = 1001


@dataclass(slots=True)
class Neighbours:
    """What one school hands on to those after it: families with more children, pupils who go to two schools."""

    families: deque[Family] = field(default_factory=lambda: deque(maxlen=80))
    pupils: list[Pupil] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    order: int  # of the class
    school_class: ClassPlan
    level: Level
    year: int  # of birth


class Enrolment:
    """Fills the places of one school."""

    def __init__(self, plan: SchoolPlan, people: People, neighbours: Neighbours) -> None:
        self._plan = plan
        self._people = people
        self._neighbours = neighbours
        self._enrolled: list[tuple[int, Pupil]] = []
        self._places = [
            _Place(order, one, level, self._birth_year(level))
            for order, one in enumerate(plan.classes)
            for level in one.places
        ]
        people.chance.shuffle(self._places)

    def pupils(self) -> tuple[Pupil, ...]:
        """Everybody enrolled, class by class."""
        self._enrol_shared_pupils()
        self._enrol_wandering_families()
        index = 0
        while self._places:
            self._enrol_family(index)
            index += 1
        self._enrolled.sort(key=lambda entry: entry[0])
        pupils = tuple(self._named(number, pupil) for number, (_, pupil) in enumerate(self._enrolled, _FIRST_NUMBER))
        if self._plan.institution.kind == GRUNDSKOLE:
            self._neighbours.pupils += _who_go_to_two_schools(pupils)
        return pupils

    def _birth_year(self, level: Level) -> int:
        chance, start = self._people.chance, self._people.start_year
        if level is Level.DT:
            return start - chance.between(1, _SCHOOL_START_AGE - 1)
        if level in _YOUTH_AGE:
            return start - _YOUTH_AGE[level] - (1 if chance.happens(25) else 0)
        return start - _SCHOOL_START_AGE - int(level) - (1 if chance.happens(8) else 0)

    def _enrol_shared_pupils(self) -> None:
        waiting, self._neighbours.pupils = self._neighbours.pupils, []
        for pupil in waiting:
            found = next((entry for entry in enumerate(self._plan.classes) if entry[1].level == pupil.level), None)
            if found is None:
                self._neighbours.pupils.append(pupil)
                continue
            order, school_class = found
            groups = self._groups(school_class, pupil.level, pupil.person.born)
            self._enrolled.append((order, replace(pupil, main_group=school_class.group_id, groups=groups)))

    def _enrol_wandering_families(self) -> None:
        most = max(2, len(self._places) // _PLACES_PER_WANDERING)
        families, self._neighbours.families = self._neighbours.families, deque(maxlen=80)
        for family in families:
            place = self._take(family, among=len(self._places)) if most else None
            if place is None:
                self._neighbours.families.append(family)
                continue
            most -= 1
            self._enrol(place, family, self._born(place, family))

    def _enrol_family(self, index: int) -> None:
        chance = self._people.chance
        family = next_family(self._people, index)
        place = self._places.pop()
        chosen = [(place, self._born(place, family))]
        if family.household is not Household.NOBODY:
            for percent in (42, 20):
                sibling = self._take(family, among=_LOOK_FOR_SIBLINGS) if chance.happens(percent) else None
                if sibling is not None:
                    chosen.append((sibling, self._born(sibling, family)))
        for one, born in chosen:
            self._enrol(one, family, born)
        if index % _FAMILIES_PER_WANDERING == 0 and family.contacts:
            self._neighbours.families.append(family)

    def _take(self, family: Family, *, among: int) -> _Place | None:
        for index in range(len(self._places) - 1, max(-1, len(self._places) - 1 - among), -1):
            if family.fits(self._places[index].year):
                return self._places.pop(index)
        return None

    def _born(self, place: _Place, family: Family) -> date:
        born = self._people.day_in(place.year)
        family.born.append(born)
        return born

    def _enrol(self, place: _Place, family: Family, born: date) -> None:
        people = self._people
        person = people.child(family.stock, family=family.name, born=born, home=family.home)
        if place.level in _WITH_TELEPHONE and people.chance.happens(60):
            person = replace(person, mobile=people.mobile())
        if family.protected:
            person = people.protect(person)
        contacts: tuple[Contact, ...] = ()
        if not self._of_age(born):
            contacts = contacts_of(people, family, min(family.born).year)
        pupil = Pupil(
            local_id="",
            person=person,
            role=_role(place.level),
            level=place.level,
            main_group=place.school_class.group_id,
            groups=self._groups(place.school_class, place.level, born),
            contacts=contacts,
        )
        self._enrolled.append((place.order, pupil))

    def _groups(self, school_class: ClassPlan, level: Level, born: date) -> tuple[str, ...]:
        age = self._people.start_year - born.year
        return groups_of_pupil(self._plan, school_class, level, age, self._people.chance)

    def _of_age(self, born: date) -> bool:
        start = self._people.start_year
        return (start - ADULT_AGE, 8, 1) >= (born.year, born.month, born.day)

    def _named(self, number: int, pupil: Pupil) -> Pupil:
        """With this school's own id and, for the older ones whose name may be seen, its e-mail address."""
        person = replace(pupil.person, email=None)
        if pupil.level in _WITH_MAIL and not person.protected:
            first = mail_name(person.given).partition(".")[0]
            person = replace(person, email=f"{first}{number}@elev.{self._plan.domain}")
        return replace(pupil, local_id=f"el-{number}", person=person)


def _role(level: Level) -> Role:
    if level is Level.DT:
        return Role.CHILD
    return Role.STUDENT if level in _YOUTH_AGE else Role.PUPIL


def _who_go_to_two_schools(pupils: tuple[Pupil, ...]) -> list[Pupil]:
    """Pupils of parents in two homes who share the school week as well, and at least one."""
    possible = [
        pupil for pupil in pupils if pupil.level in _TWO_SCHOOL_LEVELS and pupil.contacts and not pupil.person.protected
    ]
    possible.sort(key=lambda pupil: not _two_homes(pupil))
    return possible[: max(1, len(pupils) // _PUPILS_PER_SHARED)]


def _two_homes(pupil: Pupil) -> bool:
    with_custody = [contact for contact in pupil.contacts if contact.custody]
    return len({contact.person.home for contact in with_custody}) > 1
