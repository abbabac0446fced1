"""The facts behind a release of attributes, as one join that other named queries add to theirs.

What a service may learn is decided by :mod:`policies.attribute_release`; here stands only which rows it needs: the
person's current school records, the attachments under them, each institution's answer to the service, its licence, and
the classes of the acting attachment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Date, Select, String, and_, bindparam, case, exists, or_, select

from idp.store.affiliations import Affiliation
from idp.store.agreements import Agreement, Licence
from idp.store.base import BigId, UtcDateTime
from idp.store.groups import Membership, SchoolGroup
from idp.store.institutions import Institution
from idp.store.login_sessions import LoginSession
from idp.store.people import Person, SchoolRecord
from idp.store.prepared import run
from idp.store.services import Service
from policies.vocabulary import AgreementStatus, GroupType

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow

    AnySelect = Select[*tuple[Any, ...]]

NOW = bindparam("facts_now", type_=UtcDateTime())
TODAY = bindparam("facts_today", type_=Date())

# An institution's own answer comes before the operator's on behalf of everybody, the newest before older ones.
_PACKAGE = (
    select(case((Agreement.status == AgreementStatus.APPROVED, Agreement.package)))
    .where(
        Agreement.service_id == Service.id,
        or_(Agreement.institution_id == Affiliation.institution_id, Agreement.institution_id.is_(None)),
        Agreement.status.in_([AgreementStatus.APPROVED, AgreementStatus.REFUSED]),
        or_(Agreement.valid_from.is_(None), Agreement.valid_from <= NOW),
        or_(Agreement.valid_to.is_(None), Agreement.valid_to > NOW),
    )
    .order_by(Agreement.institution_id.is_(None), Agreement.decided_at.desc(), Agreement.id.desc())
    .limit(1)
    .correlate(Service, Affiliation)
    .scalar_subquery()
)

_IN_THE_GROUP = exists().where(
    Membership.affiliation_id == Affiliation.id,
    Membership.group_id == Licence.group_id,
    Membership.valid_to.is_(None),
)

_LICENSED = (
    exists()
    .where(
        Licence.service_id == Service.id,
        Licence.institution_id == Affiliation.institution_id,
        Licence.ended_at.is_(None),
        or_(Licence.starts_on.is_(None), Licence.starts_on <= TODAY),
        or_(Licence.ends_on.is_(None), Licence.ends_on >= TODAY),
        or_(Licence.actor_group.is_(None), Licence.actor_group == Affiliation.actor_group),
        or_(Licence.group_id.is_(None), _IN_THE_GROUP.correlate(Affiliation, Licence)),
    )
    .correlate(Service, Affiliation)
)

_OF_THE_SESSION: ColumnElement[Any] = LoginSession.acting_affiliation_id.expression

_CLASSES = Membership.__table__.join(
    SchoolGroup.__table__,
    and_(
        SchoolGroup.id == Membership.group_id,
        SchoolGroup.type == GroupType.CLASS,
        SchoolGroup.valid_to.is_(None),
    ),
)


def with_facts(statement: AnySelect, acting: ColumnElement[Any] = _OF_THE_SESSION) -> AnySelect:
    """Add the facts to a statement that has Service, Person and, unless ``acting`` is given, LoginSession among its FROMs.

    Gives one row per current school record and class of the acting attachment, and at least one. Parameters to bind:
    ``facts_now`` (aware) and ``facts_today`` (a date where the schools are).
    """
    return (
        statement.add_columns(
            SchoolRecord.id.label("record_id"),
            SchoolRecord.first_name,
            SchoolRecord.family_name,
            SchoolRecord.alias_first_name,
            SchoolRecord.alias_family_name,
            SchoolRecord.protected,
            SchoolRecord.birth_date,
            SchoolRecord.email,
            Affiliation.id.label("affiliation_id"),
            Affiliation.level,
            Institution.number.label("institution_number"),
            case((Institution.id.is_not(None), _PACKAGE)).label("package"),
            case((Institution.id.is_not(None), _LICENSED), else_=False).label("licensed"),
            SchoolGroup.name.label("group_name"),
        )
        .outerjoin(SchoolRecord, and_(SchoolRecord.person_id == Person.id, SchoolRecord.valid_to.is_(None)))
        .outerjoin(Affiliation, and_(Affiliation.record_id == SchoolRecord.id, Affiliation.valid_to.is_(None)))
        .outerjoin(Institution, and_(Institution.id == Affiliation.institution_id, Institution.ended_at.is_(None)))
        .outerjoin(
            _CLASSES,
            and_(
                Membership.affiliation_id == Affiliation.id,
                Affiliation.id == acting,
                Membership.valid_to.is_(None),
            ),
        )
        .order_by(SchoolRecord.id, SchoolGroup.name)
    )


_OF_SERVICE = (
    Service.sector,
    Service.requires_licence,
    Service.built_in,
    Service.disabled_at,
    Service.registration,
)

_PERSONS_FACTS = with_facts(
    select(
        *_OF_SERVICE,
        Person.uniid,
        LoginSession.actor_group,
        LoginSession.acting_affiliation_id,
    )
    .select_from(LoginSession)
    .join(Person, Person.id == LoginSession.person_id)
    .join(Service, Service.id == bindparam("service"))
).where(LoginSession.id == bindparam("login_session"))


_ACTING = bindparam("acting", type_=BigId)

_ANYBODYS_FACTS = with_facts(
    select(
        *_OF_SERVICE,
        Person.uniid,
        Person.blocked_at,
        Person.ended_at.label("person_ended_at"),
        bindparam("actor_group", type_=String()).label("actor_group"),
        _ACTING.label("acting_affiliation_id"),
    )
    .select_from(Person)
    .join(Service, Service.id == bindparam("service")),
    _ACTING,
).where(Person.id == bindparam("person"))


def person_rows(
    session: Session,
    *,
    service_id: int,
    person_id: int,
    acting: int | None,
    actor_group: str,
    now: datetime,
    today: date,
) -> Sequence[AnyRow]:
    """Return what ``service_id`` would learn of a person who acts through ``acting``, without a login."""
    values = {
        "service": service_id,
        "person": person_id,
        "acting": acting,
        "actor_group": actor_group,
        "facts_now": now,
        "facts_today": today,
    }
    return run(session, _ANYBODYS_FACTS, values).all()


def session_rows(session: Session, *, service_id: int, session_id: int, now: datetime, today: date) -> Sequence[AnyRow]:
    """Return what ``service_id`` may ask about the person of a login session, before anything is granted."""
    values = {"service": service_id, "login_session": session_id, "facts_now": now, "facts_today": today}
    return run(session, _PERSONS_FACTS, values).all()
