"""Identity providers of others that vouch for people: a municipality's own, or a strong identification of adults (decision 20).

Each vouches only for people who are attached now to an institution that it was registered for, and up to its cap. A disabled one is dead
at once: its sessions end, and logins under way are not believed.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum, unique
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from idp.audit import AuditEvent
from idp.store import upstreams as store
from idp.usecases.accounts import cpr_index
from idp.usecases.people import normalise_name
from idp.usecases.sessions import end_sessions_vouched_by
from policies.upstreams import GIVEN
from policies.vocabulary import Assurance, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from idp.store.base import AnyRow
    from idp.usecases.system import System

SHOWN: Final = 20
"""Institutions on one page of the choice."""
_CPR_DIGITS: Final = 10


@unique
class Subject(StrEnum):
    """What the other provider's name of a person is."""

    USER_ID = "user-id"
    """Our user id, ``uniid``."""
    USERNAME = "username"
    CPR = "cpr"


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """One provider, as registered."""

    id: int
    protocol: Protocol
    identifier: str
    name_da: str
    name_en: str
    subject: Subject
    attribute: str | None
    """The attribute or claim that names the person; None for the NameID or ``sub``."""
    levels: Mapping[str, Assurance]
    cap: Assurance
    registration: Mapping[str, Any]
    """What its protocol needs to know; ``address`` is where the browser is sent."""
    secret: str | None = field(repr=False)
    disabled: bool


@dataclass(frozen=True, kw_only=True)
class Offered:
    """An institution whose people may log in elsewhere."""

    upstream_id: int
    name_da: str
    name_en: str
    institution: str
    number: str
    address: str
    """Where the browser is sent."""


@dataclass(frozen=True, kw_only=True)
class VouchedPerson:
    """Whom an upstream means, and the attachments that it may vouch for."""

    person_id: int
    username: str
    affiliations: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class NewUpstream:
    """What an operator registers."""

    protocol: Protocol
    identifier: str
    name_da: str
    name_en: str
    subject: Subject
    attribute: str | None
    levels: Mapping[str, Assurance]
    cap: Assurance
    registration: Mapping[str, Any]
    secret: str | None = field(default=None, repr=False)
    metadata: str | None = None


def register(db: Session, system: System, new: NewUpstream, institution_ids: Sequence[int]) -> Upstream:
    """Register a provider for the people of these institutions. Raises ValueError that says what is wrong.

    One that is disabled is registered anew: what is told now takes the place of everything that was told before.
    """
    before = store.upstream_row(db, identifier=new.identifier)
    if before is not None and before.disabled_at is None:
        raise ValueError(f"{new.identifier} is registered already; disable it first, and register it anew.")
    if new.cap not in GIVEN or any(level not in GIVEN for level in new.levels.values()):
        raise ValueError("An upstream vouches for EnFaktor or ToFaktor; an adult's word is given here.")
    if not institution_ids:
        raise ValueError("An upstream vouches for the people of at least one institution.")
    upstream_id = store.write_upstream(
        db,
        before.id if before is not None else None,
        {
            "protocol": new.protocol,
            "identifier": new.identifier,
            "name_da": new.name_da,
            "name_en": new.name_en,
            "registration": {
                "subject": new.subject.value,
                "attribute": new.attribute,
                "levels": {said: level.value for said, level in new.levels.items()},
                **new.registration,
            },
            "metadata_xml": new.metadata,
            "secret_sealed": system.sealer.seal(new.secret.encode(), purpose=_purpose(new.identifier))
            if new.secret
            else None,
            "level_cap": new.cap,
            "registered_at": system.now(),
            "disabled_at": None,
            "disabled_why": None,
        },
    )
    store.end_institutions(db, upstream_id, system.now())
    store.add_institutions(db, upstream_id, institution_ids, system.now())
    system.record(db, AuditEvent.UPSTREAM_REGISTERED, facts={"upstream": new.identifier, "cap": new.cap.value})
    found = find(db, system, upstream_id)
    if found is None:
        raise AssertionError("it was written just now")
    return found


def find(db: Session, system: System, upstream_id: int) -> Upstream | None:
    """Return a provider by its id, disabled or not."""
    row = store.upstream_row(db, upstream_id=upstream_id)
    return _upstream(system, row) if row is not None else None


def find_named(db: Session, system: System, identifier: str) -> Upstream | None:
    """Return a provider by its entityID or issuer, disabled or not."""
    row = store.upstream_row(db, identifier=identifier)
    return _upstream(system, row) if row is not None else None


def listed(db: Session, system: System) -> tuple[tuple[Upstream, tuple[str, ...]], ...]:
    """Return every provider with the numbers of its institutions."""
    return tuple(
        (_upstream(system, row), tuple(one.number for one in store.institutions_of(db, row.id)))
        for row in store.upstream_rows(db)
    )


def disable(db: Session, system: System, identifier: str, why: str) -> int | None:
    """Believe a provider no more, end the sessions that it vouched for, and return how many; None when there is no such one."""
    row = store.upstream_row(db, identifier=identifier)
    if row is None:
        return None
    store.set_disabled(db, row.id, system.now(), why[:255])
    ended = end_sessions_vouched_by(db, system, row.id)
    system.record(db, AuditEvent.UPSTREAM_DISABLED, facts={"upstream": identifier, "sessions": ended})
    return ended


def enable(db: Session, system: System, identifier: str) -> bool:
    """Believe a provider again; False when there is no such one."""
    row = store.upstream_row(db, identifier=identifier)
    if row is None:
        return False
    store.set_disabled(db, row.id, None, None)
    system.record(db, AuditEvent.UPSTREAM_ENABLED, facts={"upstream": identifier})
    return True


def are_any(db: Session) -> bool:
    """Say whether anybody may log in elsewhere."""
    return store.are_any(db)


def offered(db: Session, words: str = "", *, upstream_id: int | None = None) -> tuple[Offered, ...]:
    """Return institutions whose people may log in elsewhere, by name; one more than :data:`SHOWN` when there are more.

    ``words`` must each be in the name or the number; they are compared here, as both databases fold only some letters.
    """
    wanted = _folded(words[:100]).split()
    rows = store.offered(db, at_most=None if wanted else SHOWN + 1, upstream_id=upstream_id)
    if wanted:
        found = (row for row in rows if all(word in _folded(f"{row.institution} {row.number}") for word in wanted))
        rows = list(islice(found, SHOWN + 1))
    return tuple(
        Offered(
            upstream_id=row.id,
            name_da=row.name_da,
            name_en=row.name_en,
            institution=row.institution,
            number=row.number,
            address=row.registration["address"],
        )
        for row in rows
    )


def vouched_person(db: Session, system: System, upstream: Upstream, name: str) -> VouchedPerson | None:
    """Return whom a provider means by a name, if it may vouch for them now; None for anybody else (decision 20)."""
    whom: dict[str, Any] = {}
    match upstream.subject:
        case Subject.USER_ID:
            whom["uniid"] = name.strip()
        case Subject.USERNAME:
            whom["username"] = normalise_name(name)
        case Subject.CPR:
            digits = name.strip().replace("-", "")
            if not (len(digits) == _CPR_DIGITS and digits.isascii() and digits.isdigit()):
                return None
            whom["cpr_index"] = cpr_index(system, digits)
    rows = store.attached_there(db, upstream.id, **whom) if next(iter(whom.values())) else ()
    if not rows or len({row.person_id for row in rows}) != 1:
        return None
    first = rows[0]
    return VouchedPerson(
        person_id=first.person_id,
        username=first.username,
        affiliations=tuple(dict.fromkeys(row.affiliation_id for row in rows)),
    )


def vouched_attachments(db: Session, upstream_ids: Collection[int], person_id: int) -> frozenset[int]:
    """Return the attachments that a login may act through which these providers vouched for; none once one is disabled."""
    return frozenset(store.vouched_for(db, sorted(upstream_ids), person_id))


def _upstream(system: System, row: AnyRow) -> Upstream:
    kept = row.registration
    sealed = row.secret_sealed
    return Upstream(
        id=row.id,
        protocol=Protocol(row.protocol),
        identifier=row.identifier,
        name_da=row.name_da,
        name_en=row.name_en,
        subject=Subject(kept["subject"]),
        attribute=kept["attribute"],
        levels={said: Assurance(level) for said, level in kept["levels"].items()},
        cap=Assurance(row.level_cap),
        registration=kept,
        secret=system.sealer.open(sealed, purpose=_purpose(row.identifier)).decode() if sealed else None,
        disabled=row.disabled_at is not None,
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _purpose(identifier: str) -> str:
    return f"upstream:{identifier}"
