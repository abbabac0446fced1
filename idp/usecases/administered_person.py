"""One person as a user administrator sees them: what the school says, how the code stands, and what was done to it.

Never the code, never a CPR number, never where somebody was (decision 7).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent
from idp.store import administered as store
from idp.usecases import access, forced_stage
from idp.usecases.administered import names_of, protected_among
from idp.usecases.people import account_of
from idp.usecases.sessions import sessions_of
from policies.administration import may_administer, may_force_stage
from policies.cards import may_give_card, may_have_card
from policies.codes import code_rule
from policies.decision import Deny
from policies.stages import stage_of_person
from policies.vocabulary import ActorGroup, CodeKind, CodeShape, Level, Role, Stage

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.access import Administered
    from idp.usecases.forced_stage import InForce
    from idp.usecases.system import System
    from policies.protection import ShownName
    from policies.rules import CodeRule
    from policies.vocabulary import Reason

TOLD: Final = frozenset(
    {
        AuditEvent.STAGE_FORCED,
        AuditEvent.STAGE_RELEASED,
        AuditEvent.PERSON_BLOCKED,
        AuditEvent.PERSON_UNBLOCKED,
        AuditEvent.SESSIONS_ENDED,
        AuditEvent.WINDOW_OPENED,
        AuditEvent.CODE_CONFIRMED,
        AuditEvent.CODE_ISSUED_BY_OPERATOR,
        AuditEvent.CARD_ISSUED,
        AuditEvent.CARD_REVOKED,
        AuditEvent.FACTOR_ENROLLED,
        AuditEvent.FACTOR_REMOVED,
        AuditEvent.PASS_ISSUED,
        AuditEvent.AFFILIATION_CONFIRMED,
        AuditEvent.USERNAME_SEEN,
        AuditEvent.USERNAMES_PRINTED,
        AuditEvent.STEP_UP_APPROVED,
        AuditEvent.STEP_UP_REFUSED,
        AuditEvent.CODE_STOPPED,
        AuditEvent.CODE_STARTED,
    }
)
"""What an administrator reads of what was done to a person's code. Logins are not among it."""
_LINES: Final = 30


@unique
class Governs(StrEnum):
    """Why the rules of one stage hold for a person's code."""

    OWN_LEVEL = "own-level"
    OWN_ROLE = "own-role"
    FORCED = "forced"
    ELSEWHERE = "elsewhere"


@unique
class Hand(StrEnum):
    """Whose hand it was, as far as it is told."""

    PERSON_SELF = "self"
    NAMED = "named"
    SCHOOL = "school"
    OPERATOR = "operator"


@dataclass(frozen=True, kw_only=True)
class Attached:
    """As what the person is attached here."""

    actor_group: ActorGroup
    level: Level | None
    roles: tuple[Role, ...]


@dataclass(frozen=True, kw_only=True)
class CodeState:
    """What may be told of a code."""

    shape: CodeShape
    made_under: Stage
    self_chosen: bool
    made_at: datetime
    ends_at: datetime | None
    expired: bool
    suspended: bool


@dataclass(frozen=True, kw_only=True)
class CardState:
    """The school card that is good now. It is shown on which day it was last used, and no more (decision 7)."""

    given_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Done:
    """One thing that was done. ``by`` is a name only where the hand is NAMED."""

    at: datetime
    event: AuditEvent
    hand: Hand
    by: ShownName | None
    facts: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class PersonPage:
    """Everything on the page."""

    person_id: int
    name: ShownName | None
    protected: bool
    username: str | None
    attached: tuple[Attached, ...]
    classes: tuple[tuple[int, str], ...]
    stage: Stage | None
    governs: Governs | None
    rule: CodeRule | None
    code: CodeState | None
    card: CardState | None
    forced: InForce | None
    forced_by: tuple[Hand, ShownName | None]
    blocked_at: datetime | None
    blocked_reason: str | None
    sessions: int
    no_power: Reason | None
    """Why this administrator may not block, end sessions or issue cards; None: may."""
    no_forcing: Reason | None
    no_card: Reason | None
    done: tuple[Done, ...]

    @property
    def is_pupil(self) -> bool:
        """Whether the person is a pupil here."""
        return any(one.actor_group is ActorGroup.PUPIL for one in self.attached)


def person_page(db: Session, system: System, institution: Administered, *, person_id: int, by: int) -> PersonPage:
    """Read the page; :func:`idp.usecases.access.person_to_see` has said that ``by`` may."""
    row = store.account_of(db, person_id)
    rows = store.attachments_at(db, person_id, institution.id)
    account = account_of(db, system, person_id, CodeKind.TEXT)
    forced = forced_stage.in_force(db, system, person_id)
    attached = tuple(
        Attached(
            actor_group=ActorGroup(one.actor_group),
            level=Level(one.level) if one.level else None,
            roles=tuple(map(Role, one.roles)),
        )
        for one in rows
    )
    card = store.card_of(db, person_id)
    events = [
        event
        for event in store.events_about(db, person_id, [event.value for event in TOLD], at_most=_LINES)
        # Where else the person belongs is not this institution's to know.
        if event.event != AuditEvent.AFFILIATION_CONFIRMED or event.institution_id == institution.id
    ]
    if forced is not None and not _decided_here(events, AuditEvent.STAGE_FORCED, institution):
        forced = replace(forced, reason="")
    blocked_here = _decided_here(events, AuditEvent.PERSON_BLOCKED, institution)
    hands = _hands(db, institution, person_id, [*events, *([forced] if forced else [])])
    return PersonPage(
        person_id=person_id,
        name=names_of(db, [person_id], institution.id).get(person_id),
        protected=bool(protected_among(db, [person_id])),
        username=row.username,
        attached=attached,
        classes=tuple((one.id, one.name) for one in store.classes_of(db, [one.id for one in rows])),
        stage=account.stage,
        governs=_governs(account.stage, attached, forced) if account.stage else None,
        rule=code_rule(system.rules, account.stage) if account.stage else None,
        code=_code(store.code_of(db, person_id), account.code_ends, expired=account.code_expired),
        card=CardState(given_at=card.issued_at, last_used_at=card.last_used_at) if card is not None else None,
        forced=forced,
        forced_by=hands[forced.decided_by] if forced else (Hand.SCHOOL, None),
        blocked_at=row.blocked_at,
        blocked_reason=row.blocked_reason if blocked_here else None,
        sessions=len(sessions_of(db, system, person_id)),
        no_power=access.why_not(db, system, actor_id=by, person_id=person_id, policy=may_administer),
        no_forcing=access.why_not(db, system, actor_id=by, person_id=person_id, policy=may_force_stage),
        no_card=_no_card(db, system, person_id, by, account.stage),
        done=tuple(
            Done(
                at=event.at,
                event=AuditEvent(event.event),
                hand=hands[event.actor_id][0],
                by=hands[event.actor_id][1],
                facts=event.facts,
            )
            for event in events
        ),
    )


def _decided_here(events: Sequence[AnyRow], kind: AuditEvent, institution: Administered) -> bool:
    """Say whether the newest decision of a kind is this institution's; another's reasons are not for its eyes."""
    newest = next((event for event in events if event.event == kind), None)
    return newest is not None and newest.institution_id == institution.id


def _no_card(db: Session, system: System, person_id: int, by: int, stage: Stage | None) -> Reason | None:
    """Return why this administrator may not give the person a card; None: may."""
    fits = may_have_card(system.rules.cards, stage)
    no_power = access.why_not(db, system, actor_id=by, person_id=person_id, policy=may_give_card)
    return no_power or (fits.reason if isinstance(fits, Deny) else None)


def _code(row: AnyRow | None, ends_at: datetime | None, *, expired: bool) -> CodeState | None:
    if row is None:
        return None
    return CodeState(
        shape=CodeShape(row.shape),
        made_under=Stage(row.stage),
        self_chosen=row.self_chosen,
        made_at=row.issued_at,
        ends_at=ends_at,
        expired=expired,
        suspended=row.suspended_at is not None,
    )


def _governs(stage: Stage, attached: Collection[Attached], forced: InForce | None) -> Governs:
    own = {one.actor_group: stage_of_person(one.actor_group, one.level) for one in attached}
    if forced is not None and forced.stage is stage:
        return Governs.FORCED
    if own.get(ActorGroup.PUPIL) is stage:
        return Governs.OWN_LEVEL
    return Governs.OWN_ROLE if stage in own.values() else Governs.ELSEWHERE


def _hands(
    db: Session, institution: Administered, person_id: int, done: Sequence[AnyRow | InForce]
) -> dict[int | None, tuple[Hand, ShownName | None]]:
    """Say who somebody is in the log: staff of this institution by name, everybody else and protected staff as the school."""
    ids = {one.decided_by if isinstance(one, forced_stage.InForce) else one.actor_id for one in done} - {None}
    others = [one for one in ids if one is not None and one != person_id]
    protected = protected_among(db, others)
    names = names_of(db, others, institution.id)
    hands: dict[int | None, tuple[Hand, ShownName | None]] = {
        None: (Hand.OPERATOR, None),
        person_id: (Hand.PERSON_SELF, None),
    }
    for one in others:
        here = any(
            attachment.institution == institution.number
            and attachment.confirmed
            and attachment.actor_group in {ActorGroup.STAFF, ActorGroup.EXTERNAL}
            for attachment in access.attachments_of(db, one)
        )
        named = here and one not in protected and names.get(one) is not None
        hands[one] = (Hand.NAMED, names[one]) if named else (Hand.SCHOOL, None)
    return hands
