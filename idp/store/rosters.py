"""What one source has told about one institution, read in a few statements, for comparing with a new delivery."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from idp.store.affiliations import Affiliation
from idp.store.bulk import in_pieces
from idp.store.contacts import Contact
from idp.store.groups import Membership, SchoolGroup
from idp.store.people import Person, SchoolRecord, Username
from policies.vocabulary import ActorGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

GROUP_FIELDS = ("name", "type", "level", "line", "starts_on", "ends_on")
RECORD_FIELDS = (
    "first_name", "family_name", "alias_first_name", "alias_family_name", "protected", "birth_date", "gender", "email",
)  # fmt: skip
TIE_FIELDS = ("relation", "custody", "access_level")


class Known(NamedTuple):
    """A current row: its id, and what to compare. A membership's is one byte: whether it is the main one."""

    id: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class RosterState:
    """The current rows of one source, by the keys that :mod:`idp.usecases.roster_plan` names."""

    groups: Mapping[tuple[str, ...], Known]
    records: Mapping[tuple[str, ...], Known]
    memberships: Mapping[tuple[str, ...], Known]
    ties: Mapping[tuple[str, ...], Known]
    cpr_index_of: Mapping[str, bytes]
    """LocalPersonId to the keyed index of the CPR number that it was delivered with."""

    def attachments(self) -> Counter[ActorGroup]:
        """Count the current attachments by kind."""
        return Counter(ActorGroup(key[0]) for key in self.records)


class FoundPerson(NamedTuple):
    """An account that a CPR number leads to."""

    id: int
    primary_institution_id: int | None


def state_of(session: Session, source_id: int) -> RosterState:
    """Read the current rows of a source: four statements, no entities."""
    groups = select(SchoolGroup.code, SchoolGroup.id, SchoolGroup.digest).where(
        SchoolGroup.source_id == source_id, SchoolGroup.valid_to.is_(None)
    )
    records = (
        select(
            Affiliation.actor_group, SchoolRecord.local_id, SchoolRecord.id, SchoolRecord.digest,
            Person.cpr_index, SchoolRecord.kind,
        )
        .join(Affiliation, (Affiliation.record_id == SchoolRecord.id) & Affiliation.valid_to.is_(None))
        .join(Person, Person.id == SchoolRecord.person_id)
        .where(SchoolRecord.source_id == source_id, SchoolRecord.valid_to.is_(None))
    )  # fmt: skip
    known: dict[tuple[str, ...], Known] = {}
    cpr_index_of: dict[str, bytes] = {}
    for actor_group, local_id, row_id, digest, cpr_index, kind in session.execute(records):
        known[str(actor_group), local_id] = Known(row_id, digest)
        if kind == "person" and cpr_index is not None:
            cpr_index_of[local_id] = cpr_index
    return RosterState(
        groups={(code,): Known(row_id, digest) for code, row_id, digest in session.execute(groups)},
        records=known,
        memberships=_memberships_of(session, source_id),
        ties=_ties_of(session, source_id),
        cpr_index_of=cpr_index_of,
    )


def _memberships_of(session: Session, source_id: int) -> dict[tuple[str, ...], Known]:
    query = (
        select(Affiliation.actor_group, SchoolRecord.local_id, SchoolGroup.code, Membership.id, Membership.main)
        .join(Affiliation, Affiliation.id == Membership.affiliation_id)
        .join(SchoolRecord, SchoolRecord.id == Affiliation.record_id)
        .join(SchoolGroup, SchoolGroup.id == Membership.group_id)
        .where(SchoolRecord.source_id == source_id, SchoolRecord.valid_to.is_(None))
        .where(Affiliation.valid_to.is_(None), Membership.valid_to.is_(None))
    )
    rows = session.execute(query)
    return {(str(actor), local, code): Known(row_id, bytes([main])) for actor, local, code, row_id, main in rows}


def _ties_of(session: Session, source_id: int) -> dict[tuple[str, ...], Known]:
    pupil, contact = SchoolRecord.__table__.alias("pupil"), SchoolRecord.__table__.alias("parent")
    of_pupil, of_contact = Affiliation.__table__.alias("of_pupil"), Affiliation.__table__.alias("of_parent")
    query = (
        select(pupil.c.local_id, contact.c.local_id, Contact.id, Contact.digest)
        .join(of_pupil, of_pupil.c.id == Contact.pupil_affiliation_id)
        .join(pupil, pupil.c.id == of_pupil.c.record_id)
        .join(of_contact, of_contact.c.id == Contact.contact_affiliation_id)
        .join(contact, contact.c.id == of_contact.c.record_id)
        .where(pupil.c.source_id == source_id, pupil.c.valid_to.is_(None))
        .where(of_pupil.c.valid_to.is_(None), Contact.valid_to.is_(None))
    )
    return {(mine, theirs): Known(row_id, digest) for mine, theirs, row_id, digest in session.execute(query)}


def group_bodies(session: Session, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return what groups say now, as plan bodies, by id."""
    columns = [getattr(SchoolGroup, name) for name in GROUP_FIELDS]
    return {
        row[0]: _body(GROUP_FIELDS, row[1:])
        for some in in_pieces(ids)
        for row in session.execute(select(SchoolGroup.id, *columns).where(SchoolGroup.id.in_(some)))
    }


def record_bodies(session: Session, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return what records and their attachments say now, as plan bodies, by the record's id."""
    columns = [getattr(SchoolRecord, name) for name in RECORD_FIELDS]
    query = select(
        SchoolRecord.id, *columns, Affiliation.level, Affiliation.roles, SchoolRecord.details
    ).join(Affiliation, (Affiliation.record_id == SchoolRecord.id) & Affiliation.valid_to.is_(None))  # fmt: skip
    fields = (*RECORD_FIELDS, "level")
    return {
        row[0]: {**_body(fields, row[1:-2]), "roles": row[-2], "details": row[-1]}
        for some in in_pieces(ids)
        for row in session.execute(query.where(SchoolRecord.id.in_(some)))
    }


def tie_bodies(session: Session, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return what ties between pupils and contacts say now, as plan bodies, by id."""
    columns = [getattr(Contact, name) for name in TIE_FIELDS]
    return {
        row[0]: _body(TIE_FIELDS, row[1:])
        for some in in_pieces(ids)
        for row in session.execute(select(Contact.id, *columns).where(Contact.id.in_(some)))
    }


def _body(fields: Iterable[str], values: Iterable[Any]) -> dict[str, Any]:
    body = {name: value for name, value in zip(fields, values, strict=True) if value is not None}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in body.items()}


def people_by_cpr_index(session: Session, indexes: Iterable[bytes]) -> dict[bytes, FoundPerson]:
    """Find accounts by the keyed index of the CPR number."""
    columns = select(Person.cpr_index, Person.id, Person.primary_institution_id)
    return {
        index: FoundPerson(person_id, primary)
        for some in in_pieces(indexes)
        for index, person_id, primary in session.execute(columns.where(Person.cpr_index.in_(some)))
        if index is not None
    }


def names_taken(session: Session, names: Iterable[str]) -> set[str]:
    """Return those of the usernames that somebody has or ever had."""
    return {
        name
        for some in in_pieces(names)
        for name in session.execute(select(Username.name).where(Username.name.in_(some))).scalars()
    }


def uniids_taken(session: Session, uniids: Iterable[str]) -> set[str]:
    """Return those of the user ids that somebody has."""
    return {
        uniid
        for some in in_pieces(uniids)
        for uniid in session.execute(select(Person.uniid).where(Person.uniid.in_(some))).scalars()
    }


def groups_by_code(session: Session, source_id: int) -> dict[str, int]:
    """Return the ids of a source's current groups by code."""
    query = select(SchoolGroup.code, SchoolGroup.id)
    rows = session.execute(query.where(SchoolGroup.source_id == source_id, SchoolGroup.valid_to.is_(None)))
    return {row.code: row.id for row in rows}


def affiliations_by_key(session: Session, source_id: int) -> dict[tuple[str, ...], int]:
    """Return the ids of a source's current attachments by (actor group, local id)."""
    query = (
        select(Affiliation.actor_group, SchoolRecord.local_id, Affiliation.id)
        .join(SchoolRecord, SchoolRecord.id == Affiliation.record_id)
        .where(SchoolRecord.source_id == source_id, SchoolRecord.valid_to.is_(None))
        .where(Affiliation.valid_to.is_(None))
    )
    return {(str(actor), local): row_id for actor, local, row_id in session.execute(query)}
