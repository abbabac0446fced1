"""The groups of an institution and who belongs to them: classes, years, SFO, study lines, units and teams."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from admin_ui.demo.roll import Group
from admin_ui.demo.schools import DAGTILBUD, FRISKOLE, GRADES, GRUNDSKOLE, GYMNASIUM
from policies.vocabulary import GroupType, Level

if TYPE_CHECKING:
    from admin_ui.demo.chance import Chance
    from admin_ui.demo.schools import ClassPlan, SchoolPlan

LEADERS: Final = "Ledelsesteam"
FOREST_GROUP: Final = "Skovgruppen"
CHOIR: Final = "Kor"
"""Named by pupils only: the file has no Group element for it, so the reader makes it (implicit creation)."""
SFO_NAME: Final = {GRUNDSKOLE: "SFO Krudtuglen", FRISKOLE: "Fritten"}
_LANGUAGES: Final = ("Tysk", "Fransk")
_SUBJECTS: Final = ("Matematik A", "Matematik B", "Engelsk A")
_SFO_LEVELS: Final = GRADES[:4]
_MIDDLE: Final = GRADES[4:7]
_UPPER: Final = GRADES[7:]
_LANGUAGE_LEVELS: Final = GRADES[7:10]
_CHOIR_LEVELS: Final = GRADES[4:8]
_YOUTH: Final = {Level.U1: 1, Level.U2: 2, Level.U3: 3}
_STAFF_OF_DAYCARE: Final = "Personalet"
_TEACHERS_OF_YOUTH: Final = "Lærerkollegiet"


def groups_of(plan: SchoolPlan, start_year: int) -> tuple[Group, ...]:
    """Every group the institution names itself; school classes last from August to July."""
    return (*_classes(plan, start_year), *_other_groups(plan))


def team_of(plan: SchoolPlan, school_class: ClassPlan) -> str:
    """The team of those who work with a class."""
    if plan.institution.kind == DAGTILBUD:
        return _STAFF_OF_DAYCARE
    if plan.institution.kind == GYMNASIUM:
        return _TEACHERS_OF_YOUTH
    if school_class.level in _UPPER:
        return "Udskolingsteam"
    return "Mellemtrinsteam" if school_class.level in (*_MIDDLE, Level.OTHER) else "Indskolingsteam"


def groups_of_pupil(
    plan: SchoolPlan, school_class: ClassPlan, level: Level, age: int, chance: Chance
) -> tuple[str, ...]:
    """The further groups of a pupil beside the class; ``age`` is reached in the year the school year starts."""
    kind = plan.institution.kind
    if kind == DAGTILBUD:
        return (FOREST_GROUP,) if age == 5 else ()  # noqa: PLR2004 (the oldest children)
    if kind == GYMNASIUM:
        return (str(school_class.line), f"{_YOUTH[level]} {chance.pick(_SUBJECTS)}")
    groups = []
    if kind == GRUNDSKOLE and school_class.level == level:
        groups.append(_year(level))
    if level in _SFO_LEVELS and chance.happens(80):
        groups.append(SFO_NAME[kind])
    if level in _LANGUAGE_LEVELS:
        groups.append(_language(_LANGUAGES[0] if chance.happens(75) else _LANGUAGES[1], level))
    if kind == GRUNDSKOLE and level in _CHOIR_LEVELS and chance.happens(12):
        groups.append(CHOIR)
    return tuple(groups)


def _classes(plan: SchoolPlan, start_year: int) -> list[Group]:
    school = plan.institution.kind != DAGTILBUD
    start = date(start_year, 8, 1) if school else None
    end = date(start_year + 1, 7, 31) if school else None
    return [
        Group(one.group_id, GroupType.CLASS, name=one.name, level=one.level, line=one.line, start=start, end=end)
        for one in plan.classes
    ]


def _other_groups(plan: SchoolPlan) -> list[Group]:
    teams = [Group(team, GroupType.TEAM) for team in dict.fromkeys(team_of(plan, one) for one in plan.classes)]
    groups = [*teams, Group(LEADERS, GroupType.TEAM)]
    match plan.institution.kind:
        case "dagtilbud":
            groups.append(Group(FOREST_GROUP, GroupType.OTHER, name="Skovgruppen (de ældste)"))
        case "gymnasium":
            lines = dict.fromkeys(str(one.line) for one in plan.classes)
            groups += [Group(line, GroupType.LINE) for line in lines]
            groups += [Group(f"{year} {subject}", GroupType.UNIT) for year in _YOUTH.values() for subject in _SUBJECTS]
        case kind:
            groups.append(Group(SFO_NAME[kind], GroupType.SFO))
            groups += [
                Group(_language(language, level), GroupType.UNIT)
                for level in _LANGUAGE_LEVELS
                for language in _LANGUAGES
            ]
            if kind == GRUNDSKOLE:
                years = dict.fromkeys(one.level for one in plan.classes if one.level is not Level.OTHER)
                groups += [Group(_year(level), GroupType.YEAR) for level in years]
    return groups


def _year(level: Level) -> str:
    return f"Årgang {level}"


def _language(language: str, level: Level) -> str:
    return f"{language} {level}"
