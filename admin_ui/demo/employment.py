"""Those who work at an institution: teachers with classes, leaders, pedagogues and the rest, trainees, externals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from admin_ui.demo.families import at_work, staff_person, young_person
from admin_ui.demo.groups import LEADERS, SFO_NAME, team_of
from admin_ui.demo.people import mail_name
from admin_ui.demo.roll import Outsider, Pupil, Worker
from admin_ui.demo.schools import DAGTILBUD, FRISKOLE, GRUNDSKOLE, GYMNASIUM
from policies.vocabulary import Role

if TYPE_CHECKING:
    from admin_ui.demo.people import DemoPerson, People
    from admin_ui.demo.schools import SchoolPlan

_LEADER: Final = {
    GRUNDSKOLE: "Skoleleder",
    FRISKOLE: "Friskoleleder",
    DAGTILBUD: "Daginstitutionsleder",
    GYMNASIUM: "Rektor",
}
_MANAGEMENT: Final = ("Viceleder", "Afdelingsleder")
_TECHNICAL: Final = ("Sekretær", "Teknisk servicemedarbejder", "It-medarbejder", "Køkkenmedarbejder")
_CLASSES_OF_A_TEACHER: Final = 3
_TEACHERS_PER_PARENT: Final = 12
_PROTECTED_TEACHER: Final = 4


class Employment:
    """Fills the posts of one institution; some teachers have children at the school."""

    def __init__(self, plan: SchoolPlan, people: People, pupils: tuple[Pupil, ...]) -> None:
        self._plan = plan
        self._people = people
        self._parents = self._teaching_parents(pupils)
        self._workers: list[Worker] = []
        self._short_names: set[str] = set()

    def workers(self) -> tuple[Worker, ...]:
        """Everybody employed, leaders first."""
        staffing = self._plan.staffing
        self._leader()
        for index in range(staffing.management):
            self._add(Role.MANAGEMENT, _MANAGEMENT[index % len(_MANAGEMENT)], (LEADERS,))
        for index in range(staffing.teachers):
            self._teacher(index)
        for index in range(staffing.pedagogues):
            self._add(Role.PEDAGOGUE, "Pædagog", self._groups_of_pedagogue(index))
        for _ in range(staffing.substitutes):
            self._add(Role.SUBSTITUTE, "Vikar", ())
        for index in range(staffing.technical):
            self._add(Role.TECHNICAL, _TECHNICAL[index % len(_TECHNICAL)], ())
        for _ in range(staffing.consultants):
            self._add(Role.CONSULTANT, "Læsekonsulent", ())
        return tuple(self._workers)

    def outsiders(self) -> tuple[Outsider, ...]:
        """Trainees with a class, externals without."""
        staffing = self._plan.staffing
        trainees = [
            Outsider(f"ex-{index + 1}", young_person(self._people), Role.TRAINEE, self._classes(index)[:1])
            for index in range(staffing.trainees)
        ]
        externals = [
            Outsider(f"ex-{staffing.trainees + index + 1}", staff_person(self._people), Role.EXTERNAL, ())
            for index in range(staffing.externals)
        ]
        return (*trainees, *externals)

    def _teaching_parents(self, pupils: tuple[Pupil, ...]) -> list[DemoPerson]:
        """Parents with custody to be teachers here, as many as the number of teachers makes likely."""
        wanted = self._plan.staffing.teachers // _TEACHERS_PER_PARENT
        possible = [
            contact.person
            for contact in dict.fromkeys(pupil.contacts[0] for pupil in pupils if pupil.contacts)
            if contact.custody and not contact.person.protected
        ]
        return possible[:: len(possible) // wanted][:wanted] if 0 < wanted <= len(possible) else []

    def _leader(self) -> None:
        kind = self._plan.institution.kind
        if kind == FRISKOLE:  # the leader of a small school teaches as well
            self._add(Role.LEADER, _LEADER[kind], (LEADERS, *self._classes(0)[:1]), also=(Role.TEACHER,))
        else:
            self._add(Role.LEADER, _LEADER[kind], (LEADERS,))

    def _teacher(self, index: int) -> None:
        first = self._plan.classes[index % len(self._plan.classes)]
        parent = self._parents[index - 1] if 0 < index <= len(self._parents) else None
        groups = (*self._classes(index), team_of(self._plan, first))
        self._add(Role.TEACHER, "Lærer", groups, person=parent, protected=index == _PROTECTED_TEACHER)

    def _classes(self, index: int) -> tuple[str, ...]:
        """Up to three classes; taken over all teachers, every class has somebody."""
        classes = self._plan.classes
        chosen = (index, index + 1, index + len(classes) // 2)[:_CLASSES_OF_A_TEACHER]
        places = sorted({place % len(classes) for place in chosen})
        return tuple(classes[place].group_id for place in places)

    def _groups_of_pedagogue(self, index: int) -> tuple[str, ...]:
        first = self._plan.classes[index % len(self._plan.classes)]
        sfo = SFO_NAME.get(self._plan.institution.kind)
        return (first.group_id, team_of(self._plan, first), *((sfo,) if sfo else ()))

    def _add(
        self,
        role: Role,
        occupation: str,
        groups: tuple[str, ...],
        *,
        also: tuple[Role, ...] = (),
        person: DemoPerson | None = None,
        protected: bool = False,
    ) -> None:
        drawn = person or staff_person(self._people)
        if protected:
            drawn = self._people.protect(drawn)
        short_name = self._short_name(drawn)
        self._workers.append(
            Worker(
                local_id=f"an-{len(self._workers) + 1}",
                person=at_work(drawn, f"{short_name.lower()}@{self._plan.domain}"),
                roles=(role, *also),
                short_name=short_name,
                occupation=occupation,
                groups=groups,
            )
        )

    def _short_name(self, person: DemoPerson) -> str:
        """Initials nobody else at the school has, ``ANH``, ``ANH2``; of the alias where the name is protected."""
        given, family = person.alias_given or person.given, person.alias_family or person.family
        initials = (mail_name(given)[:2] + mail_name(family)[:1]).upper()
        number = 1
        short_name = initials
        while short_name in self._short_names:
            number += 1
            short_name = f"{initials}{number}"
        self._short_names.add(short_name)
        return short_name
