"""Families: the grown-ups around children, with and without custody, in one home or two.

Households are dealt from a deck instead of drawn, so that every kind is there whatever the seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from admin_ui.demo.names import DANISH
from admin_ui.demo.people import YOUNGEST_PARENT, DemoPerson, Home, People
from policies.vocabulary import Gender, Relation

if TYPE_CHECKING:
    from datetime import date

    from admin_ui.demo.names import NameStock

ADULT_AGE: Final = 18
_EVERY_PROTECTED: Final = 60
_FIRST_PROTECTED: Final = 4
_OLDEST_MOTHER: Final = 45


class Household(Enum):
    """Who stands around the children of a family."""

    COUPLE = auto()
    APART = auto()  # two homes, custody together
    APART_ALONE = auto()  # two homes, one of the parents without custody
    SINGLE = auto()
    TWO_MOTHERS = auto()
    WITH_GRANDPARENT = auto()
    FOSTER = auto()
    NOBODY = auto()


_DECK: Final = (
    Household.COUPLE,
    Household.APART,
    Household.COUPLE,
    Household.SINGLE,
    Household.APART_ALONE,
    Household.NOBODY,
    Household.WITH_GRANDPARENT,
    Household.TWO_MOTHERS,
    Household.FOSTER,
    *(Household.COUPLE, Household.APART, Household.COUPLE, Household.COUPLE) * 4,
    *(Household.COUPLE, Household.SINGLE, Household.COUPLE, Household.APART_ALONE) * 2,
    *(Household.COUPLE,) * 15,
    Household.WITH_GRANDPARENT,
    Household.SINGLE,
)


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact person (kontaktperson) of a pupil."""

    relation: Relation
    custody: bool
    person: DemoPerson


@dataclass(slots=True)
class Family:
    """Grown-ups once drawn and the birth dates of the children so far, at whichever school they go."""

    stock: NameStock
    name: str
    home: Home
    household: Household
    protected: bool
    contacts: tuple[Contact, ...] = ()
    born: list[date] = field(default_factory=list)

    def fits(self, year: int) -> bool:
        """Whether a child born that year can be a sister or brother of the others, by age of all of them."""
        if any(abs(year - born.year) < 2 for born in self.born):  # noqa: PLR2004 (years between two births)
            return False
        return all(
            year - contact.person.born.year >= YOUNGEST_PARENT
            and (contact.relation is not Relation.MOTHER or year - contact.person.born.year <= _OLDEST_MOTHER)
            for contact in self.contacts
        )


def next_family(people: People, index: int) -> Family:
    """The ``index``-th family of a school, its grown-ups not drawn yet."""
    stock = people.stock()
    return Family(
        stock=stock,
        name=people.family_name(stock),
        home=people.home(),
        household=_DECK[index % len(_DECK)],
        protected=index % _EVERY_PROTECTED == _FIRST_PROTECTED,
    )


def contacts_of(people: People, family: Family, oldest_year: int) -> tuple[Contact, ...]:
    """The contacts of the family's children, drawn the first time; ``oldest_year`` is when the oldest was born."""
    if not family.contacts and family.household is not Household.NOBODY:
        family.contacts = tuple(_Adults(people, family, oldest_year).contacts())
    return family.contacts


class _Adults:
    def __init__(self, people: People, family: Family, oldest_year: int) -> None:
        self._people = people
        self._family = family
        self._oldest_year = oldest_year

    def contacts(self) -> list[Contact]:
        elsewhere = self._people.home()
        home = self._family.home
        custody = [Contact(Relation.MOTHER, True, self._parent(Gender.FEMALE, home))]
        match self._family.household:
            case Household.APART:
                return [*custody, Contact(Relation.FATHER, True, self._parent(Gender.MALE, elsewhere))]
            case Household.APART_ALONE:
                return [*custody, Contact(Relation.FATHER, False, self._parent(Gender.MALE, elsewhere, hidden=False))]
            case Household.SINGLE:
                return custody
            case Household.TWO_MOTHERS:
                return [*custody, Contact(Relation.MOTHER, True, self._parent(Gender.FEMALE, home))]
            case Household.WITH_GRANDPARENT:
                father = Contact(Relation.FATHER, True, self._parent(Gender.MALE, home))
                return [
                    *custody,
                    father,
                    Contact(Relation.OTHER, False, self._parent(Gender.FEMALE, elsewhere, older=26)),
                ]
            case Household.FOSTER:
                official = self._parent(Gender.FEMALE, elsewhere, older=8)
                return [*custody, Contact(Relation.OFFICIAL, False, official)]
            case _:
                return [*custody, Contact(Relation.FATHER, True, self._parent(Gender.MALE, home))]

    def _parent(self, gender: Gender, home: Home, *, older: int = 0, hidden: bool = True) -> DemoPerson:
        chance = self._people.chance
        family = self._family
        age = chance.between(21, 33) + (chance.between(0, 5) if gender == Gender.MALE else 0)
        name = family.name if chance.happens(64) else self._people.family_name(family.stock)
        drawn = self._people.adult(family.stock, family=name, gender=gender, born_year=self._oldest_year - age - older)
        person = self._people.with_contact_data(drawn, home)
        return self._people.protect(person) if family.protected and hidden else person


def staff_person(people: People) -> DemoPerson:
    """Somebody who works at a school and is nobody's parent in the files."""
    stock = people.stock() if people.chance.happens(40) else DANISH
    born_year = people.start_year - people.chance.between(26, 65)
    gender = Gender.FEMALE if people.chance.happens(68) else Gender.MALE
    return people.adult(stock, family=people.family_name(stock), gender=gender, born_year=born_year)


def young_person(people: People) -> DemoPerson:
    """A trainee in her or his twenties."""
    stock = people.stock()
    born_year = people.start_year - people.chance.between(21, 27)
    gender = people.chance.pick((Gender.FEMALE, Gender.MALE))
    return people.adult(stock, family=people.family_name(stock), gender=gender, born_year=born_year)


def at_work(person: DemoPerson, email: str) -> DemoPerson:
    """What an employer's record holds of a person: the address at work, nothing of the home."""
    return replace(person, home=None, email=email, mobile=None, phone=None)
