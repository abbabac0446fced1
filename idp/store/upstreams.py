"""Identity providers of others that vouch for people: a municipality's own, or a strong identification (decision 20)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, String, Text, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.affiliations import Affiliation
from idp.store.base import Base, Line, RowId, reference
from idp.store.institutions import Institution
from idp.store.login_sessions import SessionFactor
from idp.store.people import Person, Username
from policies.vocabulary import Assurance, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow


class Upstream(Base):
    """One identity provider of somebody else's, and how far it is believed."""

    __tablename__ = "upstream"

    id: Mapped[RowId]
    protocol: Mapped[Protocol] = mapped_column(String(8))
    identifier: Mapped[str] = mapped_column(String(255), unique=True)
    """``entityID`` or issuer."""
    name_da: Mapped[Line]
    name_en: Mapped[Line]
    registration: Mapped[dict[str, Any]]
    """What a NameID or ``sub`` of its is, how its levels are called, and where it answers (OpenID Connect)."""
    metadata_xml: Mapped[str | None] = mapped_column(Text)
    secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    level_cap: Mapped[Assurance] = mapped_column(String(24))
    """No login of its counts for more."""
    registered_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    disabled_why: Mapped[Line | None]


class UpstreamInstitution(Base):
    """For people of which institution it vouches."""

    __tablename__ = "upstream_institution"

    id: Mapped[RowId]
    upstream_id: Mapped[int] = reference("upstream", index=True)
    institution_id: Mapped[int] = reference("institution", index=True)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


def write_upstream(db: Session, upstream_id: int | None, values: dict[str, Any]) -> int:
    """Write a new upstream, or with its id over an old one, and return its id."""
    if upstream_id is not None:
        db.execute(update(Upstream).where(Upstream.id == upstream_id).values(**values))
        return upstream_id
    made: int = db.execute(insert(Upstream).values(**values).returning(Upstream.id)).scalar_one()
    return made


def end_institutions(db: Session, upstream_id: int, now: datetime) -> None:
    """Write that an upstream vouches for nobody's people from now on."""
    theirs = (UpstreamInstitution.upstream_id == upstream_id) & UpstreamInstitution.valid_to.is_(None)
    db.execute(update(UpstreamInstitution).where(theirs).values(valid_to=now))


def add_institutions(db: Session, upstream_id: int, institution_ids: Sequence[int], now: datetime) -> None:
    """Write for people of which institutions an upstream vouches from now on."""
    rows = [{"upstream_id": upstream_id, "institution_id": one, "valid_from": now} for one in institution_ids]
    if rows:
        db.execute(insert(UpstreamInstitution), rows)


def upstream_row(db: Session, *, upstream_id: int | None = None, identifier: str | None = None) -> AnyRow | None:
    """Return one upstream by its id or its name, disabled or not."""
    which = Upstream.id == upstream_id if upstream_id is not None else Upstream.identifier == identifier
    return db.execute(select(Upstream.__table__).where(which)).one_or_none()


def upstream_rows(db: Session) -> Sequence[AnyRow]:
    """Return every upstream."""
    return db.execute(select(Upstream.__table__).order_by(Upstream.identifier)).all()


def institutions_of(db: Session, upstream_id: int) -> Sequence[AnyRow]:
    """Return ``id``, ``number`` and ``name`` of the institutions for whose people an upstream vouches now."""
    query = (
        select(Institution.id, Institution.number, Institution.name)
        .join(UpstreamInstitution, UpstreamInstitution.institution_id == Institution.id)
        .where(UpstreamInstitution.upstream_id == upstream_id, UpstreamInstitution.valid_to.is_(None))
    )
    return db.execute(query.order_by(Institution.name)).all()


def set_disabled(db: Session, upstream_id: int, now: datetime | None, why: str | None) -> None:
    """Disable an upstream, or with None enable it again."""
    db.execute(update(Upstream).where(Upstream.id == upstream_id).values(disabled_at=now, disabled_why=why))


def are_any(db: Session) -> bool:
    """Say whether there is an upstream that is not disabled."""
    return db.execute(select(Upstream.id).where(Upstream.disabled_at.is_(None)).limit(1)).first() is not None


def offered(db: Session, *, at_most: int | None = None, upstream_id: int | None = None) -> Sequence[AnyRow]:
    """Return institutions whose people may log in elsewhere, by name, with the upstream."""
    query = (
        select(
            Upstream.id,
            Upstream.name_da,
            Upstream.name_en,
            Upstream.registration,
            Institution.name.label("institution"),
            Institution.number,
        )
        .join(UpstreamInstitution, UpstreamInstitution.upstream_id == Upstream.id)
        .join(Institution, Institution.id == UpstreamInstitution.institution_id)
        .where(Upstream.disabled_at.is_(None), UpstreamInstitution.valid_to.is_(None), Institution.ended_at.is_(None))
        .order_by(Institution.name, Institution.number, Upstream.id)
        .limit(at_most)
    )
    if upstream_id is not None:
        query = query.where(Upstream.id == upstream_id)
    return db.execute(query).all()


def attached_there(
    db: Session,
    upstream_id: int,
    *,
    uniid: str | None = None,
    username: str | None = None,
    cpr_index: bytes | None = None,
) -> Sequence[AnyRow]:
    """Return ``person_id``, ``username`` and ``affiliation_id`` of whom an upstream means, if they are attached now where it vouches."""
    whom = Person.uniid == uniid if uniid else Person.cpr_index == cpr_index if cpr_index else Username.name == username
    query = (
        select(Person.id.label("person_id"), Username.name.label("username"), Affiliation.id.label("affiliation_id"))
        .join(Username, Username.person_id == Person.id)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .join(UpstreamInstitution, UpstreamInstitution.institution_id == Affiliation.institution_id)
        .join(Institution, Institution.id == Affiliation.institution_id)
        .where(
            whom,
            Username.valid_to.is_(None),
            Affiliation.valid_to.is_(None),
            Affiliation.confirmed_at.is_not(None),  # an import alone captures nobody (decision 2)
            Institution.ended_at.is_(None),
            Person.ended_at.is_(None),
            UpstreamInstitution.upstream_id == upstream_id,
            UpstreamInstitution.valid_to.is_(None),
        )
        .order_by(Affiliation.id)
    )
    return db.execute(query).all()


def vouched_institutions(db: Session, session_id: int) -> Sequence[int]:
    """Return the institutions for whose people everyone vouches now who vouched for a session; none where nobody did."""
    by = select(SessionFactor.upstream_id).where(
        SessionFactor.session_id == session_id, SessionFactor.upstream_id.is_not(None)
    )
    everyone = select(func.count(SessionFactor.upstream_id.distinct())).where(SessionFactor.session_id == session_id)
    query = (
        select(UpstreamInstitution.institution_id)
        .join(Upstream, Upstream.id == UpstreamInstitution.upstream_id)
        .where(Upstream.id.in_(by), Upstream.disabled_at.is_(None), UpstreamInstitution.valid_to.is_(None))
        .group_by(UpstreamInstitution.institution_id)
        .having(func.count(Upstream.id.distinct()) == everyone.scalar_subquery())
    )
    return db.execute(query).scalars().all()


def vouched_for(db: Session, upstream_ids: Sequence[int], person_id: int) -> Sequence[int]:
    """Return the person's confirmed attachments that each of these upstreams, none of them disabled, vouches for now."""
    query = (
        select(Affiliation.id)
        .join(UpstreamInstitution, UpstreamInstitution.institution_id == Affiliation.institution_id)
        .join(Upstream, Upstream.id == UpstreamInstitution.upstream_id)
        .where(
            Affiliation.person_id == person_id,
            Affiliation.valid_to.is_(None),
            Affiliation.confirmed_at.is_not(None),
            Upstream.id.in_(upstream_ids),
            Upstream.disabled_at.is_(None),
            UpstreamInstitution.valid_to.is_(None),
        )
        .group_by(Affiliation.id)
        .having(func.count(Upstream.id.distinct()) == len(set(upstream_ids)))
    )
    return db.execute(query).scalars().all()
