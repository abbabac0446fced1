"""Drawing one person at a time: a name, a birth date, a synthetic CPR number, a home."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from admin_ui.demo.cpr import CprIssuer
from admin_ui.demo.names import DANISH, STOCKS, STREETS, TOWNS, NameStock
from policies.vocabulary import Gender

if TYPE_CHECKING:
    from admin_ui.demo.chance import Chance

YOUNGEST_PARENT: Final = 20
"""Years: no parent in the demo is younger than this when a child is born."""
_DAYS: Final = 365
_BOUNDS: Final = tuple(accumulate(stock.share for stock in STOCKS))
_ALIAS_GIVEN: Final = {
    Gender.MALE: ("Bo", "Dan", "Kim", "Leif", "Max", "Tom"),
    Gender.FEMALE: ("Ann", "Eva", "Kim", "Lis", "Mai", "Pi"),
}
_ALIAS_FAMILY: Final = ("Bæk", "Hede", "Kvist", "Lund", "Mark", "Sand", "Sten", "Vang")
_TRANSLITERATED: Final = str.maketrans(
    {"æ": "ae", "ø": "oe", "å": "aa", "ß": "ss", "ð": "d", "ı": "i", "ł": "l", "đ": "d"}
)


@dataclass(frozen=True, slots=True)
class Home:
    """An address in an invented town."""

    street: str
    postal_code: str
    town: str


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """What an institution says about a person. The same person at two institutions has the same ``cpr``."""

    given: str
    family: str
    cpr: str
    born: date
    gender: Gender
    home: Home | None = None
    email: str | None = None
    mobile: str | None = None
    phone: str | None = None
    protected: bool = False
    alias_given: str | None = None
    alias_family: str | None = None


class People:
    """Draws people from one chance; ``drawn`` counts how many distinct ones there are so far.

    Args:
        chance: where every draw comes from.
        start_year: the year in which the school year starts.
    """

    def __init__(self, chance: Chance, start_year: int) -> None:
        self.chance = chance
        self.start_year = start_year
        self._cpr = CprIssuer()

    @property
    def drawn(self) -> int:
        """Distinct people drawn so far."""
        return self._cpr.issued

    def stock(self) -> NameStock:
        """Which names a family has, by share."""
        place = self.chance.below(_BOUNDS[-1])
        return next(stock for stock, bound in zip(STOCKS, _BOUNDS, strict=True) if place < bound)

    def family_name(self, stock: NameStock) -> str:
        """One family name, now and then a Danish double one."""
        name = self.chance.pick(stock.family)
        if stock is DANISH and self.chance.happens(18):
            other = self.chance.pick(stock.family)
            return name if other == name else f"{other} {name}"
        return name

    def home(self) -> Home:
        """An address; one in three has a floor."""
        street = f"{self.chance.pick(STREETS)} {self.chance.between(1, 98)}"
        if self.chance.happens(35):
            street += f", {self.chance.pick(('st.', '1.', '2.', '3.'))} {self.chance.pick(('tv.', 'mf.', 'th.'))}"
        return Home(street, *self.chance.pick(TOWNS))

    def day_in(self, year: int) -> date:
        """A day of that year."""
        return date(year, 1, 1) + timedelta(days=self.chance.below(_DAYS))

    def child(self, stock: NameStock, *, family: str, born: date, home: Home | None) -> DemoPerson:
        """A child or a young student."""
        gender = self.chance.pick((Gender.MALE, Gender.FEMALE))
        names = stock.boys if gender == Gender.MALE else stock.girls
        return DemoPerson(
            given=self._given(names, second=14), family=family, cpr=self._cpr.issue(born, gender), born=born,
            gender=gender, home=home,
        )  # fmt: skip

    def adult(self, stock: NameStock, *, family: str, gender: Gender, born_year: int) -> DemoPerson:
        """A grown-up without address and numbers; see :meth:`with_contact_data`."""
        born = self.day_in(born_year)
        names = stock.men if gender == Gender.MALE else stock.women
        return DemoPerson(
            given=self._given(names, second=9), family=family, cpr=self._cpr.issue(born, gender), born=born,
            gender=gender,
        )  # fmt: skip

    def with_contact_data(self, person: DemoPerson, home: Home) -> DemoPerson:
        """The same person with a home, a mobile number, mostly an e-mail address and seldom another telephone."""
        email = None
        if self.chance.happens(88):
            email = f"{mail_name(person.given)}.{mail_name(person.family)}{self.chance.between(10, 999)}@post.example"
        phone = self.mobile() if self.chance.happens(8) else None
        return replace(person, home=home, email=email, mobile=self.mobile(), phone=phone)

    def protect(self, person: DemoPerson) -> DemoPerson:
        """The same person with name and address protection: an alias, and no e-mail address that tells the name."""
        return replace(
            person,
            protected=True,
            email=None,
            alias_given=self.chance.pick(_ALIAS_GIVEN[person.gender]),
            alias_family=self.chance.pick(_ALIAS_FAMILY),
        )

    def _given(self, names: tuple[str, ...], *, second: int) -> str:
        first = self.chance.pick(names)
        if self.chance.happens(second):
            other = self.chance.pick(names)
            return first if other == first else f"{first} {other}"
        return first

    def mobile(self) -> str:
        """A telephone number that nobody has."""
        # Eight digits beginning with 12 are no subscriber's number in Denmark.
        digits = f"12{self.chance.below(1_000_000):06d}"
        return " ".join(digits[place : place + 2] for place in range(0, 8, 2))


def mail_name(name: str) -> str:
    """A name as it stands in an e-mail address: ``Søren Åge`` becomes ``soeren.aage``; ASCII letters and dots only."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_TRANSLITERATED))
    return ".".join(
        "".join(
            sign if sign.isascii() and sign.isalpha() else " " for sign in plain if not unicodedata.combining(sign)
        ).split()
    )
