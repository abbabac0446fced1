"""Who may do what to whom. Power over a code runs through a confirmed attachment as pupil, and no other way (decision 2).

An institution that attaches a person who already has an account gains nothing over the account until the primary
institution or the person confirms. Whoever works at a school is never reset through an attachment as pupil.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from policies.decision import Allow, Deny
from policies.vocabulary import ActorGroup, GroupType, Reason, Role

TEACHING: Final = frozenset({Role.TEACHER, Role.PEDAGOGUE})
"""The roles that help the pupils of their own classes in (STIL: the role Lærer, and a tie to a class)."""
TIES: Final = frozenset({GroupType.CLASS, GroupType.UNIT, GroupType.SFO})
"""The groups whose pupils their teachers help in. A year or a team of teachers holds far more pupils than a teacher has."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment that is current now. ``groups`` are ids of its groups, of the kinds in :data:`TIES` alone."""

    institution: str
    actor_group: ActorGroup
    confirmed: bool = False
    groups: frozenset[str] = frozenset()
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Subject:
    """The person it is done to: the account's id and all its current attachments."""

    person: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Opener:
    """The one who asks.

    operator     on the command line of the installation; holds no office at any institution
    administers  numbers of the institutions where the person holds the right of user administrator
    stands_in    ids of the groups that were given to the person for some days (``policies.substitutes``)
    """

    person: str | None = None
    attachments: tuple[Attachment, ...] = ()
    administers: frozenset[str] = frozenset()
    stands_in: frozenset[str] = frozenset()
    operator: bool = False


def may_open_window(opener: Opener, subject: Subject) -> Allow | Deny:
    """Say whether ``opener`` may open an activation window, through which ``subject`` gets a new code (decision 8).

    The operator may for everybody who has a confirmed attachment. A teacher may for the pupils of an own class, a user
    administrator for the pupils of an own institution; neither for anybody who works at a school, nor for himself.
    """
    return _first_refusal(_OF_THE_OPERATOR if opener.operator else _OF_A_SCHOOL, opener, subject)


def may_see_person(opener: Opener, subject: Subject) -> Allow | Deny:
    """Say whether an administrator may see what the school knows of a person: a confirmed attachment to an own one."""
    return _first_refusal(() if opener.operator else _SEEING, opener, subject)


def may_administer(opener: Opener, subject: Subject) -> Allow | Deny:
    """Say whether ``opener`` may block a pupil or end sessions. For school cards see ``policies.cards``.

    A user administrator may for the pupils of an own institution, for nobody who works at a school and not for himself; a
    teacher may not. The operator may for everybody.
    """
    return _first_refusal(() if opener.operator else (*_SEEING, *_ADMINISTERING), opener, subject)


def may_force_stage(opener: Opener, subject: Subject) -> Allow | Deny:
    """Say whether ``opener`` may put another stage's rules in force for ``subject``, who must be a pupil and nothing else."""
    checks = () if opener.operator else (*_SEEING, *_ADMINISTERING)
    return _first_refusal((*checks, *_FORCING), opener, subject)


def _first_refusal(checks: tuple[_Check, ...], opener: Opener, subject: Subject) -> Allow | Deny:
    refused = next((reason for refuses, reason in checks if refuses(opener, subject)), None)
    return Allow() if refused is None else Deny(refused)


def _is_oneself(opener: Opener, subject: Subject) -> bool:
    return opener.person is not None and opener.person == subject.person


def _is_attached_nowhere(_: Opener, subject: Subject) -> bool:
    return not subject.attachments


def _is_unconfirmed(_: Opener, subject: Subject) -> bool:
    return not any(attachment.confirmed for attachment in subject.attachments)


def _works_at_a_school(_: Opener, subject: Subject) -> bool:
    # Confirmed or not: who resets the code would stand inside that other school at once.
    return any(attachment.actor_group in {ActorGroup.STAFF, ActorGroup.EXTERNAL} for attachment in subject.attachments)


def _is_no_pupil(_: Opener, subject: Subject) -> bool:
    return not _as_pupil(subject)


def _holds_no_office(opener: Opener, _: Subject) -> bool:
    return not opener.administers and not opener.stands_in and not any(map(_teaches, opener.attachments))


def _is_out_of_reach(opener: Opener, subject: Subject) -> bool:
    return not any(reaches(opener, pupil) for pupil in _as_pupil(subject))


def _is_unconfirmed_within_reach(opener: Opener, subject: Subject) -> bool:
    return not any(pupil.confirmed and reaches(opener, pupil) for pupil in _as_pupil(subject))


def _administers_nothing(opener: Opener, _: Subject) -> bool:
    return not opener.administers


def _is_elsewhere(opener: Opener, subject: Subject) -> bool:
    return not _at_own(opener, subject)


def _is_unconfirmed_at_own(opener: Opener, subject: Subject) -> bool:
    return not any(attachment.confirmed for attachment in _at_own(opener, subject))


def _is_no_pupil_at_own(opener: Opener, subject: Subject) -> bool:
    return not any(pupil.confirmed and pupil.institution in opener.administers for pupil in _as_pupil(subject))


def _is_more_than_a_pupil(_: Opener, subject: Subject) -> bool:
    return any(attachment.actor_group is not ActorGroup.PUPIL for attachment in subject.attachments)


_Check = tuple[Callable[[Opener, Subject], bool], Reason]

_OF_THE_OPERATOR: Final[tuple[_Check, ...]] = (
    (_is_oneself, Reason.NOT_FOR_YOURSELF),
    (_is_attached_nowhere, Reason.NO_CURRENT_ATTACHMENT),
    (_is_unconfirmed, Reason.ATTACHMENT_NOT_CONFIRMED),
)

_OF_A_SCHOOL: Final[tuple[_Check, ...]] = (
    (_is_oneself, Reason.NOT_FOR_YOURSELF),
    (_holds_no_office, Reason.RIGHT_MISSING),
    (_works_at_a_school, Reason.STAFF_NOT_THROUGH_PUPIL),
    (_is_no_pupil, Reason.NOT_A_PUPIL),
    (_is_out_of_reach, Reason.NOT_YOUR_PUPIL),
    (_is_unconfirmed_within_reach, Reason.ATTACHMENT_NOT_CONFIRMED),
)

_SEEING: Final[tuple[_Check, ...]] = (
    (_administers_nothing, Reason.RIGHT_MISSING),
    (_is_elsewhere, Reason.OUTSIDE_YOUR_INSTITUTIONS),
    (_is_unconfirmed_at_own, Reason.ATTACHMENT_NOT_CONFIRMED),
)
_ADMINISTERING: Final[tuple[_Check, ...]] = (
    (_is_oneself, Reason.NOT_FOR_YOURSELF),
    (_works_at_a_school, Reason.STAFF_NOT_THROUGH_PUPIL),
    (_is_no_pupil_at_own, Reason.NOT_A_PUPIL),
)
_FORCING: Final[tuple[_Check, ...]] = (
    (_works_at_a_school, Reason.STAFF_NOT_THROUGH_PUPIL),
    (_is_no_pupil, Reason.NOT_A_PUPIL),
    (_is_more_than_a_pupil, Reason.NOT_ONLY_A_PUPIL),
)


def _as_pupil(subject: Subject) -> list[Attachment]:
    return [attachment for attachment in subject.attachments if attachment.actor_group is ActorGroup.PUPIL]


def _at_own(opener: Opener, subject: Subject) -> list[Attachment]:
    return [attachment for attachment in subject.attachments if attachment.institution in opener.administers]


def groups_taught(attachments: tuple[Attachment, ...]) -> frozenset[str]:
    """Return the ids of the groups that a person teaches by these attachments."""
    return frozenset(group for own in attachments if _teaches(own) for group in own.groups)


def works_at(attachments: tuple[Attachment, ...]) -> frozenset[str]:
    """Return the numbers of the institutions where a person works by these attachments."""
    return frozenset(own.institution for own in attachments if own.actor_group is ActorGroup.STAFF and own.confirmed)


def _teaches(attachment: Attachment) -> bool:
    staff = attachment.actor_group is ActorGroup.STAFF and attachment.confirmed
    return staff and bool(attachment.roles & TEACHING)


def reaches(opener: Opener, pupil: Attachment) -> bool:
    """Say whether ``opener`` administers the institution of this attachment as pupil, or teaches or stands in for its class.

    Who stands in must still work there.
    """
    if pupil.institution in opener.administers:
        return True
    if opener.stands_in & pupil.groups and pupil.institution in works_at(opener.attachments):
        return True
    return any(
        _teaches(own) and own.institution == pupil.institution and bool(own.groups & pupil.groups)
        for own in opener.attachments
    )
