from __future__ import annotations

import pytest

from policies.administration import Attachment, Opener, Subject
from policies.decision import Allow, Deny
from policies.passes import may_issue_pass
from policies.vocabulary import ActorGroup, Reason

OWN, OTHER = "A00001", "A00002"
STAFF, PUPIL, CONTACT = ActorGroup.STAFF, ActorGroup.PUPIL, ActorGroup.CONTACT
ADMINISTRATOR = Opener("1", administers=frozenset({OWN}))


def somebody(*attachments: tuple[ActorGroup, str], confirmed: bool = True, person: str = "2") -> Subject:
    return Subject(person, tuple(Attachment(where, group, confirmed=confirmed) for group, where in attachments))


@pytest.mark.parametrize(
    ("opener", "subject", "answer"),
    [
        (ADMINISTRATOR, somebody((STAFF, OWN)), Allow()),
        (ADMINISTRATOR, somebody((STAFF, OWN), (STAFF, OTHER)), Allow()),
        (ADMINISTRATOR, somebody((PUPIL, OWN)), Allow()),
        (ADMINISTRATOR, somebody((CONTACT, OWN)), Allow()),
        (ADMINISTRATOR, somebody((STAFF, OWN), person="1"), Deny(Reason.NOT_FOR_YOURSELF)),
        (ADMINISTRATOR, somebody((STAFF, OTHER)), Deny(Reason.RIGHT_MISSING)),
        (ADMINISTRATOR, somebody((STAFF, OTHER), (CONTACT, OWN)), Deny(Reason.STAFF_NOT_THROUGH_PUPIL)),
        (ADMINISTRATOR, somebody((STAFF, OWN), confirmed=False), Deny(Reason.ATTACHMENT_NOT_CONFIRMED)),
        (ADMINISTRATOR, somebody(), Deny(Reason.NO_CURRENT_ATTACHMENT)),
        (Opener("1"), somebody((STAFF, OWN)), Deny(Reason.RIGHT_MISSING)),
        (Opener(operator=True), somebody((STAFF, OTHER)), Allow()),
        (Opener(operator=True), somebody((STAFF, OTHER), confirmed=False), Deny(Reason.ATTACHMENT_NOT_CONFIRMED)),
    ],
)
def test_who_may_give_whom_a_pass(opener: Opener, subject: Subject, answer: Allow | Deny) -> None:
    assert may_issue_pass(opener, subject) == answer
