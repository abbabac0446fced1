"""The people of an institution as its user administrator sees them: found by name, username or class, a page at a time.

Whom any school protects is found and shown by the alias alone (decision 1). Whoever's attachment nobody has confirmed is
not shown, only counted (decision 2).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from idp.store import administered as store
from policies.protection import SchoolRecord, ShownName, is_protected, shown_name
from policies.vocabulary import ActorGroup, Level, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.access import Administered

ON_A_PAGE: Final = 50
LONGEST_SEARCH: Final = 100
_LAST_LETTERS: Final = str.maketrans({"æ": "{", "ä": "{", "ø": "|", "ö": "|", "å": "}"})
"""Danish letters after z, in their order."""


@dataclass(frozen=True, kw_only=True)
class FoundPerson:
    """One line of the list. ``name`` None: protected, and without an alias."""

    person_id: int
    name: ShownName | None
    username: str | None
    actor_groups: tuple[ActorGroup, ...]
    roles: tuple[Role, ...]
    classes: tuple[str, ...]
    level: Level | None
    blocked: bool


@dataclass(frozen=True, kw_only=True)
class FoundPeople:
    """A page of the list."""

    people: tuple[FoundPerson, ...]
    total: int
    page: int
    pages: int
    classes: tuple[tuple[int, str], ...]
    """The institution's classes: id and name."""
    unconfirmed: int
    """People whom nothing is shown of, because nobody has confirmed their attachment."""


@dataclass(frozen=True, kw_only=True)
class _Line:
    person: FoundPerson
    groups: frozenset[int]


def find_people(
    db: Session,
    institution: Administered,
    *,
    text: str = "",
    group_id: int | None = None,
    actor_groups: Collection[ActorGroup] = tuple(ActorGroup),
    page: int = 1,
    on_a_page: int | None = None,
) -> FoundPeople:
    """Return a page of an institution's people, by name.

    Each word of ``text`` must begin a part of the name that may be shown, a class, or stand in the username.
    ``group_id`` keeps to one class. Five statements; the words are compared here, as both databases fold only some letters.
    """
    words = _folded(text[:LONGEST_SEARCH]).split()
    lines = [
        line
        for line in _lines(db, institution.id, [group.value for group in actor_groups])
        if (group_id is None or group_id in line.groups) and all(_has(line.person, word) for word in words)
    ]
    lines.sort(key=lambda line: in_order_of_names(line.person.name, line.person.person_id))
    many = on_a_page or ON_A_PAGE
    pages = max(-(-len(lines) // many), 1)
    page = min(max(page, 1), pages)
    shown = lines[(page - 1) * many : page * many]
    return FoundPeople(
        people=tuple(line.person for line in shown),
        total=len(lines),
        page=page,
        pages=pages,
        classes=tuple((row.id, row.name) for row in store.classes_at(db, institution.id)),
        unconfirmed=store.unconfirmed_at(db, institution.id),
    )


def names_of(db: Session, person_ids: Collection[int], institution_id: int) -> Mapping[int, ShownName | None]:
    """Return the names that an institution may see of some people, its own record's first."""
    return _names(store.records_of(db, person_ids), institution_id) if person_ids else {}


def protected_among(db: Session, person_ids: Collection[int]) -> frozenset[int]:
    """Return those of the people whom any school protects."""
    rows = store.records_of(db, person_ids) if person_ids else ()
    return frozenset(person_id for person_id, said in _records(rows).items() if is_protected(said))


def _lines(db: Session, institution_id: int, actor_groups: list[str]) -> Iterable[_Line]:
    names = _names(store.records_of_people_at(db, institution_id, actor_groups), institution_id)
    classes: dict[int, list[AnyRow]] = {}
    for row in store.class_memberships_at(db, institution_id):
        classes.setdefault(row.affiliation_id, []).append(row)
    attachments: dict[int, list[AnyRow]] = {}
    for row in store.people_at(db, institution_id, actor_groups):
        attachments.setdefault(row.person_id, []).append(row)
    for person_id, rows in attachments.items():
        places = [place for row in rows for place in classes.get(row.affiliation_id, ())]
        levels = [Level(row.level) for row in rows if row.level]
        yield _Line(
            person=FoundPerson(
                person_id=person_id,
                name=names.get(person_id),
                username=rows[0].username,
                actor_groups=tuple(dict.fromkeys(ActorGroup(row.actor_group) for row in rows)),
                roles=tuple(dict.fromkeys(Role(role) for row in rows for role in row.roles)),
                classes=tuple(dict.fromkeys(place.name for place in places)),
                level=levels[0] if levels else None,
                blocked=rows[0].blocked_at is not None,
            ),
            groups=frozenset(place.group_id for place in places),
        )


def _records(rows: Iterable[AnyRow], first: int | None = None) -> dict[int, list[SchoolRecord]]:
    said: dict[int, list[SchoolRecord]] = {}
    for row in sorted(rows, key=lambda row: row.institution_id != first):
        said.setdefault(row.person_id, []).append(
            SchoolRecord(
                row.first_name, row.family_name, row.alias_first_name, row.alias_family_name, protected=row.protected
            )
        )
    return said


def _names(rows: Sequence[AnyRow], institution_id: int) -> dict[int, ShownName | None]:
    return {person_id: shown_name(said) for person_id, said in _records(rows, institution_id).items()}


def _has(person: FoundPerson, word: str) -> bool:
    name = f"{person.name.first_name} {person.name.family_name}" if person.name else ""
    starts = (part for part in (*_folded(name).split(), *map(_folded, person.classes)))
    return word in (person.username or "") or any(part.startswith(word) for part in starts)


def in_order_of_names(name: ShownName | None, person_id: int) -> tuple[str, str, int]:
    """Return what a list of people is sorted by: first name, family name, and the oldest account first."""
    first, family = (name.first_name, name.family_name) if name else ("", "")
    return _folded(first).translate(_LAST_LETTERS), _folded(family).translate(_LAST_LETTERS), person_id


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
