from __future__ import annotations

from dataclasses import replace

import pytest

from policies.administration import (
    Attachment,
    Opener,
    Subject,
    may_administer,
    may_force_stage,
    may_open_window,
    may_see_person,
)
from policies.decision import Allow, Deny
from policies.vocabulary import ActorGroup, Reason, Role

CLASS = frozenset({"1a"})
PUPIL = Attachment("A04441", ActorGroup.PUPIL, confirmed=True, groups=CLASS)
NEW_PUPIL = replace(PUPIL, institution="B00002", confirmed=False)
STAFF = Attachment("A04441", ActorGroup.STAFF, confirmed=True, groups=CLASS, roles=frozenset({Role.TEACHER}))
PARENT = Attachment("A04441", ActorGroup.CONTACT, confirmed=True)

EMMA = Subject("emma", (PUPIL,))
EMMA_ALSO_AT_B = Subject("emma", (PUPIL, NEW_PUPIL))
TEACHER = Opener("hanne", (STAFF,))
TEACHER_AT_B = Opener("bente", (replace(STAFF, institution="B00002"),))
ADMINISTRATOR = Opener(
    "poul", (replace(STAFF, roles=frozenset({Role.TECHNICAL}), groups=frozenset()),), frozenset({"A04441"})
)
ADMINISTRATOR_AT_B = replace(ADMINISTRATOR, administers=frozenset({"B00002"}))
OPERATOR = Opener(operator=True)

YES = Allow()


@pytest.mark.parametrize(
    ("opener", "subject", "expected"),
    [
        (TEACHER, EMMA, YES),
        (replace(TEACHER, attachments=(replace(STAFF, roles=frozenset({Role.PEDAGOGUE})),)), EMMA, YES),
        (ADMINISTRATOR, EMMA, YES),
        (OPERATOR, EMMA, YES),
        # not one's own pupils
        (replace(TEACHER, attachments=(replace(STAFF, groups=frozenset({"2b"})),)), EMMA, Reason.NOT_YOUR_PUPIL),
        (replace(TEACHER, attachments=(replace(STAFF, groups=frozenset()),)), EMMA, Reason.NOT_YOUR_PUPIL),
        (TEACHER_AT_B, EMMA, Reason.NOT_YOUR_PUPIL),
        (ADMINISTRATOR_AT_B, EMMA, Reason.NOT_YOUR_PUPIL),
        # no office
        (Opener("nobody"), EMMA, Reason.RIGHT_MISSING),
        (replace(ADMINISTRATOR, administers=frozenset()), EMMA, Reason.RIGHT_MISSING),
        (replace(TEACHER, attachments=(replace(STAFF, confirmed=False),)), EMMA, Reason.RIGHT_MISSING),
        (Opener("mother", (PARENT,)), EMMA, Reason.RIGHT_MISSING),
        (Opener("classmate", (PUPIL,)), EMMA, Reason.RIGHT_MISSING),
        # a school that attached an existing account, before anybody has confirmed it
        (TEACHER_AT_B, EMMA_ALSO_AT_B, Reason.ATTACHMENT_NOT_CONFIRMED),
        (ADMINISTRATOR_AT_B, EMMA_ALSO_AT_B, Reason.ATTACHMENT_NOT_CONFIRMED),
        (TEACHER, EMMA_ALSO_AT_B, YES),
        (TEACHER_AT_B, Subject("emma", (PUPIL, replace(NEW_PUPIL, confirmed=True))), YES),
        (OPERATOR, Subject("emma", (NEW_PUPIL,)), Reason.ATTACHMENT_NOT_CONFIRMED),
        # staff, and people who are pupils somewhere else
        (ADMINISTRATOR, Subject("lars", (STAFF,)), Reason.STAFF_NOT_THROUGH_PUPIL),
        (ADMINISTRATOR, Subject("lars", (PUPIL, STAFF)), Reason.STAFF_NOT_THROUGH_PUPIL),
        (ADMINISTRATOR, Subject("lars", (PUPIL, replace(STAFF, confirmed=False))), Reason.STAFF_NOT_THROUGH_PUPIL),
        (
            TEACHER,
            Subject("lars", (PUPIL, replace(STAFF, actor_group=ActorGroup.EXTERNAL))),
            Reason.STAFF_NOT_THROUGH_PUPIL,
        ),
        (OPERATOR, Subject("lars", (STAFF,)), YES),
        # neither pupil nor staff
        (ADMINISTRATOR, Subject("mother", (PARENT,)), Reason.NOT_A_PUPIL),
        (OPERATOR, Subject("mother", (PARENT,)), YES),
        (ADMINISTRATOR, Subject("gone"), Reason.NOT_A_PUPIL),
        (OPERATOR, Subject("gone"), Reason.NO_CURRENT_ATTACHMENT),
        # oneself
        (TEACHER, Subject("hanne", (PUPIL,)), Reason.NOT_FOR_YOURSELF),
    ],
)
def test_power_over_a_code_runs_through_a_confirmed_pupil_attachment(
    opener: Opener, subject: Subject, expected: Allow | Reason
) -> None:
    assert may_open_window(opener, subject) == (Deny(expected) if isinstance(expected, Reason) else expected)


@pytest.mark.parametrize(
    ("opener", "subject", "see", "administer", "force"),
    [
        (ADMINISTRATOR, EMMA, YES, YES, YES),
        (OPERATOR, EMMA, YES, YES, YES),
        (ADMINISTRATOR, Subject("emma", (PUPIL, replace(NEW_PUPIL, confirmed=True))), YES, YES, YES),
        # a teacher has no such power, over own pupils neither
        (TEACHER, EMMA, Reason.RIGHT_MISSING, Reason.RIGHT_MISSING, Reason.RIGHT_MISSING),
        # of another institution, or nobody
        (ADMINISTRATOR_AT_B, EMMA, *[Reason.OUTSIDE_YOUR_INSTITUTIONS] * 3),
        (ADMINISTRATOR, Subject("gone"), *[Reason.OUTSIDE_YOUR_INSTITUTIONS] * 3),
        # attached here too, and nobody has confirmed it
        (ADMINISTRATOR_AT_B, EMMA_ALSO_AT_B, *[Reason.ATTACHMENT_NOT_CONFIRMED] * 3),
        (ADMINISTRATOR, EMMA_ALSO_AT_B, YES, YES, YES),
        # staff are seen, and left alone
        (ADMINISTRATOR, Subject("lars", (STAFF,)), YES, *[Reason.STAFF_NOT_THROUGH_PUPIL] * 2),
        (ADMINISTRATOR, Subject("lars", (PUPIL, replace(STAFF, institution="B"))), YES,
         *[Reason.STAFF_NOT_THROUGH_PUPIL] * 2),
        (ADMINISTRATOR, Subject("poul", (STAFF,)), YES, *[Reason.NOT_FOR_YOURSELF] * 2),
        (OPERATOR, Subject("lars", (STAFF,)), YES, YES, Reason.STAFF_NOT_THROUGH_PUPIL),
        # contacts, and pupils who are parents
        (ADMINISTRATOR, Subject("mother", (PARENT,)), YES, *[Reason.NOT_A_PUPIL] * 2),
        (ADMINISTRATOR, Subject("mother", (PUPIL, PARENT)), YES, YES, Reason.NOT_ONLY_A_PUPIL),
        (OPERATOR, Subject("mother", (PARENT,)), YES, YES, Reason.NOT_A_PUPIL),
        (OPERATOR, Subject("gone"), YES, YES, Reason.NOT_A_PUPIL),
        # a pupil elsewhere, a parent here
        (ADMINISTRATOR, Subject("mother", (replace(PUPIL, institution="B00002"), PARENT)), YES,
         *[Reason.NOT_A_PUPIL] * 2),
    ],
)  # fmt: skip
def test_an_administrator_sees_the_own_institutions_people_and_has_power_over_its_pupils(
    opener: Opener, subject: Subject, see: Allow | Reason, administer: Allow | Reason, force: Allow | Reason
) -> None:
    expected = [Deny(answer) if isinstance(answer, Reason) else answer for answer in (see, administer, force)]
    assert [policy(opener, subject) for policy in (may_see_person, may_administer, may_force_stage)] == expected
