"""The only ways to load a person or an institution on somebody's behalf, and what that somebody may do with them.

Whoever asks for another institution's person is told the same as for nobody at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from idp.errors import Refused
from idp.store.affiliations import attachments_with_groups
from idp.store.login_sessions import factors_now
from idp.store.record import institutions_with
from idp.store.rights import administered_institutions, groups_stood_in, institutions_administered, rights_now
from idp.store.upstreams import vouched_institutions
from policies.actions import Visitor
from policies.administration import TIES, Attachment, Opener, Subject, may_administer, may_force_stage, may_see_person
from policies.assurance import SECOND
from policies.decision import Deny
from policies.upstreams import leans_on_another
from policies.vocabulary import ActorGroup, Factor, Reason, Right, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from idp.usecases.administration_sessions import Visit
    from idp.usecases.system import System
    from policies.decision import Allow


@dataclass(frozen=True)
class Administered:
    """An institution where the person who asks is user administrator."""

    id: int
    number: str
    name: str


def visitor(db: Session, system: System, visit: Visit) -> Visitor:
    """Return what decides on the actions of a visit: the rights granted and the factors proven, as they hold now.

    Who is strong enough only by another provider's word has no rights, unless that vouches for every institution that the
    person administers: it gives nobody power, or a look, where it was not let in (decision 20).
    """
    now = system.now()
    proven = {Factor(row.factor): row.proven_at for row in factors_now(db, visit.login_session_id, now)}
    factors = frozenset(proven)
    rights = frozenset(map(Right, rights_now(db, visit.person_id, now)))
    if leans_on_another(factors) and rights:
        administered = {row.id for row in institutions_with(db, visit.person_id, [*map(str, Right)], now)}
        if not administered <= set(vouched_institutions(db, visit.login_session_id)):
            rights = frozenset()
    rules, shown = system.rules.elevadgang, max((at for one, at in proven.items() if one in SECOND), default=None)
    return Visitor(
        actor_group=visit.actor_group,
        rights=rights,
        factors=factors,
        fresh=shown is not None and now - shown <= timedelta(seconds=rules.factor_seconds),
        just_now=shown is not None and now - shown <= timedelta(seconds=rules.stop_factor_seconds),
    )


def institutions_of(db: Session, system: System, actor_id: int) -> tuple[Administered, ...]:
    """Return the institutions that a person administers, by name."""
    return tuple(
        Administered(row.id, row.number, row.name) for row in administered_institutions(db, actor_id, system.now())
    )


def institution_for(db: Session, system: System, actor_id: int, number: str) -> Administered:
    """Return one of the institutions that a person administers. Raises :class:`Refused` for any other number."""
    for own in institutions_of(db, system, actor_id):
        if own.number == number:
            return own
    raise Refused(Reason.OUTSIDE_YOUR_INSTITUTIONS)


def person_to_see(db: Session, system: System, *, actor_id: int, number: str, person_id: int) -> Administered:
    """Return the institution if the person may be seen there by one who administers it. Raises :class:`Refused`."""
    own = institution_for(db, system, actor_id, number)
    subject = subject_of(db, person_id)
    at_this_one = Opener(str(actor_id), administers=frozenset({own.number}))
    _must(may_see_person(at_this_one, subject))
    return own


def must_administer(db: Session, system: System, *, actor_id: int | None, person_id: int) -> None:
    """Raise :class:`Refused` unless ``actor_id`` may block the person or end sessions. None: the operator."""
    _ask(db, system, actor_id, person_id, may_administer)


def must_force_stage(db: Session, system: System, *, actor_id: int | None, person_id: int) -> None:
    """Raise :class:`Refused` unless ``actor_id`` may put another stage's rules in force for the person."""
    _ask(db, system, actor_id, person_id, may_force_stage)


def why_not(
    db: Session,
    system: System,
    *,
    actor_id: int,
    person_id: int,
    policy: Callable[[Opener, Subject], Allow | Deny],
) -> Reason | None:
    """Return why a policy of :mod:`policies.administration` refuses, None when it allows. For showing or hiding buttons."""
    decision = policy(opener_of(db, system, actor_id), subject_of(db, person_id))
    return decision.reason if isinstance(decision, Deny) else None


def opener_of(db: Session, system: System, person_id: int | None) -> Opener:
    """Return who asks: a person with attachments and rights, or the operator on the command line."""
    if person_id is None:
        return Opener(operator=True)
    administers = frozenset(institutions_administered(db, person_id, system.now()))
    stands_in = frozenset(map(str, groups_stood_in(db, person_id, system.now())))
    return Opener(str(person_id), attachments_of(db, person_id), administers, stands_in)


def subject_of(db: Session, person_id: int) -> Subject:
    """Return to whom it is done."""
    return Subject(str(person_id), attachments_of(db, person_id))


def attachments_of(db: Session, person_id: int) -> tuple[Attachment, ...]:
    """Return a person's attachments that hold now, as policies take them."""
    rows = attachments_with_groups(db, person_id, TIES)
    groups: dict[int, set[str]] = {}
    for row in rows:
        groups.setdefault(row.id, set()).update([str(row.group_id)] if row.group_id is not None else [])
    return tuple(
        Attachment(
            institution=row.institution,
            actor_group=ActorGroup(row.actor_group),
            confirmed=row.confirmed_at is not None,
            groups=frozenset(groups[row.id]),
            roles=frozenset(map(Role, row.roles)),
        )
        for row in {row.id: row for row in rows}.values()
    )


def _ask(
    db: Session,
    system: System,
    actor_id: int | None,
    person_id: int,
    policy: Callable[[Opener, Subject], Allow | Deny],
) -> None:
    _must(policy(opener_of(db, system, actor_id), subject_of(db, person_id)))


def _must(decision: Allow | Deny) -> None:
    if isinstance(decision, Deny):
        raise Refused(decision.reason)
