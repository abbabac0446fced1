from __future__ import annotations

import pytest

from policies.stages import stage_of, stage_of_person, strictest
from policies.vocabulary import ActorGroup, Level, Stage


@pytest.mark.parametrize(
    ("levels", "stage"),
    [
        ("DT", Stage.DAYCARE),
        ("0 1 2 3", Stage.INDSKOLING),
        ("4 5 6", Stage.MELLEMTRIN),
        ("7 8 9 10 Andet", Stage.UDSKOLING),
        ("U1 U2 U3 U4 VU", Stage.YOUTH),
    ],
)
def test_the_level_decides_the_stage(levels: str, stage: Stage) -> None:
    assert {stage_of(Level(level)) for level in levels.split()} == {stage}


@pytest.mark.parametrize("level", Level)
def test_every_level_has_a_stage(level: Level) -> None:
    assert stage_of(level) in Stage


@pytest.mark.parametrize(
    ("actor_group", "level", "stage"),
    [
        (ActorGroup.PUPIL, Level.G2, Stage.INDSKOLING),
        (ActorGroup.PUPIL, None, Stage.UDSKOLING),
        (ActorGroup.STAFF, None, Stage.STAFF),
        (ActorGroup.STAFF, Level.G2, Stage.STAFF),
        (ActorGroup.EXTERNAL, None, Stage.STAFF),
        (ActorGroup.CONTACT, None, Stage.PARENT),
    ],
)
def test_only_a_pupils_level_counts(actor_group: ActorGroup, level: Level | None, stage: Stage) -> None:
    assert stage_of_person(actor_group, level) is stage


@pytest.mark.parametrize(
    ("stages", "governing"),
    [
        ([Stage.PARENT, Stage.STAFF], Stage.STAFF),
        ([Stage.INDSKOLING, Stage.MELLEMTRIN], Stage.MELLEMTRIN),
        ([Stage.YOUTH, Stage.STAFF], Stage.STAFF),
        ([Stage.DAYCARE], Stage.DAYCARE),
    ],
)
def test_an_account_with_several_attachments_has_the_strictest_code(stages: list[Stage], governing: Stage) -> None:
    assert strictest(stages) is strictest(reversed(stages)) is governing
