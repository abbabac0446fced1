"""From a pupil's level to the stage that decides which kind of code fits.

The stage follows the pupil's own level and never the name of a class: a special class holds pupils of several levels
(STIL, adgangskodepolitik).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policies.vocabulary import ActorGroup, Level, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_STAGES: Final[Mapping[Level, Stage]] = {
    Level.DT: Stage.DAYCARE,
    Level.G0: Stage.INDSKOLING,
    Level.G1: Stage.INDSKOLING,
    Level.G2: Stage.INDSKOLING,
    Level.G3: Stage.INDSKOLING,
    Level.G4: Stage.MELLEMTRIN,
    Level.G5: Stage.MELLEMTRIN,
    Level.G6: Stage.MELLEMTRIN,
    Level.G7: Stage.UDSKOLING,
    Level.G8: Stage.UDSKOLING,
    Level.G9: Stage.UDSKOLING,
    Level.G10: Stage.UDSKOLING,
    Level.U1: Stage.YOUTH,
    Level.U2: Stage.YOUTH,
    Level.U3: Stage.YOUTH,
    Level.U4: Stage.YOUTH,
    Level.VU: Stage.YOUTH,
    # "Andet" says nothing about age. Nothing known means the stricter rule: a text code, never pictures by accident.
    Level.OTHER: Stage.UDSKOLING,
}

_FROM_MILD_TO_STRICT: Final = (
    Stage.DAYCARE,
    Stage.INDSKOLING,
    Stage.MELLEMTRIN,
    Stage.UDSKOLING,
    Stage.YOUTH,
    Stage.PARENT,
    Stage.STAFF,
)


def stage_of(level: Level) -> Stage:
    """Return the stage of a pupil at ``level``. ``Level.OTHER`` is treated as udskoling, the stricter rule."""
    return _STAGES[level]


def stage_of_person(actor_group: ActorGroup, level: Level | None) -> Stage:
    """Return the stage of one attachment. ``level`` counts for pupils only; a pupil without one is as ``OTHER``."""
    if actor_group is ActorGroup.PUPIL:
        return stage_of(level or Level.OTHER)
    return Stage.PARENT if actor_group is ActorGroup.CONTACT else Stage.STAFF


def governing(stages: Iterable[Stage], forced: Stage | None = None) -> Stage:
    """Return the stage whose rules hold for an account: the strictest of its attachments', or the forced one.

    An administrator may force another stage's rules on a pupil (special needs). Whoever is attached as anything but a pupil
    keeps the strictest, for power over others must never get a weaker code. Raises ValueError for no stage at all.
    """
    held = tuple(stages)
    strict = strictest(held)
    return forced if forced is not None and not {Stage.STAFF, Stage.PARENT} & set(held) else strict


def strictest(stages: Iterable[Stage]) -> Stage:
    """Return the stage that governs an account with several attachments: one account has one code, the strictest.

    So a parent who teaches has a teacher's code, and a pupil at two schools the code of the higher level.
    Raises ValueError for no stage at all.
    """
    return max(stages, key=_FROM_MILD_TO_STRICT.index)
