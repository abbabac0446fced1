"""No decision depends on the order in which facts come: rows of a database come in any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.administration import (
    Attachment,
    Opener,
    Subject,
    may_administer,
    may_force_stage,
    may_open_window,
    may_see_person,
)
from policies.assurance import assurance_of
from policies.decision import Allow
from policies.protection import SchoolRecord, is_protected
from policies.sign_in import ProvenFactor, SignInFacts, decide
from policies.sync_limits import brake
from policies.vocabulary import ActorGroup, Assurance, CodeKind, Factor, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from policies.decision import Deny
    from policies.tables import Rules

NOON = datetime(2026, 8, 10, 12, tzinfo=UTC)
QUESTIONS = [may_open_window, may_see_person, may_administer, may_force_stage]

institutions = st.sampled_from(["101001", "101002"])
attachments = st.builds(
    Attachment,
    institution=institutions,
    actor_group=st.sampled_from(ActorGroup),
    confirmed=st.booleans(),
    groups=st.frozensets(st.sampled_from(["3a", "3b"])),
    roles=st.frozensets(st.sampled_from([Role.TEACHER, Role.SUBSTITUTE, Role.PUPIL])),
)
several = st.lists(attachments, max_size=4)
openers = st.builds(
    Opener,
    person=st.sampled_from(["a", "b", None]),
    attachments=several.map(tuple),
    administers=st.frozensets(institutions),
    operator=st.booleans(),
)
proven = st.builds(
    ProvenFactor,
    st.sampled_from(Factor),
    st.sampled_from([NOON - timedelta(hours=1), NOON]),
)


@pytest.mark.parametrize("may", QUESTIONS)
@given(opener=openers, held=several, data=st.data())
def test_power_over_others_does_not_depend_on_the_order_of_attachments(
    may: Callable[[Opener, Subject], Allow | Deny], opener: Opener, held: list[Attachment], data: st.DataObject
) -> None:
    other_way = Subject("b", tuple(data.draw(st.permutations(held))))
    assert may(opener, Subject("b", tuple(held))) == may(opener, other_way)


@pytest.mark.parametrize("may", [may_open_window, may_administer, may_force_stage])
@given(opener=openers, held=several, institution=institutions)
def test_working_at_a_school_never_gives_a_school_more_power_over_the_person(
    may: Callable[[Opener, Subject], Allow | Deny], opener: Opener, held: list[Attachment], institution: str
) -> None:
    works = Attachment(institution, ActorGroup.STAFF, confirmed=True)
    if not opener.operator and isinstance(may(opener, Subject("b", (*held, works))), Allow):
        assert isinstance(may(opener, Subject("b", tuple(held))), Allow)


@given(
    factors=st.lists(proven, max_size=5),
    wanted=st.sampled_from(Assurance),
    fresh=st.booleans(),
    expired=st.booleans(),
    carried=st.frozensets(st.sampled_from([Factor.PASSKEY, Factor.TOTP])),
    data=st.data(),
)
def test_a_login_does_not_depend_on_the_order_in_which_things_were_proven(
    factors: list[ProvenFactor],
    wanted: Assurance,
    carried: frozenset[Factor],
    data: st.DataObject,
    *,
    fresh: bool,
    expired: bool,
) -> None:
    def facts(order: list[ProvenFactor]) -> SignInFacts:
        return SignInFacts(
            kind=CodeKind.TEXT,
            factors=tuple(order),
            fresh_since=NOON if fresh else None,
            wanted=wanted,
            code_expired=expired,
            second_factors=carried,
        )

    assert decide(facts(factors)) == decide(facts(data.draw(st.permutations(factors))))


@given(factors=st.lists(st.sampled_from(Factor), max_size=6), wanted=st.sampled_from(Assurance), data=st.data())
def test_the_level_does_not_depend_on_the_order_of_factors(
    factors: list[Factor], wanted: Assurance, data: st.DataObject
) -> None:
    assert assurance_of(factors, wanted) == assurance_of(data.draw(st.permutations(factors)), wanted)


@given(
    records=st.lists(
        st.builds(SchoolRecord, first_name=st.just("Ida"), family_name=st.just("Lund"), protected=st.booleans())
    ),
    data=st.data(),
)
def test_one_record_protects_wherever_it_stands(records: list[SchoolRecord], data: st.DataObject) -> None:
    assert is_protected(data.draw(st.permutations(records))) is is_protected(records)


@given(
    counts=st.dictionaries(st.sampled_from(ActorGroup), st.tuples(st.integers(0, 50), st.integers(0, 50))),
    data=st.data(),
)
def test_a_plan_is_held_whatever_is_counted_first(
    rules: Rules, counts: dict[ActorGroup, tuple[int, int]], data: st.DataObject
) -> None:
    before = {group: most for group, (most, _) in counts.items()}
    ended = {group: fewer for group, (_, fewer) in counts.items()}
    other_way = {group: ended[group] for group in data.draw(st.permutations(list(ended)))}
    assert brake(before, ended, rules.sync_limits) == brake(before, other_way, rules.sync_limits)
