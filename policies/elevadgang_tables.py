"""``elevadgang.toml`` as frozen values, checked like the other tables (:mod:`policies.tables`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from policies.pictures import PICTURES

if TYPE_CHECKING:
    from policies.section import Section

_LONGEST_REQUEST: Final = 600  # ASVS 6.5.5
_LONGEST_SUBSTITUTE: Final = 5
_FEWEST_PICTURES: Final = 9


@dataclass(frozen=True, slots=True)
class StepUpRule:
    """How a pupil asks an adult to vouch. Times in seconds; ``pictures`` are those that match signs are made of."""

    request_seconds: int
    level_seconds: int
    most_in_an_hour: int
    device_seconds: int
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ElevadgangRules:
    """elevadgang.toml: the teacher's tool. Times in seconds."""

    factor_seconds: int
    substitute_days: int
    step_up: StepUpRule
    lesson_seconds: int
    stop_factor_seconds: int
    lift_seconds: int


def read_elevadgang(section: Section, *, signs: tuple[str, ...]) -> ElevadgangRules:
    """Check the table of Elevadgang. No match sign may look like one of an activation window, or like a code."""
    substitutes, lesson, stop = section.table("substitutes"), section.table("lesson"), section.table("emergency_stop")
    rules = ElevadgangRules(
        factor_seconds=section.whole("factor_seconds"),
        substitute_days=substitutes.whole("longest_days", most=_LONGEST_SUBSTITUTE),
        step_up=_step_up(section.table("step_up"), signs),
        lesson_seconds=lesson.whole("longest_seconds"),
        stop_factor_seconds=stop.whole("factor_seconds"),
        lift_seconds=stop.whole("lift_seconds"),
    )
    for table in (substitutes, lesson, stop):
        table.close()
    return rules


def _step_up(section: Section, signs: tuple[str, ...]) -> StepUpRule:
    rule = StepUpRule(
        request_seconds=section.whole("request_seconds", most=_LONGEST_REQUEST),
        level_seconds=section.whole("level_seconds"),
        most_in_an_hour=section.whole("most_in_an_hour"),
        device_seconds=section.whole("device_seconds"),
        pictures=section.names("pictures"),
    )
    if len(rule.pictures) < _FEWEST_PICTURES:
        section.fault(f"pictures must be at least {_FEWEST_PICTURES}")
    if other := sorted(set(rule.pictures) & {*signs, *PICTURES}):
        section.fault(f"pictures must be neither signs of windows nor pictures of codes: {', '.join(other)}")
    section.close()
    return rule
