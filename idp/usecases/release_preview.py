"""What a service would be told about a person, and why, without anybody logging in.

The facts, the rules and the narrowing by scopes are those of the answer on the wire; only the login is imagined: through
which attachment the person acts, and how surely they logged in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from idp.audit import AuditEvent
from idp.store import releases as store
from idp.store.affiliations import attachments_now, attachments_with_groups
from idp.usecases.facts import Knowledge, knowledge_of, released, school_day
from idp.usecases.grants import subject_of
from idp.usecases.sessions import acts_first_as
from policies.administration import TIES
from policies.release_preview import Explained, explained
from policies.requested_claims import requested_claims
from policies.vocabulary import ActorGroup, Assurance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from idp.usecases.services import Client
    from idp.usecases.system import System
    from policies.requested_claims import Where


@dataclass(frozen=True, kw_only=True)
class Imagined:
    """The login that is imagined, and what the service asks. ``institution`` is a number; None for where a login begins."""

    institution: str | None = None
    assurance: Assurance = Assurance.EN_FAKTOR
    scope: str = "openid"
    claims_request: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would be sent. ``stops`` names what would keep the login itself from being answered."""

    institution: str | None
    actor_group: ActorGroup
    agreement: str | None
    stops: tuple[str, ...]
    userinfo: tuple[Explained, ...] = field(repr=False)
    id_token: tuple[Explained, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ImaginedLogin:
    """A login that is imagined, with what is known of its person towards a service. ``acting`` is an attachment."""

    institution: str | None
    acting: int | None
    actor_group: ActorGroup
    knowledge: Knowledge = field(repr=False)
    blocked: bool
    ended: bool


def imagined_login(
    db: Session,
    system: System,
    *,
    service_id: int,
    sector: str,
    person_id: int,
    institution: str | None,
    assurance: Assurance,
) -> ImaginedLogin | None:
    """Imagine that a person logs in to a service; None when they do not belong to the institution.

    Goes on record, for somebody reads what is known about a person.
    """
    at = {row.id: row.institution for row in attachments_with_groups(db, person_id, TIES)}
    acting = acts_first_as([row for row in attachments_now(db, person_id) if institution in {None, at.get(row.id)}])
    if acting is None and institution is not None:
        return None
    # Whoever belongs nowhere, and of whom therefore nothing is known, is treated like a pupil.
    group = ActorGroup(acting.actor_group) if acting is not None else ActorGroup.PUPIL
    rows = store.person_rows(
        db,
        service_id=service_id,
        person_id=person_id,
        acting=acting.id if acting is not None else None,
        actor_group=group.value,
        now=system.now(),
        today=school_day(system),
    )
    subject = subject_of(system, sector=sector, uniid=rows[0].uniid)
    system.record(db, AuditEvent.RELEASE_PREVIEWED, subject_id=person_id, service_id=service_id)
    return ImaginedLogin(
        institution=at[acting.id] if acting is not None else None,
        acting=acting.id if acting is not None else None,
        actor_group=group,
        knowledge=knowledge_of(rows, sub=subject, assurance=assurance),
        blocked=rows[0].blocked_at is not None,
        ended=rows[0].person_ended_at is not None,
    )


def preview(db: Session, system: System, client: Client, person_id: int, imagined: Imagined) -> Preview | None:
    """Return what ``client`` would be told of a person; None when they do not belong to the institution."""
    login = imagined_login(
        db,
        system,
        service_id=client.id,
        sector=client.sector,
        person_id=person_id,
        institution=imagined.institution,
        assurance=imagined.assurance,
    )
    if login is None:
        return None
    knowledge = login.knowledge
    return Preview(
        institution=login.institution,
        actor_group=login.actor_group,
        agreement=knowledge.package.value if knowledge.package else None,
        stops=tuple(name for name, stops in _stops(client, login, imagined) if stops),
        userinfo=_told(system, knowledge, imagined, "userinfo"),
        id_token=_told(system, knowledge, imagined, "id_token"),
    )


def _told(system: System, knowledge: Knowledge, imagined: Imagined, where: Where) -> tuple[Explained, ...]:
    asked = requested_claims(imagined.scope.split(), imagined.claims_request or {}, where)
    leaving = released(system, knowledge, asked)
    return explained(system.rules.release, knowledge.facts, leaving, asked, on_consent=knowledge.on_consent)


def _stops(client: Client, login: ImaginedLogin, imagined: Imagined) -> tuple[tuple[str, bool], ...]:
    asked = set(imagined.scope.split())
    return (
        ("service-disabled", client.disabled),
        ("person-blocked", login.blocked),
        ("person-ended", login.ended),
        ("scope-without-openid", "openid" not in asked),
        ("scope-not-registered", bool(asked - set(client.scope))),
        ("licence-missing", login.knowledge.licence_missing),
        ("needs-consent", login.knowledge.on_consent),
    )
