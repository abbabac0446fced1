"""Giving a card, taking it back, and whether it works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from idp.errors import Refused
from idp.store.affiliations import Affiliation
from idp.store.credentials import SchoolCard
from idp.usecases.cards import (
    RefusedCard,
    UsedCard,
    card_rule_of,
    give_card,
    give_cards_to_class,
    live_cards,
    take_card_back,
    use_card,
)
from policies.cards import NO_CARDS
from policies.vocabulary import Level, Reason
from tests import recipes
from tests.cards.at_school import ELSEWHERE, HERE, a_card, recorded, use_cards

if TYPE_CHECKING:
    from idp.usecases.system import System
    from tests.conftest import StandingClock
    from tests.opponents.school_day import SchoolDay


def used(system: System, scanned: str, address: str = HERE) -> UsedCard | Reason:
    with system.database.writing() as db:
        answer = use_card(db, system, scanned=scanned, address=address)
        return answer.reason if isinstance(answer, RefusedCard) else answer


def test_a_card_tells_whose_it_is(day: SchoolDay) -> None:
    use_cards(day.system, day.school)
    answer = used(day.system, a_card(day.system, day.asta))
    assert isinstance(answer, UsedCard)
    assert (answer.person_id, answer.username) == (day.asta.id, day.asta.username)


def test_only_the_digest_of_a_token_is_kept_and_no_record_holds_one(day: SchoolDay) -> None:
    use_cards(day.system, day.school)
    token = a_card(day.system, day.asta)
    used(day.system, token)
    with day.system.database.reading() as db:
        card = db.execute(select(SchoolCard)).scalar_one()
        assert len(card.token_digest) == 32
        assert token.lower().encode() not in card.token_digest
    facts = str(recorded(day.system, "card:card:issued", "card:card:used"))
    assert token[3:20].lower() not in facts.lower()


def test_a_new_card_replaces_the_old_one(day: SchoolDay) -> None:
    use_cards(day.system, day.school)
    old, new = a_card(day.system, day.asta), a_card(day.system, day.asta)
    assert used(day.system, old) is Reason.CARD_REVOKED
    assert isinstance(used(day.system, new), UsedCard)
    assert [facts.get("why") for _, facts in recorded(day.system, "card:card:revoked")] == ["replaced"]


def test_a_lost_card_is_taken_back_once(day: SchoolDay) -> None:
    use_cards(day.system, day.school)
    token = a_card(day.system, day.asta)
    with day.system.database.writing() as db:
        assert take_card_back(db, day.system, person_id=day.asta.id, taken_by=None, lost=True)
    with day.system.database.writing() as db:
        assert not take_card_back(db, day.system, person_id=day.asta.id, taken_by=None)
    assert used(day.system, token) is Reason.CARD_REVOKED


@pytest.mark.parametrize(
    ("changes", "address", "reason"),
    [
        ({"enabled": False}, HERE, Reason.CARD_OFF),
        ({"days": [2]}, HERE, Reason.CARD_OUT_OF_HOURS),
        ({"opens": "09:01"}, HERE, Reason.CARD_OUT_OF_HOURS),  # the clock stands at 9:00 in Denmark
        ({}, ELSEWHERE, Reason.CARD_OTHER_NETWORK),
    ],
)
def test_a_card_works_when_and_where_the_school_says(
    day: SchoolDay, changes: dict[str, object], address: str, reason: Reason
) -> None:
    use_cards(day.system, day.school, **changes)
    assert used(day.system, a_card(day.system, day.asta), address) is reason
    assert [facts["reason"] for _, facts in recorded(day.system, "card:card:refused")] == [reason.value]


def test_a_school_that_says_nothing_has_no_cards(day: SchoolDay) -> None:
    with day.system.database.reading() as db:
        assert card_rule_of(db, day.school.id) == NO_CARDS
    assert used(day.system, a_card(day.system, day.asta)) is Reason.CARD_OFF


def test_the_hours_are_the_schools_own_in_summer_and_winter(day: SchoolDay, clock: StandingClock) -> None:
    use_cards(day.system, day.school, days=[1, 2, 3, 4, 5, 6, 7], opens="09:00", closes="09:01")
    token = a_card(day.system, day.asta)
    assert isinstance(used(day.system, token), UsedCard)
    clock.advance(days=210, hours=-1)  # in June nine o'clock is an hour earlier
    assert isinstance(used(day.system, token), UsedCard)


def test_an_unknown_card_is_on_record_and_a_half_read_one_is_not(day: SchoolDay) -> None:
    token = a_card(day.system, day.asta)
    with day.system.database.writing() as db:
        db.execute(update(SchoolCard).values(token_digest=b"0" * 32))
    assert used(day.system, token) is Reason.CARD_UNKNOWN
    assert used(day.system, token[:-1]) is Reason.CARD_UNREADABLE
    assert len(recorded(day.system, "card:card:refused")) == 1


def test_a_card_stops_working_when_its_pupil_leaves_the_school(day: SchoolDay) -> None:
    use_cards(day.system, day.school)
    token = a_card(day.system, day.asta)
    with day.system.database.writing() as db:
        db.execute(update(Affiliation).where(Affiliation.person_id == day.asta.id).values(valid_to=day.system.now()))
    assert used(day.system, token) is Reason.CARD_OF_ANOTHER_SCHOOL


def test_a_card_stops_working_when_its_pupil_has_learnt_to_type(day: SchoolDay) -> None:
    use_cards(day.system, day.school)
    token = a_card(day.system, day.asta)
    with day.system.database.writing() as db:
        db.execute(update(Affiliation).where(Affiliation.person_id == day.asta.id).values(level=Level.G4.value))
    assert used(day.system, token) is Reason.CARD_NOT_FOR_STAGE


def test_older_pupils_and_teachers_get_no_card(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        teacher = recipes.a_teacher(db, day.system, day.school)
        for person, reason in ((day.bo, Reason.CARD_NOT_FOR_STAGE), (teacher, Reason.NOT_A_PUPIL)):
            with pytest.raises(Refused) as refused:
                give_card(db, day.system, person_id=person.id, given_by=None)
            assert refused.value.reason is reason


def test_a_teacher_gives_cards_to_the_own_class_and_to_no_other(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        own = recipes.a_class(db, day.system, day.school, "1a")
        other = recipes.a_class(db, day.system, day.school, "1b")
        teacher = recipes.a_teacher(db, day.system, day.school, of=own)
        pupils = [recipes.a_pupil(db, day.system, day.school, group=own, first_name=name) for name in ("Åse", "Bo")]
        recipes.a_pupil(db, day.system, day.school, group=own, level=Level.G5)
        recipes.a_pupil(db, day.system, day.school, group=other)
        made, without = give_cards_to_class(
            db, day.system, institution_id=day.school.id, group_id=own, given_by=teacher.id
        )
        assert sorted(card.person_id for card in made) == sorted(pupil.id for pupil in pupils)
        assert {(card.class_name, card.name) for card in made} == {("1a", "Åse Prøvesen"), ("1a", "Bo Prøvesen")}
        assert [one.reason for one in without] == [Reason.CARD_NOT_FOR_STAGE]
        made, without = give_cards_to_class(
            db, day.system, institution_id=day.school.id, group_id=other, given_by=teacher.id
        )
        assert not made
        assert [one.reason for one in without] == [Reason.NOT_YOUR_PUPIL]


def test_a_protected_pupils_card_carries_the_alias(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        hidden = recipes.a_pupil(db, day.system, day.school, first_name="Signe", protected=True)
        card = give_card(db, day.system, person_id=hidden.id, given_by=None)
        assert card.name == "Alias Navn"
        assert "Signe" not in repr(card)


def test_a_card_to_print_does_not_show_its_token(day: SchoolDay) -> None:
    with day.system.database.writing() as db:
        card = give_card(db, day.system, person_id=day.asta.id, given_by=None)
        assert card.token not in repr(card)


def test_the_list_holds_live_cards_and_when_they_were_used(day: SchoolDay, clock: StandingClock) -> None:
    use_cards(day.system, day.school)
    a_card(day.system, day.asta)
    token = a_card(day.system, day.asta)
    a_card(day.system, day.carl)
    clock.advance(minutes=5)
    used(day.system, token)
    with day.system.database.reading() as db:
        listed = live_cards(db, day.school.id)
    assert [(card.username, card.last_used_at) for card in listed] == [
        (day.asta.username, day.system.now()),
        (day.carl.username, None),
    ]


def test_the_database_lets_one_person_have_one_live_card(day: SchoolDay) -> None:
    a_card(day.system, day.asta)
    with pytest.raises(Exception, match=r"(?i)unique"), day.system.database.writing() as db:
        db.execute(update(SchoolCard).values(revoked_at=None))
        db.add(
            SchoolCard(
                person_id=day.asta.id,
                institution_id=day.school.id,
                token_digest=b"1" * 32,
                issued_at=day.system.now(),
            )
        )
        db.flush()
