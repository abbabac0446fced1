"""What people allow services that are not their school's to be told: ask, give, take back (``policies.consent``).

Nothing here widens what may leave: :func:`policies.attribute_release.release_on_consent` says what that is at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.audit import AuditEvent
from idp.store import consents as store
from idp.store.grants import revoke_grants_between
from idp.usecases.facts import school_day
from policies.assurance import nsis_level
from policies.attribute_release import Released, ReleaseFacts, release_on_consent
from policies.consent import Wish, consent
from policies.protection import SchoolRecord, is_protected
from policies.vocabulary import ActorGroup, Assurance

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.usecases.system import System
    from policies.decision import Decision


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a person is asked about one service: whether, and what it would be told."""

    decision: Decision
    wish: Wish
    released: Released
    """What would leave now. The pseudonym is not computed for it."""
    actor_group: ActorGroup
    protected: bool


@dataclass(frozen=True, kw_only=True)
class AllowedService:
    """A service that a person allows something now, as their own page lists it."""

    id: int
    name_da: str
    name_en: str
    claims: frozenset[str]
    given_at: datetime


def asked(
    db: Session,
    system: System,
    *,
    person_id: int,
    acting: int | None,
    service_id: int,
    scope: str,
    requested: Collection[str] | None,
    again: bool = False,
) -> Asked:
    """Say whether a person must be asked, and about what: two statements.

    ``acting`` is the attachment they act through, ``requested`` the claims that the service asks for, None for all.
    """
    rows = sorted(store.records_of(db, person_id), key=lambda row: row.affiliation_id != acting)
    found = store.consent_row(db, person_id=person_id, service_id=service_id)
    records = tuple(
        SchoolRecord(row.first_name, row.family_name, row.alias_first_name, row.alias_family_name, row.protected)
        for row in rows
    )
    # Whoever belongs nowhere, and of whom therefore nothing is known, is treated like a pupil.
    actor_group = ActorGroup(rows[0].actor_group) if rows else ActorGroup.PUPIL
    facts = ReleaseFacts(
        sub="pseudonym",
        uniid="",
        actor_group=actor_group,
        assurance=Assurance.EN_FAKTOR,
        nsis=nsis_level(Assurance.EN_FAKTOR, nsis_notified=system.settings.login.nsis_notified),
        records=records,
    )
    released = release_on_consent(system.rules.release, facts, requested)
    wish = Wish(frozenset(scope.split()), frozenset(released))
    decision = consent(
        system.rules.release,
        wish,
        allowed=Wish(frozenset(found.scope.split()), frozenset(found.claims)) if found else None,
        again=again,
        born=max((row.birth_date for row in rows if row.birth_date is not None), default=None),
        actor_group=actor_group,
        today=school_day(system),
    )
    return Asked(
        decision=decision,
        wish=wish,
        released=released,
        actor_group=actor_group,
        protected=is_protected(records),
    )


def give(db: Session, system: System, *, person_id: int, service_id: int, wish: Wish) -> None:
    """Write that a person allows a service what it wishes, in the place of what they allowed before."""
    scope, claims = " ".join(sorted(wish.scope)), sorted(wish.claims)
    store.give(db, person_id=person_id, service_id=service_id, scope=scope, claims=claims, now=system.now())
    system.record(
        db,
        AuditEvent.CONSENT_GIVEN,
        actor_id=person_id,
        subject_id=person_id,
        service_id=service_id,
        facts={"scope": scope, "claims": " ".join(claims)},
    )


def withdraw(db: Session, system: System, *, person_id: int, service_id: int) -> bool:
    """Take a consent back, and with it everything that the service was granted; False when there was none."""
    now = system.now()
    if not store.end(db, person_id=person_id, service_id=service_id, now=now):
        return False
    ended = revoke_grants_between(db, person_id=person_id, service_id=service_id, now=now)
    system.record(
        db,
        AuditEvent.CONSENT_WITHDRAWN,
        actor_id=person_id,
        subject_id=person_id,
        service_id=service_id,
        facts={"grants": len(ended)},
    )
    return True


def allowed_services(db: Session, person_id: int) -> tuple[AllowedService, ...]:
    """Return the services that a person allows something now, the newest first. One statement."""
    return tuple(
        AllowedService(
            id=row.service_id,
            name_da=row.name_da,
            name_en=row.name_en,
            claims=frozenset(row.claims),
            given_at=row.given_at,
        )
        for row in store.consents_of(db, person_id)
    )
