"""The plan: sizes, seeds, and the people worth logging in as."""

from __future__ import annotations

import pytest

from admin_ui.demo.municipality import draw_rolls, plan_municipality

PERSONAS = {
    "first-grader",
    "fifth-grader",
    "eighth-grader",
    "special-class-pupil",
    "protected-pupil",
    "pupil-at-two-schools",
    "daycare-child",
    "gymnasium-student",
    "teacher",
    "teacher-parent",
    "leader",
    "parent",
}


def test_four_named_institutions_make_the_default_municipality() -> None:
    assert [(one.number, one.name, one.kind) for one in plan_municipality().institutions] == [
        ("X00A01", "Nordlysskolen", "grundskole"),
        ("X00A02", "Fjordens Friskole", "friskole"),
        ("X00A03", "Børnehuset Mælkevejen", "dagtilbud"),
        ("X00A04", "Nordlys Gymnasium", "gymnasium"),
    ]


@pytest.mark.parametrize("seed", [0, 1, 7, 2026, 99991])
@pytest.mark.parametrize("people", [400, 1500])
def test_any_seed_and_size_brings_one_persona_of_each_kind(people: int, seed: int) -> None:
    personas = plan_municipality(people=people, seed=seed).personas
    assert {one.kind for one in personas} == PERSONAS
    assert len({one.key for one in personas}) == len(personas) == len(PERSONAS)


def test_a_persona_is_told_in_both_languages() -> None:
    assert all(one.told_da and one.told_en for one in plan_municipality().personas)


def test_only_a_contact_is_found_through_a_child() -> None:
    for one in plan_municipality().personas:
        through_child = one.contact_of is not None and one.relation is not None
        assert through_child == (one.kind == "parent")
        assert (one.local_person_id is None) == through_child


@pytest.mark.parametrize("seed", [0, 1, 7, 2026, 99991])
def test_about_1500_people_live_there_whatever_the_seed(seed: int) -> None:
    assert 1400 <= plan_municipality(seed=seed).people <= 1600


@pytest.mark.parametrize("people", [2600, 6000])
def test_a_larger_municipality_has_more_schools_and_about_as_many_people_as_asked(people: int) -> None:
    planned = plan_municipality(people=people)
    assert abs(planned.people - people) < people * 0.05
    extra = planned.institutions[4:]
    assert extra
    assert all(one.kind == "grundskole" for one in extra)
    numbers = [one.number for one in planned.institutions]
    assert numbers == sorted(set(numbers))
    assert all(len(number) == 6 for number in numbers)
    assert len({one.name for one in planned.institutions}) == len(numbers)


def test_another_seed_draws_other_people() -> None:
    first, second = (next(draw_rolls(plan_municipality(seed=seed))).pupils[0].person for seed in (1, 2))
    assert (first.given, first.family, first.cpr) != (second.given, second.family, second.cpr)


def test_too_few_people_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 400"):
        plan_municipality(people=399)


@pytest.mark.parametrize("school_year", ["2026", "2026-2028", "2026/2027", " 2026-2027", "2026-2027\n"])
def test_what_is_no_school_year_is_refused(school_year: str) -> None:
    with pytest.raises(ValueError, match="school year"):
        plan_municipality(school_year=school_year)
