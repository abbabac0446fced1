from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.stages import PUPIL_STAGES, governing, stage_of, stage_of_person, strictest
from policies.strength import assigned_bits
from policies.vocabulary import ActorGroup, Level, Stage

if TYPE_CHECKING:
    from policies.tables import Rules


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


@pytest.mark.parametrize(
    ("stages", "forced", "governs"),
    [
        # An older pupil who does not read has pictures, a young one who likes words has words.
        ([Stage.UDSKOLING], Stage.INDSKOLING, Stage.INDSKOLING),
        ([Stage.INDSKOLING], Stage.MELLEMTRIN, Stage.MELLEMTRIN),
        # A pupil of two schools, whose levels differ.
        ([Stage.MELLEMTRIN, Stage.UDSKOLING], Stage.INDSKOLING, Stage.INDSKOLING),
        # Who has power over others keeps the code that goes with it.
        ([Stage.YOUTH, Stage.STAFF], Stage.INDSKOLING, Stage.STAFF),
        ([Stage.UDSKOLING, Stage.PARENT], Stage.INDSKOLING, Stage.PARENT),
        ([Stage.STAFF], Stage.INDSKOLING, Stage.STAFF),
        # Nobody becomes a grown-up by force.
        ([Stage.UDSKOLING], Stage.STAFF, Stage.UDSKOLING),
        ([Stage.UDSKOLING], Stage.PARENT, Stage.UDSKOLING),
        ([Stage.UDSKOLING], None, Stage.UDSKOLING),
    ],
)
def test_a_forced_stage_governs_pupils_alone(stages: list[Stage], forced: Stage | None, governs: Stage) -> None:
    assert {governing(order, forced) for order in permutations(stages)} == {governs}


some_stages = st.lists(st.sampled_from(Stage), min_size=1)


@given(stages=some_stages, more=some_stages, forced=st.none() | st.sampled_from(Stage), data=st.data())
def test_one_more_attachment_never_weakens_and_order_says_nothing(
    stages: list[Stage], more: list[Stage], forced: Stage | None, data: st.DataObject
) -> None:
    strictness = {stage: place for place, stage in enumerate([*PUPIL_STAGES, Stage.PARENT, Stage.STAFF])}
    assert strictness[strictest(stages + more)] >= max(strictness[strictest(stages)], strictness[strictest(more)])
    assert governing(data.draw(st.permutations(stages)), forced) is governing(stages, forced)


@given(stages=some_stages, more=some_stages)
def test_one_more_attachment_never_gives_a_code_that_is_easier_to_guess(
    stages: list[Stage], more: list[Stage], rules: Rules
) -> None:
    together = assigned_bits(rules, strictest(stages + more))
    assert together >= max(assigned_bits(rules, strictest(stages)), assigned_bits(rules, strictest(more)))


@given(stages=some_stages, forced=st.sampled_from(Stage))
def test_force_never_reaches_who_is_more_than_a_pupil(stages: list[Stage], forced: Stage) -> None:
    if not set(stages) <= set(PUPIL_STAGES):
        assert governing(stages, forced) is strictest(stages)
    else:
        assert governing(stages, forced) in PUPIL_STAGES
