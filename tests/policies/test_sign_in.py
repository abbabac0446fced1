from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.assurance import levels_of
from policies.decision import Allow, Deny, Require
from policies.sign_in import NewCode, ProvenFactor, SignInFacts, decide, next_step
from policies.vocabulary import Assurance, CodeKind, Factor, Reason, Step, Task

NOW = datetime(2026, 8, 10, 8, tzinfo=UTC)
PICTURES = (ProvenFactor(Factor.PICTURES, NOW),)
PASSWORD = (ProvenFactor(Factor.PASSWORD, NOW),)
BOTH = (*PASSWORD, ProvenFactor(Factor.TOTP, NOW))
LATER = NOW + timedelta(seconds=1)
WAIT = Deny(Reason.WAIT_BEFORE_TRYING)
BLOCKED = Deny(Reason.ACCOUNT_BLOCKED)
ASK = Require(Step.CONSENT)
TOO_YOUNG = Deny(Reason.CONSENT_TOO_YOUNG)
TYPED = SignInFacts(kind=CodeKind.TEXT)
LIFTED = (*PASSWORD, ProvenFactor(Factor.ADULT, NOW))
PUPIL = replace(TYPED, factors=PASSWORD, wanted=Assurance.VOKSEN_VERIFICERET, adult_may_vouch=True)
EITHER = replace(PUPIL, wanted=Assurance.TO_FAKTOR, adult_counts_as_two=True)


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (SignInFacts(), Step.USERNAME),
        (SignInFacts(kind=CodeKind.PICTURES), Step.PICTURES),
        (TYPED, Step.PASSWORD),
        (replace(TYPED, asks_for_sign=True), Step.SIGN),
        (SignInFacts(asks_for_sign=True), Step.USERNAME),
        (replace(TYPED, lock=WAIT), Step.WAIT),
        (replace(TYPED, lock=Deny(Reason.ASK_YOUR_TEACHER)), Step.WAIT),
        (replace(TYPED, lock=Deny(Reason.NETWORK_MUST_WAIT)), Step.WAIT),
        (replace(TYPED, lock=WAIT, asks_for_sign=True), Step.SIGN),
        (replace(TYPED, lock=WAIT, new_code=NewCode()), Step.NEW_CODE),
        (replace(TYPED, new_code=NewCode()), Step.NEW_CODE),
        (replace(TYPED, new_code=NewCode(seen=True)), Step.CONFIRM_CODE),
        (replace(TYPED, factors=PASSWORD), Step.DONE),
        (SignInFacts(factors=PICTURES), Step.DONE),
        (replace(TYPED, factors=PASSWORD, lock=WAIT), Step.DONE),
        (replace(TYPED, factors=PASSWORD, fresh_since=NOW), Step.DONE),
        (replace(TYPED, factors=PASSWORD, fresh_since=LATER), Step.PASSWORD),
        (SignInFacts(factors=PASSWORD, fresh_since=LATER), Step.USERNAME),
        (replace(TYPED, factors=PASSWORD, code_expired=True), Step.NEW_CODE),
        (replace(TYPED, factors=PASSWORD, code_expired=True, new_code=NewCode(seen=True)), Step.CONFIRM_CODE),
        (replace(TYPED, code_expired=True), Step.PASSWORD),
        (replace(TYPED, account=BLOCKED), Step.PASSWORD),
        (replace(TYPED, factors=PASSWORD, account=BLOCKED), Step.REFUSED),
        (replace(TYPED, factors=PASSWORD, account=BLOCKED, code_expired=True), Step.REFUSED),
        (replace(TYPED, factors=PASSWORD, wanted=Assurance.TO_FAKTOR), Step.REFUSED),
        (replace(TYPED, factors=BOTH, wanted=Assurance.TO_FAKTOR), Step.DONE),
        (replace(TYPED, factors=PASSWORD, acting_choices=2), Step.CHOOSE_WHO),
        (replace(TYPED, factors=PASSWORD, acting_choices=2, acting_chosen=True), Step.DONE),
        (replace(TYPED, factors=PASSWORD, acting_chosen=True, acting_ended=True), Step.CHOOSE_WHO),
        (replace(TYPED, acting_choices=2), Step.PASSWORD),
        (replace(TYPED, factors=PASSWORD, acting_choices=2, wanted=Assurance.TO_FAKTOR), Step.REFUSED),
        (SignInFacts(factors=PASSWORD, shared_session=True), Step.STILL_YOU),
        (SignInFacts(factors=PASSWORD, shared_session=True, silent=True), Step.REFUSED),
        (SignInFacts(factors=PASSWORD, shared_session=True, fresh_since=LATER), Step.USERNAME),
        (SignInFacts(shared_session=True), Step.USERNAME),
        (SignInFacts(factors=PASSWORD, other_screen=True), Step.OTHER_SCREEN),
        (SignInFacts(factors=PASSWORD, other_screen=True, shared_session=True), Step.STILL_YOU),
        (SignInFacts(other_screen=True), Step.USERNAME),
        (SignInFacts(factors=PASSWORD, other_screen=True, consent=ASK), Step.OTHER_SCREEN),
        (SignInFacts(factors=PASSWORD, consent=ASK), Step.CONSENT),
        (SignInFacts(factors=PASSWORD, consent=TOO_YOUNG), Step.REFUSED),
        (SignInFacts(consent=TOO_YOUNG), Step.USERNAME),
        (SignInFacts(factors=PASSWORD, consent=ASK, shared_session=True), Step.STILL_YOU),
        (replace(TYPED, factors=PASSWORD, acting_choices=2, consent=ASK), Step.CHOOSE_WHO),
        (replace(TYPED, factors=PASSWORD, consent=ASK, wanted=Assurance.TO_FAKTOR), Step.REFUSED),
        (PUPIL, Step.STEP_UP),
        (replace(PUPIL, factors=PICTURES), Step.STEP_UP),
        (replace(PUPIL, adult_may_vouch=False), Step.REFUSED),
        (replace(PUPIL, factors=LIFTED), Step.DONE),
        (replace(PUPIL, factors=LIFTED, fresh_since=LATER), Step.PASSWORD),
        (replace(PUPIL, factors=(ProvenFactor(Factor.PASSKEY, NOW),)), Step.REFUSED),
        (replace(PUPIL, wanted=Assurance.TO_FAKTOR), Step.REFUSED),
        (replace(EITHER, factors=PASSWORD), Step.STEP_UP),
        (replace(EITHER, factors=LIFTED), Step.DONE),
        (replace(EITHER, may_carry=frozenset({Factor.TOTP})), Step.STEP_UP),
        # a factor of their own comes first
        (replace(EITHER, second_factors=frozenset({Factor.TOTP})), Step.SECOND_FACTOR),
        (replace(EITHER, factors=PICTURES, second_factors=frozenset({Factor.TOTP})), Step.STEP_UP),
        (replace(EITHER, factors=BOTH, second_factors=frozenset({Factor.TOTP})), Step.DONE),
        (replace(PUPIL, code_expired=True), Step.NEW_CODE),
        (replace(PUPIL, acting_choices=2), Step.STEP_UP),
        (replace(PUPIL, silent=True), Step.REFUSED),
        (SignInFacts(silent=True), Step.REFUSED),
        (SignInFacts(silent=True, factors=PASSWORD), Step.DONE),
        (SignInFacts(silent=True, factors=PASSWORD, fresh_since=LATER), Step.REFUSED),
    ],
)
def test_the_next_step_follows_from_what_is_proven(facts: SignInFacts, step: Step) -> None:
    assert next_step(facts) is step


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (SignInFacts(silent=True), Reason.PAGE_NEEDED),
        (replace(TYPED, factors=PASSWORD, code_expired=True, silent=True), Reason.PAGE_NEEDED),
        (SignInFacts(factors=PASSWORD, consent=ASK, silent=True), Reason.CONSENT_NEEDED),
        (SignInFacts(consent=ASK, silent=True), Reason.PAGE_NEEDED),
        (SignInFacts(factors=PASSWORD, other_screen=True, silent=True), Reason.PAGE_NEEDED),
        (replace(TYPED, lock=WAIT), Reason.WAIT_BEFORE_TRYING),
        (replace(TYPED, factors=PASSWORD, account=BLOCKED), Reason.ACCOUNT_BLOCKED),
        (SignInFacts(factors=PASSWORD, consent=TOO_YOUNG), Reason.CONSENT_TOO_YOUNG),
        (replace(TYPED, factors=PASSWORD, wanted=Assurance.TO_FAKTOR), Reason.ASSURANCE_NOT_AVAILABLE),
    ],
)
def test_a_refusal_says_why(facts: SignInFacts, reason: Reason) -> None:
    assert decide(facts) == Deny(reason)


def test_an_adults_approval_answers_for_two_factors_only_where_the_service_accepts_it() -> None:
    facts = SignInFacts(factors=(*PICTURES, ProvenFactor(Factor.ADULT, NOW)), wanted=Assurance.TO_FAKTOR)
    assert next_step(facts) is Step.REFUSED
    assert next_step(replace(facts, adult_counts_as_two=True)) is Step.DONE


BOTH_KINDS = frozenset({Factor.TOTP, Factor.PASSKEY})
APP = frozenset({Factor.TOTP, Factor.RECOVERY_CODE})
TWO_WANTED = replace(TYPED, factors=PASSWORD, wanted=Assurance.TO_FAKTOR, may_carry=BOTH_KINDS)
TO_ENROL = replace(TYPED, factors=PASSWORD, task=Task.ENROL_FACTOR, may_carry=BOTH_KINDS)
PICTURES_AND_TWO = replace(TWO_WANTED, kind=CodeKind.PICTURES, factors=PICTURES)


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (TWO_WANTED, Step.ENROL_FACTOR),
        (replace(TWO_WANTED, second_factors=APP), Step.SECOND_FACTOR),
        (replace(TWO_WANTED, second_factors=APP, factors=BOTH), Step.DONE),
        (replace(TWO_WANTED, second_factors=APP, factors=BOTH, fresh_since=LATER), Step.PASSWORD),
        (replace(TWO_WANTED, second_factors=APP, used_pass=True), Step.ENROL_FACTOR),
        (replace(TWO_WANTED, second_factors=APP, factors=BOTH, enrolling=True), Step.ENROL_FACTOR),
        (replace(TWO_WANTED, second_factors=APP, code_expired=True), Step.NEW_CODE),
        (replace(TWO_WANTED, second_factors=APP, silent=True), Step.REFUSED),
        (replace(TWO_WANTED, second_factors=APP, account=BLOCKED), Step.REFUSED),
        (replace(TWO_WANTED, factors=(ProvenFactor(Factor.PASSKEY, NOW),)), Step.DONE),
        (replace(TWO_WANTED, second_factors=APP, wanted=Assurance.EN_FAKTOR), Step.DONE),
        (replace(TWO_WANTED, second_factors=APP, wanted=Assurance.VOKSEN_VERIFICERET), Step.REFUSED),
        (PICTURES_AND_TWO, Step.ENROL_FACTOR),
        (replace(PICTURES_AND_TWO, second_factors=APP, may_carry=frozenset()), Step.REFUSED),
        (replace(PICTURES_AND_TWO, second_factors=BOTH_KINDS), Step.SECOND_FACTOR),
        (TO_ENROL, Step.ENROL_FACTOR),
        (replace(TO_ENROL, second_factors=APP), Step.SECOND_FACTOR),
        (replace(TO_ENROL, second_factors=APP, factors=BOTH), Step.ENROL_FACTOR),
        (replace(TO_ENROL, second_factors=APP, factors=BOTH, task_done=True), Step.DONE),
        (replace(TO_ENROL, task_done=True), Step.DONE),
        (replace(TO_ENROL, may_carry=frozenset()), Step.REFUSED),
    ],
)
def test_a_second_factor_is_asked_for_or_enrolled(facts: SignInFacts, step: Step) -> None:
    assert next_step(facts) is step


_FACTS = st.builds(
    SignInFacts,
    kind=st.none() | st.sampled_from(CodeKind),
    asks_for_sign=st.booleans(),
    new_code=st.none() | st.builds(NewCode, seen=st.booleans()),
    factors=st.lists(
        st.builds(ProvenFactor, factor=st.sampled_from(Factor), at=st.sampled_from((NOW, LATER))), max_size=3
    ).map(tuple),
    fresh_since=st.none() | st.sampled_from((NOW, LATER)),
    wanted=st.sampled_from(Assurance),
    adult_counts_as_two=st.booleans(),
    code_expired=st.booleans(),
    acting_choices=st.integers(1, 3),
    acting_chosen=st.booleans(),
    acting_ended=st.booleans(),
    shared_session=st.booleans(),
    other_screen=st.booleans(),
    consent=st.sampled_from((Allow(), ASK, TOO_YOUNG)),
    silent=st.booleans(),
    lock=st.sampled_from((Allow(), WAIT)),
    account=st.sampled_from((Allow(), BLOCKED)),
)


@given(_FACTS)
def test_nobody_is_through_without_a_fresh_factor(facts: SignInFacts) -> None:
    stale = replace(facts, fresh_since=LATER + timedelta(seconds=1))
    assert next_step(stale) is not Step.DONE


@given(_FACTS)
def test_no_page_is_ever_shown_in_silence(facts: SignInFacts) -> None:
    assert not isinstance(decide(replace(facts, silent=True)), Require)


@given(_FACTS)
def test_what_is_wrong_with_the_account_shows_only_after_a_right_code(facts: SignInFacts) -> None:
    unproven = replace(facts, factors=())
    for account in (Allow(), BLOCKED):
        for expired in (False, True):
            assert decide(replace(unproven, account=account, code_expired=expired)) == decide(unproven)


@given(_FACTS)
def test_a_second_factor_that_is_asked_for_is_not_asked_for_again(facts: SignInFacts) -> None:
    if next_step(facts) is Step.SECOND_FACTOR:
        password = any(proven.factor is Factor.PASSWORD for proven in facts.factors)
        given = facts.second_factors if password else facts.second_factors & {Factor.PASSKEY}
        for kind in given:
            after = replace(facts, factors=(*facts.factors, ProvenFactor(kind, LATER)))
            assert next_step(after) is not Step.SECOND_FACTOR


@given(_FACTS)
def test_nobody_is_done_with_one_factor_where_two_are_wanted(facts: SignInFacts) -> None:
    if next_step(replace(facts, wanted=Assurance.TO_FAKTOR, adult_counts_as_two=False)) is Step.DONE:
        assert Assurance.TO_FAKTOR in levels_of([proven.factor for proven in facts.factors])


@given(_FACTS)
def test_nobody_is_done_who_has_not_said_yes_where_it_is_asked(facts: SignInFacts) -> None:
    assert next_step(replace(facts, other_screen=True)) is not Step.DONE
    assert next_step(replace(facts, consent=ASK)) is not Step.DONE
    assert next_step(replace(facts, consent=TOO_YOUNG)) is not Step.DONE
