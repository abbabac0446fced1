"""Name and address protection: what may be shown of a protected person (decision 1).

Name, alias and protection belong to the record that a school (institution and source) keeps about a person. One
record that says "protected" protects the account: services and other schools then see the alias only, and the
username is made from it. Protection is read here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class SchoolRecord:
    """What one school says about a person's name. Pass current records only, the acting institution's first."""

    first_name: str
    family_name: str
    alias_first_name: str | None = None
    alias_family_name: str | None = None
    protected: bool = False


@dataclass(frozen=True, slots=True)
class ShownName:
    """The name that others may see. ``alias`` tells that it is not the real one."""

    first_name: str
    family_name: str
    alias: bool = False


def is_protected(records: Iterable[SchoolRecord]) -> bool:
    """Say whether any record protects the person."""
    return any(record.protected for record in records)


def shown_name(records: Iterable[SchoolRecord]) -> ShownName | None:
    """Return the name that services and other schools may see, and that a username may be made from.

    None when there is no record, or when the person is protected and no record has an alias: then nothing is shown.
    An alias of a record that itself protects comes before other aliases.
    """
    known = tuple(records)
    if is_protected(known):
        for record in sorted(known, key=lambda record: not record.protected):
            if record.alias_first_name and record.alias_family_name:
                return ShownName(record.alias_first_name, record.alias_family_name, alias=True)
        return None
    return next((ShownName(record.first_name, record.family_name) for record in known), None)
