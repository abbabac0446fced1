from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decision import Allow, Deny
from policies.enrolment import EnrolmentFacts, ends_old_factors, may_remove, way_to_enrol
from policies.vocabulary import EnrolThrough, Factor, Reason, WindowPurpose

BOTH = frozenset({Factor.PASSKEY, Factor.TOTP})
HAS_APP = frozenset({Factor.TOTP, Factor.RECOVERY_CODE})
NONE: frozenset[Factor] = frozenset()
ENROL, FIRST, NEW = WindowPurpose.ENROL_FACTOR, WindowPurpose.FIRST_CODE, WindowPurpose.NEW_CODE
PASS_NEEDED, NOT_FOR_STAGE = Deny(Reason.FACTOR_PASS_NEEDED), Deny(Reason.FACTOR_NOT_FOR_STAGE)

TABLE: list[tuple[str, EnrolmentFacts, EnrolThrough | Deny]] = [
    ("a password alone", EnrolmentFacts(BOTH), PASS_NEEDED),
    ("a password alone, and a factor not at hand", EnrolmentFacts(BOTH, HAS_APP), PASS_NEEDED),
    ("an app proven", EnrolmentFacts(BOTH, HAS_APP, frozenset({Factor.TOTP})), EnrolThrough.FACTOR),
    ("a recovery code proven", EnrolmentFacts(BOTH, HAS_APP, frozenset({Factor.RECOVERY_CODE})), EnrolThrough.FACTOR),
    ("an app proven that has ended since", EnrolmentFacts(BOTH, NONE, frozenset({Factor.TOTP})), PASS_NEEDED),
    ("a code is no second factor", EnrolmentFacts(BOTH, HAS_APP, frozenset({Factor.PASSWORD})), PASS_NEEDED),
    ("a pass, first factor", EnrolmentFacts(BOTH, used_pass=True), EnrolThrough.PASS),
    ("a pass, lost factor", EnrolmentFacts(BOTH, HAS_APP, used_pass=True), EnrolThrough.PASS),
    ("a window to enrol", EnrolmentFacts(BOTH, window=ENROL), EnrolThrough.WINDOW),
    ("a window for the first code", EnrolmentFacts(BOTH, window=FIRST), EnrolThrough.WINDOW),
    ("a window for a forgotten code", EnrolmentFacts(BOTH, window=NEW), PASS_NEEDED),
    ("a window, but a factor is there", EnrolmentFacts(BOTH, HAS_APP, window=ENROL), PASS_NEEDED),
    ("identified from elsewhere", EnrolmentFacts(BOTH, upstream=True), EnrolThrough.UPSTREAM),
    ("identified from elsewhere, but a factor is there", EnrolmentFacts(BOTH, HAS_APP, upstream=True), PASS_NEEDED),
    ("a young pupil with a pass", EnrolmentFacts(NONE, used_pass=True), NOT_FOR_STAGE),
    ("a young pupil with a window", EnrolmentFacts(NONE, window=ENROL), NOT_FOR_STAGE),
]


@pytest.mark.parametrize(("facts", "answer"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_who_may_enrol_a_second_factor(facts: EnrolmentFacts, answer: EnrolThrough | Deny) -> None:
    assert way_to_enrol(facts) == answer


ANY = st.builds(
    EnrolmentFacts,
    may_carry=st.frozensets(st.sampled_from(Factor)),
    enrolled=st.frozensets(st.sampled_from(sorted(BOTH | {Factor.RECOVERY_CODE}))),
    proven=st.frozensets(st.sampled_from(Factor)),
    used_pass=st.booleans(),
    upstream=st.booleans(),
    window=st.none() | st.sampled_from(WindowPurpose),
)


@given(ANY)
def test_whatever_else_is_true_nothing_is_enrolled_with_a_code_alone(facts: EnrolmentFacts) -> None:
    code_alone = replace(
        facts, proven=frozenset({Factor.PASSWORD, Factor.PICTURES}), used_pass=False, upstream=False, window=None
    )
    assert isinstance(way_to_enrol(code_alone), Deny)


@given(ANY)
def test_a_person_who_has_a_factor_gets_another_by_that_factor_or_by_a_pass_only(facts: EnrolmentFacts) -> None:
    if facts.enrolled:
        assert way_to_enrol(facts) not in {EnrolThrough.WINDOW, EnrolThrough.UPSTREAM}


@pytest.mark.parametrize("way", EnrolThrough)
def test_only_a_pass_ends_the_old_factors(way: EnrolThrough) -> None:
    assert ends_old_factors(way) == (way is EnrolThrough.PASS)


@pytest.mark.parametrize(
    ("enrolled", "ending", "count", "last"),
    [
        ({Factor.TOTP}, Factor.TOTP, 1, True),
        ({Factor.TOTP, Factor.RECOVERY_CODE}, Factor.TOTP, 1, True),
        ({Factor.TOTP, Factor.RECOVERY_CODE}, Factor.RECOVERY_CODE, 1, False),
        ({Factor.TOTP, Factor.PASSKEY}, Factor.TOTP, 1, False),
        ({Factor.PASSKEY}, Factor.PASSKEY, 2, False),
    ],
)
def test_the_last_factor_is_removed_only_by_who_says_so(
    enrolled: set[Factor], ending: Factor, count: int, *, last: bool
) -> None:
    answer = may_remove(frozenset(enrolled), ending, count, said=False)
    assert answer == (Deny(Reason.FACTOR_LAST) if last else Allow())
    assert may_remove(frozenset(enrolled), ending, count, said=True) == Allow()
