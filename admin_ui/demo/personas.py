"""The people worth logging in as, found among those who were drawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from admin_ui.demo.schools import (
    FJORDENS_FRISKOLE,
    MAELKEVEJEN,
    NORDLYS_GYMNASIUM,
    NORDLYSSKOLEN,
    SPECIAL_CLASS,
)
from policies.vocabulary import Level, Relation, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from admin_ui.demo.families import Contact
    from admin_ui.demo.roll import Pupil, Roll, Worker

_Item = TypeVar("_Item")
_FIRST_GRADE: Final = "1a"

PERSONA_INSTITUTIONS: Final = (NORDLYSSKOLEN, FJORDENS_FRISKOLE, MAELKEVEJEN, NORDLYS_GYMNASIUM)
"""The institutions whose rolls :func:`find_personas` needs."""


@dataclass(frozen=True, slots=True)
class DemoPersona:
    """A person worth logging in as.

    Either ``local_person_id`` is the person's own id at the institution, or the person is a contact and is found
    through a child there: ``contact_of`` is the child's local id, ``relation`` names one contact of that child.
    ``kind`` is one of "first-grader", "fifth-grader", "eighth-grader", "special-class-pupil", "protected-pupil",
    "pupil-at-two-schools", "daycare-child", "gymnasium-student", "teacher", "teacher-parent", "leader", "parent".
    ``key`` is unique in a municipality and the same from seed to seed.
    """

    key: str
    institution_number: str
    kind: str
    told_da: str
    told_en: str
    local_person_id: str | None = None
    contact_of: str | None = None
    relation: Relation | None = None


def find_personas(rolls: Mapping[str, Roll]) -> tuple[DemoPersona, ...]:
    """One of each kind.

    Args:
        rolls: by institution number, for each of :data:`PERSONA_INSTITUTIONS`.

    Raises:
        LookupError: a kind is missing, which no seed should bring about.
    """
    search = _Search(rolls)
    return (
        search.pupil_of("first-grader", Level.G1),
        search.pupil_of("fifth-grader", Level.G5),
        search.pupil_of("eighth-grader", Level.G8),
        search.special_class_pupil(),
        search.protected_pupil(),
        search.pupil_at_two_schools(),
        search.daycare_child(),
        search.gymnasium_student(),
        search.teacher(),
        search.teacher_parent(),
        search.leader(),
        search.parent_at_two_schools(),
    )


class _Search:
    def __init__(self, rolls: Mapping[str, Roll]) -> None:
        self._rolls = rolls
        self._school = rolls[NORDLYSSKOLEN]
        others = [roll for number, roll in rolls.items() if number != NORDLYSSKOLEN]
        self._pupils_elsewhere = {pupil.person.cpr for roll in others for pupil in roll.pupils}
        self._contacts_elsewhere = {
            contact.person.cpr for roll in others for pupil in roll.pupils for contact in pupil.contacts
        }
        self._contacts_here = {contact.person.cpr for pupil in self._school.pupils for contact in pupil.contacts}
        self._workers_here = {worker.person.cpr for worker in self._school.workers}

    def pupil_of(self, kind: str, level: Level) -> DemoPersona:
        def plain(pupil: Pupil) -> bool:
            return pupil.main_group == f"{level}a" and self._plain(pupil)

        found = _first(self._school.pupils, plain)
        return _pupil(kind, NORDLYSSKOLEN, found, f"Elev i {found.main_group}", f"Pupil in {found.main_group}")

    def special_class_pupil(self) -> DemoPersona:
        found = _first(self._school.pupils, lambda one: one.main_group == SPECIAL_CLASS and self._plain(one))
        told = f"{SPECIAL_CLASS}, {found.level}. klassetrin"
        told_en = f"{SPECIAL_CLASS}, grade {found.level}"
        return _pupil(
            "special-class-pupil",
            NORDLYSSKOLEN,
            found,
            f"Elev i specialklassen {told}",
            f"Pupil in the special class {told_en}",
        )

    def protected_pupil(self) -> DemoPersona:
        found = _first(self._school.pupils, lambda one: one.person.protected)
        return _pupil(
            "protected-pupil",
            NORDLYSSKOLEN,
            found,
            f"Elev i {found.main_group} med navne- og adressebeskyttelse",
            f"Pupil in {found.main_group} with name and address protection",
        )

    def pupil_at_two_schools(self) -> DemoPersona:
        found = _first(self._school.pupils, lambda one: one.person.cpr in self._pupils_elsewhere)
        other = self._rolls[FJORDENS_FRISKOLE].plan.institution.name
        return _pupil(
            "pupil-at-two-schools",
            NORDLYSSKOLEN,
            found,
            f"Elev i {found.main_group}, går også på {other}",
            f"Pupil in {found.main_group}, also at {other}",
        )

    def daycare_child(self) -> DemoPersona:
        found = _first(self._rolls[MAELKEVEJEN].pupils, self._unprotected)
        return _pupil(
            "daycare-child", MAELKEVEJEN, found, f"Barn på stuen {found.main_group}", f"Child in {found.main_group}"
        )

    def gymnasium_student(self) -> DemoPersona:
        students = self._rolls[NORDLYS_GYMNASIUM].pupils
        found = _first(students, lambda one: one.level is Level.U2 and self._unprotected(one))
        return _pupil(
            "gymnasium-student",
            NORDLYS_GYMNASIUM,
            found,
            f"Studerende i {found.main_group}",
            f"Student in {found.main_group}",
        )

    def teacher(self) -> DemoPersona:
        def fits(worker: Worker) -> bool:
            return _FIRST_GRADE in worker.groups and Role.TEACHER in worker.roles and not self._is_parent(worker)

        found = _first(self._school.workers, fits)
        classes = self._classes(found)
        return _worker("teacher", found, f"Lærer for {classes}", f"Teacher of {classes}")

    def teacher_parent(self) -> DemoPersona:
        found = _first(self._school.workers, lambda one: Role.TEACHER in one.roles and self._is_parent(one))
        classes = self._classes(found)
        return _worker(
            "teacher-parent",
            found,
            f"Lærer for {classes}, har selv barn på skolen",
            f"Teacher of {classes}, with a child at the school",
        )

    def leader(self) -> DemoPersona:
        found = _first(self._school.workers, lambda one: Role.LEADER in one.roles)
        return _worker("leader", found, found.occupation, "Head of the school")

    def parent_at_two_schools(self) -> DemoPersona:
        def fits(contact: Contact) -> bool:
            cpr = contact.person.cpr
            return (
                contact.custody
                and not contact.person.protected
                and cpr in self._contacts_elsewhere
                and cpr not in self._workers_here
            )

        for pupil in self._school.pupils:
            relations = Counter(contact.relation for contact in pupil.contacts)
            for contact in pupil.contacts:
                if relations[contact.relation] == 1 and fits(contact) and self._plain(pupil):
                    return DemoPersona(
                        key="parent",
                        institution_number=NORDLYSSKOLEN,
                        kind="parent",
                        told_da=f"{contact.relation} til en elev i {pupil.main_group}, har også barn i en anden institution",
                        told_en=f"Parent of a pupil in {pupil.main_group}, with a child at another institution too",
                        contact_of=pupil.local_id,
                        relation=contact.relation,
                    )
        message = "no parent with children at two institutions"
        raise LookupError(message)

    def _plain(self, pupil: Pupil) -> bool:
        return self._unprotected(pupil) and pupil.person.cpr not in self._pupils_elsewhere

    def _unprotected(self, pupil: Pupil) -> bool:
        return not pupil.person.protected

    def _is_parent(self, worker: Worker) -> bool:
        return worker.person.cpr in self._contacts_here

    def _classes(self, worker: Worker) -> str:
        classes = {one.group_id for one in self._school.plan.classes}
        return ", ".join(group for group in worker.groups if group in classes)


def _first(items: tuple[_Item, ...], fits: Callable[[_Item], bool]) -> _Item:
    for item in items:
        if fits(item):
            return item
    message = "nobody of this kind was drawn"
    raise LookupError(message)


def _pupil(kind: str, number: str, pupil: Pupil, told_da: str, told_en: str) -> DemoPersona:
    return DemoPersona(
        key=kind,
        institution_number=number,
        kind=kind,
        told_da=told_da,
        told_en=told_en,
        local_person_id=pupil.local_id,
    )


def _worker(kind: str, worker: Worker, told_da: str, told_en: str) -> DemoPersona:
    return DemoPersona(
        key=kind,
        institution_number=NORDLYSSKOLEN,
        kind=kind,
        told_da=told_da,
        told_en=told_en,
        local_person_id=worker.local_id,
    )
