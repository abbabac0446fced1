"""What one institution's file holds: groups, pupils, staff and externals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from admin_ui.demo.families import Contact
    from admin_ui.demo.people import DemoPerson
    from admin_ui.demo.schools import SchoolPlan
    from policies.vocabulary import GroupType, Level, Role


@dataclass(frozen=True, slots=True)
class Group:
    """A group; only a Hovedgruppe has a level."""

    group_id: str
    group_type: GroupType
    name: str | None = None
    level: Level | None = None
    line: str | None = None
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Pupil:
    """A child, pupil or student with contacts. ``local_id`` is the institution's own."""

    local_id: str
    person: DemoPerson
    role: Role
    level: Level
    main_group: str
    groups: tuple[str, ...]
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody employed by the institution, in one role or several."""

    local_id: str
    person: DemoPerson
    roles: tuple[Role, ...]
    short_name: str
    occupation: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outsider:
    """A trainee or an external."""

    local_id: str
    person: DemoPerson
    role: Role
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roll:
    """One institution, whole."""

    plan: SchoolPlan
    groups: tuple[Group, ...]
    pupils: tuple[Pupil, ...]
    workers: tuple[Worker, ...]
    outsiders: tuple[Outsider, ...]
