"""What a person's own page tells: who I am here, and where I belong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.store import own_page as store
from idp.usecases.people import account_of
from policies.protection import SchoolRecord, ShownName, is_protected, shown_name
from policies.vocabulary import ActorGroup, CodeKind, GroupType, Level, Relation, Role

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from idp.usecases.administration_sessions import Visit
    from idp.usecases.system import System


@dataclass(frozen=True, kw_only=True)
class OwnAttachment:
    """One place where the person belongs."""

    institution: str
    institution_number: str
    actor_group: ActorGroup
    roles: tuple[Role, ...]
    relations: tuple[Relation, ...]
    """How the person is related to pupils here, each once."""
    level: Level | None
    classes: tuple[str, ...]
    groups: tuple[str, ...]
    """Teams and other groups, without the classes."""
    acting: bool
    """Whether the person acts through this attachment now."""


@dataclass(frozen=True, kw_only=True)
class OwnCode:
    """The code that the person logs in with: what kind, since when, and until when. Never the code."""

    kind: CodeKind
    issued_at: datetime
    ends: datetime | None


@dataclass(frozen=True, kw_only=True)
class OwnPage:
    """The person, as the schools' records say."""

    name: ShownName | None
    """The alias of a protected person; nothing when such a one has no alias."""
    protected: bool
    username: str | None
    uniid: str
    attachments: tuple[OwnAttachment, ...]
    code: OwnCode | None
    """None for a person who logs in without one."""

    @property
    def may_change(self) -> bool:
        """Say whether the person can act as more than one thing (decision 60)."""
        return len({(one.institution_number, one.actor_group) for one in self.attachments}) > 1


def own_page(db: Session, system: System, visit: Visit) -> OwnPage:
    """Read the page of whoever visits. Five statements."""
    account = store.account_of(db, visit.person_id)
    rows = store.attachments_of(db, visit.person_id)
    groups = store.groups_of(db, visit.person_id)
    relations = store.relations_of(db, visit.person_id)
    acting_first = sorted(rows, key=lambda row: row.id != visit.acting_affiliation_id)
    records = [
        SchoolRecord(row.first_name, row.family_name, row.alias_first_name, row.alias_family_name, row.protected)
        for row in acting_first
    ]
    attachments = tuple(
        OwnAttachment(
            institution=row.institution,
            institution_number=row.institution_number,
            actor_group=ActorGroup(row.actor_group),
            roles=tuple(Role(role) for role in row.roles),
            relations=tuple(dict.fromkeys(Relation(one.relation) for one in relations if one.affiliation_id == row.id)),
            level=Level(row.level) if row.level else None,
            classes=tuple(one.name for one in groups if one.affiliation_id == row.id and one.type == GroupType.CLASS),
            groups=tuple(one.name for one in groups if one.affiliation_id == row.id and one.type != GroupType.CLASS),
            acting=row.id == visit.acting_affiliation_id,
        )
        for row in acting_first
    )
    return OwnPage(
        name=shown_name(records),
        protected=is_protected(records),
        username=account.username,
        uniid=account.uniid,
        attachments=attachments,
        code=_own_code(db, system, visit.person_id),
    )


def _own_code(db: Session, system: System, person_id: int) -> OwnCode | None:
    account = account_of(db, system, person_id, CodeKind.TEXT)
    if account.code_issued_at is None:
        return None
    return OwnCode(kind=account.kind, issued_at=account.code_issued_at, ends=account.code_ends)
