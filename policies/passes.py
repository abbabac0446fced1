"""Who may give somebody a one-time pass, with which one second factor is enrolled or a lost one replaced (decision 6).

A pass gives nobody a code: whoever uses it has the person's own as well. It comes from *another* administrator, so that
two people are needed to make a new way into an account that holds power.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.decision import Allow, Deny
from policies.vocabulary import ActorGroup, Reason

if TYPE_CHECKING:
    from policies.administration import Opener, Subject

_AT_WORK = frozenset({ActorGroup.STAFF, ActorGroup.EXTERNAL})


def may_issue_pass(opener: Opener, subject: Subject) -> Allow | Deny:
    """Say whether ``opener`` may issue a pass to ``subject``.

    The operator may to everybody who has a confirmed attachment. A user administrator may to whoever an own institution
    has confirmed; to somebody who works at a school only where it is an own one that the person works at.
    """
    if opener.person is not None and opener.person == subject.person:
        return Deny(Reason.NOT_FOR_YOURSELF)
    confirmed = [attachment for attachment in subject.attachments if attachment.confirmed]
    if not subject.attachments:
        return Deny(Reason.NO_CURRENT_ATTACHMENT)
    if not confirmed:
        return Deny(Reason.ATTACHMENT_NOT_CONFIRMED)
    if opener.operator:
        return Allow()
    own = [attachment for attachment in confirmed if attachment.institution in opener.administers]
    if not own:
        return Deny(Reason.RIGHT_MISSING)
    works = any(attachment.actor_group in _AT_WORK for attachment in subject.attachments)
    if works and not any(attachment.actor_group in _AT_WORK for attachment in own):
        return Deny(Reason.STAFF_NOT_THROUGH_PUPIL)
    return Allow()
