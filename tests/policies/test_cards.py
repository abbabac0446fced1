"""School cards (decision 11): the token that a scanner types, and when and where a school lets its cards work."""

from __future__ import annotations

import secrets
from datetime import datetime
from math import log2
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.administration import Attachment, Opener, Subject
from policies.cards import (
    ALPHABET,
    ANIMALS,
    NO_CARDS,
    TOKEN_SPACE,
    CardRule,
    CardRuleFault,
    card_rule,
    giving_institution,
    looks_like_a_scan,
    may_give_card,
    may_have_card,
    may_use,
    new_card_token,
    read_card_rule,
    read_card_token,
)
from policies.decision import Allow, Deny
from policies.pictures import PICTURES
from policies.vocabulary import ActorGroup, Reason, Role, Stage

if TYPE_CHECKING:
    from policies.rules import Rules

TOKEN = new_card_token(lambda _: 0x5EED_5EED_5EED_5EED_5EED_5EED_5EED_5EED)
NUMBERS = st.integers(min_value=0, max_value=TOKEN_SPACE - 1)


def a_rule(**changes: object) -> CardRule:
    return card_rule(
        **{  # type: ignore[arg-type]
            "enabled": True,
            "days": [1, 2, 3, 4, 5],
            "opens": "07:30",
            "closes": "16:00",
            "networks": ["192.0.2.0/24", "2001:db8::/48"],
            **changes,
        }
    )


# ── The token ──


def test_a_token_holds_at_least_128_random_bits() -> None:
    assert log2(TOKEN_SPACE) > 128


def test_a_token_is_typed_alike_on_danish_english_and_german_keyboards() -> None:
    assert set(TOKEN.lower()) <= set("0123456789abcdefghijklmnopqrstuvwx")
    assert not set(ALPHABET) & set("aeiouyz")  # nor does it spell a word


def test_a_token_fits_the_dense_mode_of_a_qr_code() -> None:
    assert set(TOKEN) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
    assert len(TOKEN) <= 47  # version 3 with the second-best error correction


@given(NUMBERS)
def test_every_token_is_read_again_in_either_case(number: int) -> None:
    token = new_card_token(lambda _: number)
    assert read_card_token(token) == read_card_token(f" {token.lower()}\n") == token.lower()
    assert looks_like_a_scan(token)


@given(NUMBERS, st.integers(min_value=3, max_value=32), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_noticed(number: int, place: int, letter: str) -> None:
    token = new_card_token(lambda _: number).lower()
    changed = token[:place] + letter + token[place + 1 :]
    assert read_card_token(changed) == (token if changed == token else None)
    assert looks_like_a_scan(changed)


@given(NUMBERS, st.integers(min_value=3, max_value=29))
def test_two_letters_that_are_swapped_are_noticed(number: int, place: int) -> None:
    token = new_card_token(lambda _: number).lower()
    swapped = token[:place] + token[place + 1] + token[place] + token[place + 2 :]
    assert read_card_token(swapped) == (token if swapped == token else None)


@pytest.mark.parametrize("length", [12, 20, 32])
def test_half_a_scan_is_no_token_and_no_username_either(length: int) -> None:
    assert read_card_token(TOKEN[:length]) is None
    assert looks_like_a_scan(TOKEN[:length])


@pytest.mark.parametrize(
    "typed", ["", "asta1234", "skp", "skpt1234", "skolepas", "Skp Jensen", "skpærø123456789", "1234567890"]
)
def test_a_username_does_not_look_like_a_scan(typed: str) -> None:
    assert not looks_like_a_scan(typed)
    assert read_card_token(typed) is None


def test_tokens_differ() -> None:
    assert len({new_card_token(secrets.randbelow) for _ in range(100)}) == 100


def test_no_animal_is_a_picture_of_a_code_or_a_sign(rules: Rules) -> None:
    assert len(set(ANIMALS)) == len(ANIMALS) >= 20
    assert not set(ANIMALS) & {*PICTURES, *rules.window.signs}


# ── When and where ──


@pytest.mark.parametrize(
    ("local", "address", "answer"),
    [
        ("2026-11-23 07:30", "192.0.2.7", None),
        ("2026-11-27 15:59", "192.0.2.255", None),
        ("2026-11-23 08:00", "2001:db8::1", None),
        ("2026-11-23 08:00", "::ffff:192.0.2.7", None),
        ("2026-11-23 07:29", "192.0.2.7", Reason.CARD_OUT_OF_HOURS),
        ("2026-11-23 16:00", "192.0.2.7", Reason.CARD_OUT_OF_HOURS),
        ("2026-11-22 08:00", "192.0.2.7", Reason.CARD_OUT_OF_HOURS),
        ("2026-11-28 08:00", "192.0.2.7", Reason.CARD_OUT_OF_HOURS),
        ("2026-11-23 08:00", "192.0.3.7", Reason.CARD_OTHER_NETWORK),
        ("2026-11-23 08:00", "2001:db9::1", Reason.CARD_OTHER_NETWORK),
        ("2026-11-23 08:00", "", Reason.CARD_OTHER_NETWORK),
        ("2026-11-23 08:00", "a proxy", Reason.CARD_OTHER_NETWORK),
    ],
)
def test_a_card_works_at_the_times_and_networks_that_the_school_sets(
    local: str, address: str, answer: Reason | None
) -> None:
    found = may_use(a_rule(), datetime.fromisoformat(local), address)
    assert found == (Allow() if answer is None else Deny(answer))


def test_a_school_that_has_set_nothing_has_no_cards() -> None:
    assert may_use(NO_CARDS, datetime.fromisoformat("2026-11-23 08:00"), "192.0.2.7") == Deny(Reason.CARD_OFF)
    assert may_use(a_rule(enabled=False), datetime.fromisoformat("2026-11-23 08:00"), "192.0.2.7") == Deny(
        Reason.CARD_OFF
    )


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"days": [0, 8]}, "days are 1 (Monday) to 7 (Sunday), not 0, 8"),
        ({"opens": "7"}, "7 is no time of day; write 07:30"),
        ({"closes": "24:00"}, "24:00 is no time of day; write 07:30"),
        ({"opens": "16:00"}, "cards must stop working later than 16:00"),
        ({"days": []}, "cards that work on no day do not work: name the days"),
        ({"networks": []}, "cards that work on no network do not work"),
        ({"networks": ["192.0.2.7/24"]}, "192.0.2.7/24 is no network"),
        ({"networks": ["the school"]}, "the school is no network"),
    ],
)
def test_what_a_school_sets_is_checked(changes: dict[str, object], fault: str) -> None:
    with pytest.raises(CardRuleFault) as raised:
        a_rule(**changes)
    assert any(str(found).startswith(fault) for found in raised.value.faults)


def test_all_faults_are_named_together() -> None:
    with pytest.raises(CardRuleFault) as raised:
        a_rule(days=[9], opens="noon", networks=["x", "y"])
    assert len(raised.value.faults) == 4


def test_a_rule_is_kept_and_read_again() -> None:
    assert read_card_rule(a_rule().to_json()) == a_rule()


@pytest.mark.parametrize("kept", [None, {}, "on", {"enabled": True}, {**a_rule().to_json(), "days": []}, {"x": 1}])
def test_what_cannot_be_read_means_no_cards(kept: object) -> None:
    assert read_card_rule(kept) == NO_CARDS


# ── Who ──


@pytest.mark.parametrize("stage", [*Stage, None])
def test_only_the_youngest_have_cards(rules: Rules, stage: Stage | None) -> None:
    young = stage in {Stage.DAYCARE, Stage.INDSKOLING}
    assert may_have_card(rules.cards, stage) == (Allow() if young else Deny(Reason.CARD_NOT_FOR_STAGE))


PUPIL = Attachment("A00001", ActorGroup.PUPIL, confirmed=True, groups=frozenset({"1a"}))
TEACHER = Attachment(
    "A00001", ActorGroup.STAFF, confirmed=True, groups=frozenset({"1a"}), roles=frozenset({Role.TEACHER})
)


@pytest.mark.parametrize(
    ("opener", "subject", "answer"),
    [
        (Opener(operator=True), (PUPIL,), None),
        (Opener("1", (TEACHER,)), (PUPIL,), None),
        (Opener("1", administers=frozenset({"A00001"})), (PUPIL,), None),
        (Opener("1", administers=frozenset({"B00001"})), (PUPIL,), Reason.NOT_YOUR_PUPIL),
        (Opener("1"), (PUPIL,), Reason.RIGHT_MISSING),
        (Opener("2", administers=frozenset({"A00001"})), (PUPIL,), Reason.NOT_FOR_YOURSELF),
        (Opener(operator=True), (TEACHER,), Reason.NOT_A_PUPIL),
        (Opener("1", administers=frozenset({"A00001"})), (PUPIL, TEACHER), Reason.STAFF_NOT_THROUGH_PUPIL),
    ],
)
def test_whoever_may_help_a_pupil_to_a_new_code_may_give_a_card(
    opener: Opener, subject: tuple[Attachment, ...], answer: Reason | None
) -> None:
    assert may_give_card(opener, Subject("2", subject)) == (Allow() if answer is None else Deny(answer))


def test_a_card_is_of_the_institution_through_which_the_power_runs() -> None:
    elsewhere = Attachment("B00001", ActorGroup.PUPIL, confirmed=True)
    unconfirmed = Attachment("C00001", ActorGroup.PUPIL, confirmed=False)
    subject = Subject("2", (unconfirmed, elsewhere, PUPIL))
    assert giving_institution(Opener("1", (TEACHER,)), subject) == "A00001"
    assert giving_institution(Opener(operator=True), subject) == "B00001"
    assert giving_institution(Opener("1", administers=frozenset({"C00001"})), subject) is None
