"""From a pupil's level to the stage that decides which kind of code fits.

The stage follows the pupil's own level and never the name of a class: a special class holds pupils of several levels
(STIL, adgangskodepolitik).

An administrator may force another stage's policy on a pupil, with a reason and an end date: pictures for an older child
who does not read, words for a young one who likes them better. It reaches pupils who are nothing else. Whoever works at
a school or is somebody's contact has power over others, and no policy that is forced on a pupil may weaken that code.
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

PUPIL_STAGES: Final = (Stage.DAYCARE, Stage.INDSKOLING, Stage.MELLEMTRIN, Stage.UDSKOLING, Stage.YOUTH)
"""The stages of pupils, in the order in which a child passes through them."""

_FROM_MILD_TO_STRICT: Final = (*PUPIL_STAGES, Stage.PARENT, Stage.STAFF)


def stage_of(level: Level) -> Stage:
    """Return the stage of a pupil at ``level``. ``Level.OTHER`` is treated as udskoling, the stricter rule."""
    return _STAGES[level]


def stage_of_person(actor_group: ActorGroup, level: Level | None) -> Stage:
    """Return the stage of one attachment. ``level`` counts for pupils only; a pupil without one is as ``OTHER``."""
    if actor_group is ActorGroup.PUPIL:
        return stage_of(level or Level.OTHER)
    return Stage.PARENT if actor_group is ActorGroup.CONTACT else Stage.STAFF


def strictest(stages: Iterable[Stage]) -> Stage:
    """Return the stage that governs an account with several attachments: one account has one code, the strictest.

    So a parent who teaches has a teacher's code, and a pupil at two schools the code of the higher level.
    Raises ValueError for no stage at all.
    """
    return max(stages, key=_FROM_MILD_TO_STRICT.index)


def governing(stages: Iterable[Stage], forced: Stage | None = None) -> Stage:
    """Return the stage whose policy holds for an account: the strictest of its attachments, or the forced one.

    ``forced`` is the stage that an administrator's decision names, if one is in force now. It must be a pupil's, and is
    heeded only for who is a pupil and nothing else: one who becomes a substitute teacher leaves it behind without
    anybody's doing. Raises ValueError for no stage at all.
    """
    held = set(stages)
    own = strictest(held)
    return forced if forced is not None and forced in PUPIL_STAGES and held <= set(PUPIL_STAGES) else own
