"""How the pupils of a group stand, in one statement: what Elevadgang's page asks for every few seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased

from idp.store.affiliations import Affiliation, works_at_a_school
from idp.store.credentials import ActivationWindow, Code
from idp.store.groups import Membership
from idp.store.login_sessions import LoginSession
from idp.store.people import Person, Username
from idp.store.prepared import run
from idp.store.step_up import LessonApproval, StepUpRequest
from policies.vocabulary import ActorGroup

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


def _of_the_pupil(value: Any, *conditions: Any) -> Any:  # noqa: ANN401 (columns of several types)
    return select(value).where(*conditions).correlate(Affiliation).scalar_subquery()


_newest = aliased(ActivationWindow)
_STATE: Final = (
    select(
        Affiliation.person_id,
        Affiliation.level,
        Person.blocked_at,
        Code.id.label("code_id"),
        Code.kind.label("code_kind"),
        Code.stage.label("code_stage"),
        Code.issued_at,
        Code.stage_left_at,
        Code.suspended_at,
        ActivationWindow.id.label("window_id"),
        ActivationWindow.sign,
        ActivationWindow.opened_by,
        ActivationWindow.opened_at,
        ActivationWindow.expires_at,
        ActivationWindow.claimed_at,
        ActivationWindow.second_browser_at,
        ActivationWindow.closed_at,
        ActivationWindow.closed_why,
        _of_the_pupil(
            func.max(LoginSession.id),
            LoginSession.person_id == Affiliation.person_id,
            LoginSession.created_at >= bindparam("today"),
        ).label("session_id"),
        _of_the_pupil(
            func.sum(StepUpRequest.id),  # another number whenever one more waits, or one no longer
            StepUpRequest.person_id == Affiliation.person_id,
            StepUpRequest.answered_at.is_(None),
            StepUpRequest.expires_at > bindparam("now"),
        ).label("requests"),
        _of_the_pupil(
            func.max(LessonApproval.id),
            LessonApproval.person_id == Affiliation.person_id,
            LessonApproval.used_at.is_(None),
            LessonApproval.expires_at > bindparam("now"),
        ).label("lesson_id"),
    )
    .join(Membership, Membership.affiliation_id == Affiliation.id)
    .join(Person, Person.id == Affiliation.person_id)
    .outerjoin(Code, (Code.person_id == Affiliation.person_id) & Code.ended_at.is_(None))
    .outerjoin(
        ActivationWindow,
        (ActivationWindow.id == _of_the_pupil(func.max(_newest.id), _newest.person_id == Affiliation.person_id))
        & ~works_at_a_school(Affiliation.person_id),
    )
    .where(
        Membership.group_id == bindparam("group"),
        Membership.valid_to.is_(None),
        Affiliation.valid_to.is_(None),
        Affiliation.actor_group == ActorGroup.PUPIL.value,
        Affiliation.confirmed_at.is_not(None),
    )
    .order_by(Affiliation.person_id)
)


def state_of_group(db: Session, group_id: int, *, now: datetime, today: datetime) -> Sequence[AnyRow]:
    """Return one row for each confirmed pupil of a group: the account, the live code, the newest window, and what waits.

    Whoever works at a school too has no window here: its sign is for that school's eyes, or the operator's (decision 2).
    ``today`` is when the school's day began. The caller has made sure that the group may be looked at.
    """
    return run(db, _STATE, {"group": group_id, "now": now, "today": today}).all()


def usernames_of(db: Session, person_ids: Collection[int]) -> dict[int, str]:
    """Return the usernames that some people have now."""
    query = select(Username.person_id, Username.name).where(
        Username.person_id.in_(person_ids), Username.valid_to.is_(None)
    )
    return {row.person_id: row.name for row in db.execute(query)}
